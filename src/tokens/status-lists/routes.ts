import { z } from 'zod';
import { Problem } from '../../errors/problem.js';
import { requestErrors } from '../../errors/request-errors.js';
import { BASE } from '../../http/base-path.js';
import { defineRoute, type Route } from '../../http/route.js';
import { JWK_SET_CACHE } from '../public-documents.js';
import type { NoteReader } from './note-reader.js';
import type { PublishStatusList } from './publish-status-list.js';
import type { Revocations } from './revocations.js';

export const STATUS_LISTS = `${BASE}/token-status-lists`;

/** Seconds. What changed has to be seen within five (contract §2), by way of a shared cache too. */
const CACHE = 'public, max-age=2, stale-if-error=86400';

/** `GET BASE/token-status-lists/{n}`: which sessions and credentials have ended, for verifiers that never call us. */
export function statusListRoutes(options: {
  publish: PublishStatusList;
  revocations: Pick<Revocations, 'loaded'>;
  noteReader: NoteReader;
  /** The lists' own key set. */
  keySet: { body: object; etag: string };
}): Route[] {
  const { publish, revocations, noteReader, keySet } = options;
  return [
    defineRoute({
      method: 'get',
      path: `${STATUS_LISTS}/keys`,
      summary: 'The keys that sign status lists (RFC 7517), and nothing else',
      tag: 'discovery',
      access: 'public',
      headers: ['X-Loaded-Kids'],
      responses: { 200: { description: 'The key set', schema: z.looseObject({}) } },
      async handle({ headers, visitor }) {
        await noteReader({ ...headers, visitor });
        const { body, etag } = keySet;
        return { status: 200, body, headers: { ETag: etag, 'Cache-Control': JWK_SET_CACHE } };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${STATUS_LISTS}/{n}`,
      summary: 'A Token Status List: which tokens of ours are over before their time',
      description:
        'A signed JWT (typ statuslist+jwt, one bit a place) by a key of `token-status-lists/keys`, never one of ' +
        '`/jw-certs`. `ttl` says how long it may be kept; `revoked_kids` names signing keys to be believed no more. A verifier may ' +
        'send its system token and `X-Loaded-Kids: <kid>,…`, so that no key turns unheard.',
      tag: 'discovery',
      access: 'public',
      headers: ['X-Loaded-Kids'],
      params: z.object({ n: z.string().regex(/^[1-9]\d{0,8}$/) }),
      responses: {
        200: { description: 'The list', schema: z.string(), contentType: 'application/statuslist+jwt' },
      },
      async handle({ params, headers, visitor }) {
        if (!revocations.loaded())
          throw new Problem(requestErrors.unavailable, { headers: { 'Retry-After': '2' } });
        const list = await publish(Number(params.n));
        if (!list) throw new Problem(requestErrors.not_found);
        await noteReader({ ...headers, visitor });
        return { status: 200, body: list.token, headers: { ETag: list.etag, 'Cache-Control': CACHE } };
      },
    }),
  ];
}
