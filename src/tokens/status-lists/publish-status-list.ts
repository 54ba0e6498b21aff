import { createHash } from 'node:crypto';
import { createHeaderAndPayload, StatusList } from '@sd-jwt/jwt-status-list';
import { signJwt } from '../sign-jwt.js';
import type { Signer } from '../signer.js';
import type { RevocationList, Revocations } from './revocations.js';
import type { StatusListUri } from './status-claim.js';

/** Sisters go on with what they have while we are away, for a day at most; how fresh they want it is their own bound. */
const LIFE_S = 86_400;

export interface PublishedStatusList {
  token: string;
  etag: string;
}

/** Undefined for a list that does not exist. */
export type PublishStatusList = (id: number) => Promise<PublishedStatusList | undefined>;

interface Kept extends PublishedStatusList {
  revision: number;
  revokedKids: string;
  signedAt: number;
}

/**
 * Status list tokens (draft-ietf-oauth-status-list §5.1): `{ iss sub iat exp ttl status_list revoked_kids }`, typ
 * `statuslist+jwt`, by a key of their own. A list is signed when somebody asks for it and something changed, or when
 * what was signed is older than `ttlS`; whoever asks meanwhile gets the same.
 * @param uriOf what the tokens name as the list's address
 * @param revokedKids signing keys that must not be believed any more, whatever `/jw-certs` said (T12)
 * @param now milliseconds since 1970
 */
export function createPublishStatusList(options: {
  revocations: Pick<Revocations, 'list'>;
  signer: Signer;
  issuer: string;
  ttlS: number;
  uriOf: StatusListUri;
  revokedKids: () => readonly string[];
  now: () => number;
}): PublishStatusList {
  const { revocations, signer, issuer, ttlS, uriOf, revokedKids, now } = options;
  const kept = new Map<number, Kept>();
  const flights = new Map<number, Promise<Kept>>();

  async function sign(list: RevocationList, kids: readonly string[]): Promise<Kept> {
    const signedAt = now();
    const iat = Math.floor(signedAt / 1000);
    const { revision } = list;
    const { payload } = createHeaderAndPayload(
      toStatusList(list),
      { iss: issuer, sub: uriOf(list.id), iat, exp: iat + LIFE_S, ttl: ttlS, revoked_kids: [...kids] },
      { alg: signer.alg, typ: 'statuslist+jwt' },
    );
    const token = await signJwt(signer, 'statuslist+jwt', payload as Record<string, unknown>);
    const etag = `"${createHash('sha256').update(token).digest('base64url')}"`;
    const signed = { token, etag, revision, revokedKids: kids.join(), signedAt };
    kept.set(list.id, signed);
    return signed;
  }

  return async (id) => {
    const list = revocations.list(id);
    if (!list) {
      kept.delete(id);
      return undefined;
    }
    const kids = revokedKids();
    const last = kept.get(id);
    const isCurrent = last?.revision === list.revision && last.revokedKids === kids.join();
    if (isCurrent && now() - last.signedAt < ttlS * 1000) return last;
    const flight = flights.get(id) ?? sign(list, kids).finally(() => flights.delete(id));
    flights.set(id, flight);
    return flight;
  };
}

function toStatusList({ bits, size }: RevocationList): StatusList {
  const statuses = Array.from({ length: size }, (_, idx) => ((bits[idx >> 3] ?? 0) >> (idx & 7)) & 1);
  return new StatusList(statuses, 1);
}
