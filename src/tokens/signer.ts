import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';

/** Signs with one key. Asynchronous, so that a key may live in a KMS (D13). */
export interface Signer {
  kid: string;
  alg: 'ES256' | 'RS256' | 'EdDSA';
  /** The public half with `kid`, `alg`, `use` (RFC 7517); holds no private member. */
  publicJwk: JWK;
  publicKey: KeyObject;
  /** The JWS signature: R‖S for ES256 (RFC 7518 §3.4). */
  sign(data: Buffer): Promise<Buffer>;
}

const ALGORITHMS = { ec: 'ES256', rsa: 'RS256', ed25519: 'EdDSA' } as const;

/** A signer for an EC P-256 (ES256), RSA (RS256) or Ed25519 (EdDSA, deterministic) key; `kid` is the RFC 7638 thumbprint. */
export async function createSigner(privateKey: KeyObject): Promise<Signer> {
  const publicKey = createPublicKey(privateKey);
  const bare = publicKey.export({ format: 'jwk' }) as JWK;
  const alg = ALGORITHMS[privateKey.asymmetricKeyType as keyof typeof ALGORITHMS];
  const kid = await calculateJwkThumbprint(bare, 'sha256');
  const digest = alg === 'EdDSA' ? null : 'sha256';
  return {
    kid,
    alg,
    publicJwk: { ...bare, kid, alg, use: 'sig' },
    publicKey,
    sign: async (data) => sign(digest, data, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  };
}
