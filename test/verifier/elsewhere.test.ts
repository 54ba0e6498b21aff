import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt, UnsecuredJWT } from 'jose';
import { DEMO_MERCHANTS, DEMO_PEOPLE } from '../../embedded/demo-data.js';
import { signJwt } from '../../src/tokens/sign-jwt.js';
import { createSigner } from '../../src/tokens/signer.js';
import { testParts } from '../parts.js';
import { signIn } from '../support/call.js';
import { isThere, LANGUAGES, type Sister } from '../support/elsewhere.js';
import { startService, type TestService } from '../support/service.js';

const [, owner] = DEMO_PEOPLE;
const BUILD_MS = 600_000;

let service: TestService;
let identity: string[];
let good: string;
let bad: Record<string, string>;
beforeAll(async () => {
  service = await startService();
  const { issuer, audience } = service.infrastructure.config.tokens;
  identity = [`${service.url}/jw-certs`, issuer, audience];
  const { accessToken, refreshToken } = (await signIn(service, owner)).body;
  good = accessToken;
  bad = { 'the refresh token': refreshToken, ...(await bent(accessToken)) };
});
afterAll(() => service.stop());

/** Most of them signed by the very key that `/jw-certs` lists: what a verifier checks beside the signature counts. */
async function bent(token: string): Promise<Record<string, string>> {
  const signer = await createSigner(
    createPrivateKey(readFileSync(join(testParts().keysDir, 'access-token.pem'))),
  );
  const claims = decodeJwt(token);
  const { iat = 0 } = claims;
  const [header, , signature] = token.split('.');
  const other = Buffer.from(JSON.stringify({ ...claims, userId: '1' })).toString('base64url');
  return {
    'a changed payload': `${header}.${other}.${signature}`,
    'no signature': new UnsecuredJWT(claims).encode(),
    'a token past its end': await signJwt(signer, 'at+jwt', {
      ...claims,
      iat: iat - 900,
      nbf: iat - 900,
      exp: iat - 60,
    }),
    'another issuer': await signJwt(signer, 'at+jwt', { ...claims, iss: 'https://elsewhere.example' }),
    'another audience': await signJwt(signer, 'at+jwt', { ...claims, aud: 'sale' }),
    'another typ': await signJwt(signer, 'rt+jwt', claims),
    'another kind': await signJwt(signer, 'at+jwt', { ...claims, token_type: 'account' }),
    'an unknown kid': await signJwt({ ...signer, kid: 'unknown' }, 'at+jwt', claims),
  };
}

for (const language of LANGUAGES) {
  // As with Chromium: who lacks the language is not kept from the rest.
  const here = isThere(language.tool) ? describe : describe.skip;
  here(`a sister in ${language.name}, by /jw-certs alone`, () => {
    let sister: Sister;
    beforeAll(async () => {
      await language.build();
      sister = await language.start(identity);
    }, BUILD_MS);
    afterAll(() => sister?.stop());

    test('takes an access token, and refuses what is none for it (T1, T2, D1)', async () => {
      expect(await sister.verdict(good)).toMatchObject({
        userId: owner.id,
        token_type: 'platform',
        merchants: DEMO_MERCHANTS.map(({ id }) => id),
        roles: [{ identifier: '500_owner' }, { identifier: '010_user' }],
      });
      for (const [what, token] of Object.entries(bad))
        expect([what, await sister.verdict(token)]).toEqual([what, 'refused']);
    });
  });
}
