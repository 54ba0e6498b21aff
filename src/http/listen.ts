import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import { LONGEST_BODY_MS, watchBody } from './body-deadline.js';
import { problemDocument } from './problem-document.js';
import { requestIdFrom } from './request-id.js';

/** Slow clients are cut off: milliseconds for the headers, for the longest request, and for an idle connection. */
const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: LONGEST_BODY_MS, keepAliveTimeout: 65_000 };
const MAX_HEADER_SIZE = 16 * 1024;
/** Milliseconds that requests in flight have; whoever stops the process has to leave it longer. */
export const DRAIN_MS = 10_000;

export interface Listener {
  port: number;
  /** Stops accepting, lets requests in flight finish (10 s at most), then closes what is left. */
  close(): Promise<void>;
}

/** @throws the system's error when the port can't be had */
export async function listen(options: {
  host: string;
  port: number;
  /** Bytes; more is 431 before anything is looked at. */
  maxHeaderSize?: number;
  handle(request: IncomingMessage, response: ServerResponse): void;
}): Promise<Listener> {
  const { maxHeaderSize = MAX_HEADER_SIZE } = options;
  const server = createServer({ ...TIMEOUTS, maxHeaderSize }, (request, response) => {
    watchBody(request);
    options.handle(request, response);
  });
  server.on('clientError', refuseUnparsable);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => drain(server) };
}

function drain(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** What never became a request: answered in the same shape as everything else, then closed. */
function refuseUnparsable(error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const kind = kindOf(error);
  const requestId = requestIdFrom(undefined);
  const body = JSON.stringify(problemDocument(new Problem(kind), requestId));
  socket.end(
    `HTTP/1.1 ${kind.status} ${kind.title}\r\nContent-Type: application/problem+json\r\n` +
      `X-Request-Id: ${requestId}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function kindOf(error: NodeJS.ErrnoException & { rawPacket?: Buffer }) {
  if (error.code !== 'HPE_HEADER_OVERFLOW') return requestErrors.malformed;
  const requestLine = error.rawPacket?.indexOf('\r\n') ?? -1;
  const inRequestLine = requestLine < 0 || requestLine >= MAX_HEADER_SIZE;
  return inRequestLine ? requestErrors.uri_too_long : requestErrors.headers_too_large;
}
