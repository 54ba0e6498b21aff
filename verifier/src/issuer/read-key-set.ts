import { createPublicKey, type KeyObject, type VerifyKeyObjectInput } from 'node:crypto';

/** Algorithms that keys may have: the first two for access tokens, all for status lists. */
export type Algorithm = 'ES256' | 'RS256' | 'EdDSA';

/** A public key of the issuer, with the encoding of its signatures. `jwk` tells whether it is still the same key. */
export interface VerificationKey {
  readonly kid: string;
  readonly alg: Algorithm;
  readonly key: KeyObject;
  readonly input: VerifyKeyObjectInput;
  readonly jwk: string;
}

/** Also what may stand in a header line (`X-Loaded-Kids`). */
const KID = /^[\w.~-]{1,128}$/;
const MAX_KEYS = 100;
const MIN_RSA_BITS = 2048;

interface Jwk {
  kid?: unknown;
  kty?: unknown;
  crv?: unknown;
  alg?: unknown;
  use?: unknown;
}

/**
 * The keys of a JWK Set (RFC 7517 §5) that may verify by these algorithms; others are passed over, as the RFC says.
 * @throws Error when it is no JWK Set or holds no such key: then it is not the issuer's word
 */
export function readKeySet(text: string, algorithms: readonly Algorithm[]): Map<string, VerificationKey> {
  const { keys } = JSON.parse(text) as { keys?: unknown };
  if (!Array.isArray(keys) || keys.length > MAX_KEYS) throw new Error('no JWK Set');
  const found = keys
    .map((jwk: Jwk | null) => readKey(jwk ?? {}, algorithms))
    .filter((key): key is VerificationKey => key !== undefined);
  if (found.length === 0) throw new Error(`a JWK Set without any key for ${algorithms.join(', ')}`);
  return new Map(found.map((key) => [key.kid, key]));
}

function readKey(jwk: Jwk, algorithms: readonly Algorithm[]): VerificationKey | undefined {
  const alg = algorithmOf(jwk);
  if (!alg || !algorithms.includes(alg) || typeof jwk.kid !== 'string' || !KID.test(jwk.kid))
    return undefined;
  if (jwk.use !== undefined && jwk.use !== 'sig') return undefined;
  try {
    const key = createPublicKey({ key: jwk as never, format: 'jwk' });
    if (alg === 'RS256' && (key.asymmetricKeyDetails?.modulusLength ?? 0) < MIN_RSA_BITS) return undefined;
    const input = { key, dsaEncoding: 'ieee-p1363' as const };
    return { kid: jwk.kid, alg, key, input, jwk: JSON.stringify(key.export({ format: 'jwk' })) };
  } catch {
    return undefined; // no point of the curve, a member missing
  }
}

/** By the key's own kind, so that a wrong `alg` beside it can't make it another's (RFC 8725 §3.1). */
function algorithmOf({ kty, crv, alg }: Jwk): Algorithm | undefined {
  const own =
    kty === 'EC' && crv === 'P-256' ? 'ES256' : kty === 'OKP' && crv === 'Ed25519' ? 'EdDSA' : undefined;
  const kind = own ?? (kty === 'RSA' ? 'RS256' : undefined);
  // RFC 9864 names the Ed25519 case of EdDSA anew.
  const said = alg === 'Ed25519' ? 'EdDSA' : alg;
  return said === undefined || said === kind ? kind : undefined;
}
