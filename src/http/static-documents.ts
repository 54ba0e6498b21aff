import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { hasEntityTag } from './entity-tag.js';
import { requestIdFrom } from './request-id.js';

/** A public document kept whole in memory, such as the JWK Set. */
export interface StaticDocument {
  body: Buffer;
  etag: string;
  contentType: string;
  cacheControl: string;
}

export function staticDocument(
  value: unknown,
  cacheControl: string,
  contentType = 'application/json',
): StaticDocument {
  const body = Buffer.from(JSON.stringify(value));
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  return { body, etag, contentType, cacheControl };
}

export interface ServedDocument {
  /** Read at each request: what it answers may be replaced while the process runs. Undefined: not known yet. */
  read(): StaticDocument | undefined;
  count(): void;
}

/**
 * Answers GET and HEAD for documents by exact path, before any framework (speed.md: `/jw-certs` at the speed
 * of bare node:http). Returns false when the path is not one of them.
 */
export function createDocumentServer(documents: ReadonlyMap<string, ServedDocument>) {
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const url = request.url ?? '';
    const question = url.indexOf('?');
    const served = documents.get(question < 0 ? url : url.slice(0, question));
    if (!served) return false;
    const document = served.read();
    served.count();
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD', 'Content-Length': 0 }).end();
      return true;
    }
    if (!document) {
      response.writeHead(503, { 'Retry-After': '2', 'Content-Length': 0 }).end();
      return true;
    }
    const headers = {
      'Content-Type': document.contentType,
      'Cache-Control': document.cacheControl,
      ETag: document.etag,
      'X-Content-Type-Options': 'nosniff',
      'X-Request-Id': requestIdFrom(request.headers['x-request-id']),
    };
    if (hasEntityTag(request.headers['if-none-match'], document.etag)) {
      response.writeHead(304, headers).end();
    } else {
      response.writeHead(200, { ...headers, 'Content-Length': document.body.length });
      response.end(request.method === 'HEAD' ? undefined : document.body);
    }
    return true;
  };
}
