import { startChore } from './chore.js';
import type { Keys } from './compose-keys.js';
import type { Route } from './http/route.js';
import { staticDocument } from './http/static-documents.js';
import type { Infrastructure } from './infrastructure.js';
import type { Running } from './running.js';
import {
  createNoteReader,
  createPublishStatusList,
  createRevocations,
  createSigner,
  createSystemTokenReader,
  JWK_SET_CACHE,
  jwkSet,
  type KeyMaterial,
  statusListRoutes,
  statusListUris,
} from './tokens/index.js';

/** Milliseconds: what ends anywhere is seen by every replica so soon. */
const LOOK_EVERY = 1000;

export interface StatusLists {
  routes: Route[];
  /** Begins to read what is revoked. */
  start(): Running;
}

/** Wires what sisters see of ended sessions. */
export async function composeStatusLists(
  { config, database, logger }: Infrastructure,
  material: Pick<KeyMaterial, 'statusList'>,
  { ring, noteConsumer }: Pick<Keys, 'ring' | 'noteConsumer'>,
): Promise<StatusLists> {
  const { issuer, statusListTtlS } = config.tokens;
  const signer = await createSigner(material.statusList);
  const revocations = createRevocations(database);
  const publish = createPublishStatusList({
    revocations,
    signer,
    issuer,
    ttlS: statusListTtlS,
    uriOf: statusListUris(issuer),
    revokedKids: ring.revokedKids,
    now: Date.now,
  });
  const keySet = jwkSet([signer]);
  return {
    routes: statusListRoutes({
      publish,
      revocations,
      keySet: { body: keySet, etag: staticDocument(keySet, JWK_SET_CACHE).etag },
      noteReader: createNoteReader({
        readSystemToken: createSystemTokenReader({
          issuer,
          typ: config.tokens.typ,
          findKey: ring.findPublished,
          now: Date.now,
        }),
        noteConsumer,
      }),
    }),
    start: () =>
      startChore(
        { every: LOOK_EVERY, work: revocations.refresh, complaint: 'what was revoked could not be read' },
        logger,
      ),
  };
}
