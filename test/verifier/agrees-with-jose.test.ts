import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLocalJWKSet, jwtVerify } from 'jose';
import type { Verifier } from '../../verifier/src/index.js';
import { type Issuer, issuerKey, publicJwk, startIssuer } from '../stand-ins/issuer.js';
import { verifierOf } from '../support/verifier.js';

const ALGORITHMS = ['ES256', 'RS256'] as const;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. \n\u00e9';

let issuer: Issuer;
let verifier: Verifier;
beforeAll(async () => {
  issuer = await startIssuer();
  issuer.keys = ALGORITHMS.map((alg) => issuerKey(alg, alg));
  verifier = await verifierOf(issuer, { algorithms: ALGORITHMS });
});
afterAll(async () => {
  verifier.close();
  await issuer.close();
});

/** jose by itself, told the same. */
async function byJose(token: string): Promise<unknown> {
  const keys = createLocalJWKSet({ keys: issuer.keys.map(publicJwk) } as never);
  const { payload } = await jwtVerify(token, keys, {
    algorithms: [...ALGORITHMS],
    typ: 'at+jwt',
    issuer: issuer.url,
    audience: 'nx',
    currentDate: new Date(issuer.clock()),
    clockTolerance: 5,
  });
  return payload;
}
const orRefused = (claims: Promise<unknown>) => claims.catch(() => 'refused');

/** Numbers that look random and are the same in every run (Park and Miller). */
function* numbers(): Generator<number> {
  for (let state = 20261121; ; yield state) state = (state * 48271) % 2147483647;
}

test.each(ALGORITHMS)(
  'of 500 tokens with one character changed, cut or added, jose takes every one that the kit takes: %s (T2)',
  async (alg) => {
    const key = issuer.keys.find((one) => one.alg === alg) as never;
    const good = await issuer.token({}, { key });
    expect([await verifier.verify(good), await byJose(good)]).toEqual([issuer.claims(), issuer.claims()]);
    const random = numbers();
    const below = (limit: number) => (random.next().value as number) % limit;
    const disagreements: string[] = [];
    for (let round = 0; round < 500; round += 1) {
      // Half of them in the signature, the one part that is not signed as it is spelled.
      const from = round % 2 === 0 ? 0 : good.lastIndexOf('.');
      const at = from + below(good.length - from + 1);
      const character = ALPHABET[below(ALPHABET.length)] ?? '';
      const bent = `${good.slice(0, at)}${['', character][below(2)]}${good.slice(at + below(2))}`;
      const byKit = await orRefused(verifier.verify(bent));
      if (byKit === 'refused') continue;
      const other = await orRefused(byJose(bent));
      if (JSON.stringify(other) !== JSON.stringify(byKit)) disagreements.push(bent);
    }
    expect(disagreements).toEqual([]);
  },
);

test('signatures of wrong lengths, in DER, of zeros, or beyond the order of the curve are refused by both (T2)', async () => {
  const good = await issuer.token();
  const dot = good.lastIndexOf('.') + 1;
  const right = Buffer.from(good.slice(dot), 'base64url');
  const der = Buffer.concat([
    Buffer.from([0x30, 68, 2, 32]),
    right.subarray(0, 32),
    Buffer.from([2, 32]),
    right.subarray(32),
  ]);
  const ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
  const order = Buffer.from(ORDER, 'hex');
  for (const signature of [
    Buffer.alloc(0),
    Buffer.alloc(64),
    right.subarray(0, 63),
    Buffer.concat([right, Buffer.alloc(1)]),
    der,
    Buffer.concat([order, right.subarray(32)]),
    Buffer.concat([right.subarray(0, 32), order]),
  ]) {
    const bent = good.slice(0, dot) + signature.toString('base64url');
    expect([await orRefused(verifier.verify(bent)), await orRefused(byJose(bent))]).toEqual([
      'refused',
      'refused',
    ]);
  }
});
