import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { serviceEnvironment } from '../../embedded/service-environment.js';
import { testParts } from '../parts.js';
import { BASE, bearer, call, post, signIn } from '../support/call.js';
import { createKeyWorld, type KeyWorld, keysCommand } from '../support/keys.js';
import { createPerson } from '../support/people.js';
import { type ServiceProcess, spawnService } from '../support/process.js';
import { until } from '../support/until.js';

/** Seconds: longer than the verifiers below keep a key set before they ask again for an unknown key. */
const LEAD_S = 3;
const ASK_AGAIN_MS = 1000;
const SESSIONS = 6;

let world: KeyWorld;
const processes: ServiceProcess[] = [];
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
    await until('nothing has changed', async () => (await call(`${url}${BASE}/readyz`)).status === 200);
});
afterAll(async () => {
  for (const process of processes) {
    process.kill('SIGTERM');
    await process.exit;
  }
  await world.drop();
});

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
const warmSet = (at: string) =>
  createRemoteJWKSet(new URL(`${at}/jw-certs`), { cooldownDuration: ASK_AGAIN_MS });

test('a rotation in traffic over two replicas fails no verification, and an old token goes on verifying (T5, faults)', async () => {
  const [warm, warmAtTheOther] = [warmSet(url(0)), warmSet(url(1))];
  const signedBy = new Map<string, number>();
  let going = true;

  async function verifyEverywhere(token: string, n: number): Promise<void> {
    const cold = createRemoteJWKSet(new URL(`${url(n)}/jw-certs`));
    for (const set of [warm, warmAtTheOther, cold]) await jwtVerify(token, set);
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
      ({ accessToken, refreshToken } = answer.body);
    }
    return first;
  }

  const traffic = Promise.all(Array.from({ length: SESSIONS }, (_, n) => useSession(n)));
  await Promise.race([until('nothing has changed', async () => signedBy.size === 1), traffic]);
  const before = (await world.keyOf('current'))?.kid;
  expect((await keysCommand(world, ['rotate'])).code).toBe(0);
  const after = (await world.keyOf('next'))?.kid ?? '';
  expect(after).not.toBe(before);
  await Promise.race([until('nothing has changed', async () => (signedBy.get(after) ?? 0) > 20), traffic]);
  going = false;
  const firstTokens = await traffic;
  expect(decodeProtectedHeader(firstTokens[0] ?? '').kid).toBe(before);
  for (const token of firstTokens) await verifyEverywhere(token, 0);
  expect([...signedBy.keys()]).toEqual([before, after]);
  for (const at of urls) {
    const { keys } = (await call(`${at}/jw-certs`)).body;
    expect(keys.map(({ kid }: { kid: string }) => kid)).toEqual([after, before]);
  }
});
