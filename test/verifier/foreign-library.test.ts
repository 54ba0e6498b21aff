import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEMO_MERCHANTS, DEMO_ORGANIZER, DEMO_PEOPLE } from '../../embedded/demo-data.js';
import { signIn } from '../support/call.js';
import { startService, type TestService } from '../support/service.js';

const run = promisify(execFile);
const project = resolve('test/verifier/nimbus');
const [, owner] = DEMO_PEOPLE;

let service: TestService;
beforeAll(async () => {
  service = await startService();
  await run('mvn', ['-B', '-q', 'package'], { cwd: project });
}, 180_000);
afterAll(() => service.stop());

/** Nimbus JOSE + JWT, the library that Spring Security stands on, configured as its documentation says. */
async function verifyInJava(token: string): Promise<Record<string, unknown>> {
  const { issuer, audience } = service.infrastructure.config.tokens;
  const jar = join(project, 'target', 'nimbus-verifier.jar');
  const { stdout } = await run('java', ['-jar', jar, `${service.url}/jw-certs`, issuer, audience, token]);
  return JSON.parse(stdout);
}

describe('a sister service in Java, by another library and /jw-certs alone', () => {
  test('takes an access token and reads who it is for (T1, T2)', async () => {
    const { accessToken } = (await signIn(service, owner)).body;
    expect(await verifyInJava(accessToken)).toMatchObject({
      userId: owner.id,
      organizers: [DEMO_ORGANIZER.id],
      merchants: DEMO_MERCHANTS.map(({ id }) => id),
      roles: [{ identifier: '500_owner' }, { identifier: '010_user' }],
    });
  });

  test('refuses the refresh token: no published key signed it (D1)', async () => {
    const { refreshToken } = (await signIn(service, owner)).body;
    await expect(verifyInJava(refreshToken)).rejects.toThrow(/BadJOSEException|BadJWSException/);
  });

  test('refuses a token whose payload was changed (T2)', async () => {
    const { accessToken } = (await signIn(service, owner)).body;
    const [header, payload, signature] = accessToken.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const bent = Buffer.from(JSON.stringify({ ...claims, userId: '1' })).toString('base64url');
    await expect(verifyInJava(`${header}.${bent}.${signature}`)).rejects.toThrow(/Invalid signature/);
  });
});
