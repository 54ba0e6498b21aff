import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';

/** Bytes: no provider's answer is longer, and a hostile one costs no memory. */
const ANSWER_AT_MOST = 64 * 1024;

export type PostResult =
  | { kind: 'answer'; status: number; json: unknown }
  /** `unreachable`: it ended before anything was sent; `unclear`: after. `errorClass` is from a fixed set. */
  | { kind: 'unreachable' | 'unclear'; errorClass: string };

/**
 * Posts JSON on a connection of its own, so that it is known whether anything was sent. Follows no redirect, reads
 * a bounded answer, never rejects, and tells nothing of the bodies, which hold secrets.
 */
export function postJson(options: {
  url: string;
  body: unknown;
  signal: AbortSignal;
  lookup?: LookupFunction | undefined;
}): Promise<PostResult> {
  const { url, signal, lookup } = options;
  const body = Buffer.from(JSON.stringify(options.body));
  const isHttps = new URL(url).protocol === 'https:';
  return new Promise((resolve) => {
    let connected = false;
    const fail = (errorClass: string) =>
      resolve({
        kind: connected ? 'unclear' : 'unreachable',
        errorClass: connected ? errorClass : 'unreachable',
      });
    const sent = (isHttps ? requestHttps : requestHttp)(url, {
      method: 'POST',
      agent: false,
      signal,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'content-length': body.length,
        accept: 'application/json',
      },
      ...(lookup ? { lookup } : {}),
    });
    sent.on('socket', (socket) =>
      socket.once(isHttps ? 'secureConnect' : 'connect', () => {
        connected = true;
      }),
    );
    sent.on('error', () => fail(signal.aborted ? 'timeout' : 'connection-lost'));
    sent.on('response', (response) => {
      readBounded(response).then(
        (text) => resolve({ kind: 'answer', status: response.statusCode ?? 0, json: parse(text) }),
        (error: Error) => {
          sent.destroy();
          fail(signal.aborted ? 'timeout' : error.message === TOO_LONG ? TOO_LONG : 'connection-lost');
        },
      );
    });
    sent.end(body);
  });
}

const TOO_LONG = 'answer-too-long';

async function readBounded(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    length += (chunk as Buffer).length;
    if (length > ANSWER_AT_MOST) throw new Error(TOO_LONG);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Undefined for what is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
