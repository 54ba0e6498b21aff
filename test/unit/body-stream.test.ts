import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from '@jest/globals';
import express, { type ErrorRequestHandler } from 'express';
import { Problem } from '../../src/errors/problem.js';
import { bodyStream } from '../../src/http/body-stream.js';

let server: Server;
afterEach(() => new Promise((done) => server.close(done)));

/** Answers the length of what it read, or the refusal's code. */
async function listen(limit: number): Promise<string> {
  const app = express();
  app.post('/', bodyStream({ contentType: 'text/csv', limit }), async (_request, response) => {
    response.send(String((await text(response.locals.stream)).length));
  });
  const refuse: ErrorRequestHandler = (error, _request, response, _next) => {
    if (!(error instanceof Problem)) throw error;
    response.status(error.kind.status).send(error.kind.code);
  };
  app.use(refuse);
  server = createServer(app).listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const send = async (url: string, body: string | ReadableStream) => {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'text/csv', connection: 'close' },
    body,
    duplex: 'half',
  } as RequestInit);
  return [answer.status, await answer.text()];
};
const inPieces = (pieces: number) => {
  let left = pieces;
  return new ReadableStream({
    pull(controller) {
      if (left-- > 0) controller.enqueue(Buffer.alloc(1000, 'x'));
      else controller.close();
    },
  });
};

test('a body is handed over up to its limit, and past it is 413, announced or not (hostile input)', async () => {
  const url = await listen(10_000);
  expect(await send(url, 'x'.repeat(10_000))).toEqual([200, '10000']);
  expect(await send(url, inPieces(10))).toEqual([200, '10000']);
  expect(await send(url, 'x'.repeat(10_001))).toEqual([413, 'request.too_large']);
  expect(await send(url, inPieces(500))).toEqual([413, 'request.too_large']);
});
