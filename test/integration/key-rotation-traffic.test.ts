import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { serviceEnvironment } from '../../embedded/service-environment.js';
import { toHeldKey } from '../../src/tokens/index.js';
import { readAccessKeyFile } from '../../src/tokens/key-files.js';
import { signJwt } from '../../src/tokens/sign-jwt.js';
import { createVerifier, type VerifierOptions } from '../../verifier/src/index.js';
import { testParts } from '../parts.js';
import { BASE, bearer, call, post, signIn } from '../support/call.js';
import { isThere, LANGUAGES, type Sister } from '../support/elsewhere.js';
import { accessKeyFiles, createKeyWorld, type KeyWorld, keysCommand } from '../support/keys.js';
import { createPerson } from '../support/people.js';
import { type ServiceProcess, spawnService } from '../support/process.js';
import { until } from '../support/until.js';

/** Seconds: longer than any of the verifiers below waits before it asks again for an unknown key. */
const LEAD_S = 35;
const SESSIONS = 6;
/** Two cold verifiers ask for keys, two replicas are shown the token, one refreshes it. */
const REQUESTS_PER_TURN = 5;
const BUILD_MS = 600_000;
const AUDIENCE = 'nx';

let world: KeyWorld;
const processes: ServiceProcess[] = [];
const sisters: Sister[] = [];
const urls: string[] = [];
beforeAll(async () => {
  world = await createKeyWorld();
  for (const process of [startReplica(), startReplica()]) {
    processes.push(process);
    await process.says('"listening"');
    const line =
      process
        .output()
        .split('\n')
        .find((each) => each.includes('"listening"')) ?? '{}';
    urls.push(`http://127.0.0.1:${JSON.parse(line).port}`);
  }
  for (const url of urls)
    await until('a replica is not ready', async () => (await call(`${url}${BASE}/readyz`)).status === 200);
  for (const language of LANGUAGES.filter(({ tool }) => isThere(tool))) {
    await language.build();
    sisters.push(await language.start([`${url(0)}/jw-certs`, issuer(), AUDIENCE]));
  }
}, BUILD_MS);
afterAll(async () => {
  for (const sister of sisters) await sister.stop();
  for (const process of processes) {
    process.kill('SIGTERM');
    await process.exit;
  }
  await world.drop();
});

const issuer = () => serviceEnvironment(testParts(), 'server').IDENTITY_JWT_ISSUER as string;
/** The kit as a sister has it, or one that has just started. */
const kitAt = (at: string, extra: Partial<VerifierOptions> = {}) =>
  createVerifier({ jwksUri: `${at}/jw-certs`, issuer: issuer(), audience: AUDIENCE, ...extra });

const startReplica = () =>
  spawnService({
    ...serviceEnvironment(testParts(), 'server'),
    ...world.environment,
    IDENTITY_PORT: '0',
    IDENTITY_METRICS_PORT: '0',
    IDENTITY_INTERNAL_PORT: '0',
    IDENTITY_KEYCLOAK_TIMEOUT_MS: '20000',
    IDENTITY_LIMIT_SIGN_IN_PER_ADDRESS: '100000',
    IDENTITY_KEY_LEAD_S: String(LEAD_S),
    IDENTITY_LIMIT_REFRESH_PER_SESSION: '100000',
    IDENTITY_LIMIT_REFRESH_PER_ADDRESS: '100000',
  });
const url = (n: number) => urls[n % urls.length] ?? '';

test('a rotation in traffic over two replicas fails no verification, and an old token goes on verifying (T5, faults)', async () => {
  const [warm, warmAtTheOther] = urls.map((at) => createRemoteJWKSet(new URL(`${at}/jw-certs`)));
  const warmKit = kitAt(url(1));
  const signedBy = new Map<string, number>();
  let going = true;
  let turns = 0;
  const began = performance.now();

  async function verifyEverywhere(token: string, n: number): Promise<void> {
    const cold = createRemoteJWKSet(new URL(`${url(n)}/jw-certs`));
    for (const set of [warm, warmAtTheOther, cold]) await jwtVerify(token, set as JWTVerifyGetKey);
    const coldKit = kitAt(url(n), { refreshS: false });
    for (const kit of [warmKit, coldKit]) await kit.verify(token);
    for (const sister of sisters) expect(await sister.verdict(token)).not.toBe('refused');
    for (const at of urls)
      expect((await call(`${at}${BASE}/auth/who-am-i`, { headers: bearer(token) })).status).toBe(200);
  }

  async function useSession(n: number): Promise<string> {
    const opened = await signIn({ url: url(n) }, await createPerson());
    expect(opened.status).toBe(200);
    let { accessToken, refreshToken } = opened.body;
    const first: string = accessToken;
    for (let turn = n; going; turn += 1) {
      const { kid = '' } = decodeProtectedHeader(accessToken);
      signedBy.set(kid, (signedBy.get(kid) ?? 0) + 1);
      await verifyEverywhere(accessToken, turn);
      const answer = await post(`${url(turn)}${BASE}/auth/refresh`, { refreshToken });
      expect(answer.status).toBe(200);
      turns += 1;
      ({ accessToken, refreshToken } = answer.body);
    }
    return first;
  }

  const traffic = Promise.all(Array.from({ length: SESSIONS }, (_, n) => useSession(n)));
  await Promise.race([until('nobody signs', async () => signedBy.size === 1), traffic]);
  const before = (await world.keyOf('current'))?.kid;
  expect((await keysCommand(world, ['rotate'])).code).toBe(0);
  const after = (await world.keyOf('next'))?.kid ?? '';
  expect(after).not.toBe(before);
  await Promise.race([
    until('the next key does not sign', async () => (signedBy.get(after) ?? 0) > 20, 120_000),
    traffic,
  ]);
  going = false;
  const firstTokens = await traffic;
  const rate = (turns * REQUESTS_PER_TURN * 1000) / (performance.now() - began);
  process.stdout.write(`rotation under traffic: ${rate.toFixed(0)} requests a second\n`);
  expect(decodeProtectedHeader(firstTokens[0] ?? '').kid).toBe(before);
  for (const token of firstTokens) await verifyEverywhere(token, 0);
  expect([...signedBy.keys()]).toEqual([before, after]);
  warmKit.close();
  for (const at of urls) {
    const { keys } = (await call(`${at}/jw-certs`)).body;
    expect(keys.map(({ kid }: { kid: string }) => kid)).toEqual([after, before]);
  }
});

test('a token forged with a leaked key is refused by the kit once the key was retired, and sessions end (T12)', async () => {
  const { accessToken } = (await signIn({ url: url(0) }, await createPerson())).body;
  const leaked = decodeProtectedHeader(accessToken).kid as string;
  const kit = kitAt(url(0), {
    refreshS: 1,
    statusList: {
      base: `${issuer()}${BASE}/token-status-lists`,
      fetchBase: `${url(0)}${BASE}/token-status-lists`,
    },
  });
  const key = await toHeldKey(readAccessKeyFile(world.keysDir, fileOf(leaked)));
  const forge = () =>
    signJwt(key, 'at+jwt', { ...decodeJwt(accessToken), userId: '1', sub: '1', jti: randomUUID() });
  const isRefused = (token: string) =>
    kit.verify(token).then(
      () => false,
      () => true,
    );
  const forged = await forge();
  expect((await kit.verify(forged)).userId).toBe('1');
  expect((await keysCommand(world, ['retire', leaked, '--now'])).code).toBe(0);
  await until('the forged token is taken', () => isRefused(forged));
  expect(await isRefused(await forge())).toBe(true);
  for (const at of urls)
    expect((await call(`${at}${BASE}/auth/who-am-i`, { headers: bearer(accessToken) })).status).toBe(401);
  kit.close();
});

test('with the issuer down, sisters go on with what they have (T10, R7)', async () => {
  const { accessToken } = (await signIn({ url: url(0) }, await createPerson())).body;
  const kit = kitAt(url(0), { refreshS: false });
  await kit.verify(accessToken);
  // The key that came in the drill was not announced: each asks for it when it may ask again.
  for (const sister of sisters)
    await until('it never asked again', async () => (await sister.verdict(accessToken)) !== 'refused');
  for (const process of processes) {
    process.kill('SIGKILL');
    await process.exit;
  }
  expect(await kit.refresh()).toBe(false);
  expect((await kit.verify(accessToken)).iss).toBe(issuer());
  for (const sister of sisters) expect(await sister.verdict(accessToken)).not.toBe('refused');
});

const fileOf = (kid: string): string =>
  accessKeyFiles(world.keysDir).find((name) => name.includes(kid)) ?? 'access-token.pem';
