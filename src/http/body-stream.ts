import type { IncomingMessage } from 'node:http';
import { Readable, Transform } from 'node:stream';
import type { RequestHandler } from 'express';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import { allowLongBody } from './body-deadline.js';

/** What a route without `bodyStream` is handed. */
export const noStream = Readable.from([]);

/** Hands the body over unread in `response.locals.stream`; one that is too large fails there, however it was announced. */
export function bodyStream({ contentType, limit }: { contentType: string; limit: number }): RequestHandler {
  return (request, response, next) => {
    if (!request.is(contentType) || (request.get('content-encoding') ?? 'identity') !== 'identity') {
      throw new Problem(requestErrors.unsupported_media_type, { detail: `Send ${contentType}` });
    }
    if (Number(request.get('content-length') ?? 0) > limit) throw new Problem(requestErrors.too_large);
    allowLongBody(request);
    const stream = limited(request, limit);
    // A client reads no refusal before it has sent everything: what is left goes nowhere.
    response.once('finish', () => request.unpipe(stream).resume());
    response.locals.stream = stream;
    next();
  };
}

function limited(request: IncomingMessage, limit: number): Transform {
  let bytes = 0;
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > limit) done(new Problem(requestErrors.too_large));
      else done(null, chunk);
    },
  });
  request.pipe(counting);
  request.once('aborted', () => counting.destroy(new Error('the request was broken off')));
  return counting;
}
