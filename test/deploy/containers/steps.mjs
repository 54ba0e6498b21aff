import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { setTimeout as after } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { docker } from './compose.mjs';
import { ask, load } from './load.mjs';

export const BASE = '/v1/api/identity';
const post = (url, body) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });

/** Asks until `probe` answers; fails loudly when it doesn't. */
export async function until(what, probe, deadlineMs = 60_000) {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (performance.now() > end) throw new Error(`${what}: not within ${deadlineMs / 1000} s`);
    await after(200);
  }
}

/** Bytes of the service's image beyond its base. */
export async function sizeOverBase(image, base) {
  const size = async (name) => Number((await docker(['image', 'inspect', '-f', '{{.Size}}', name])).stdout);
  const [whole, of] = [await size(image), await size(base)];
  return { whole, over: whole - of };
}

const ASK_FOR_MEMORY = `fetch('http://127.0.0.1:9464/metrics').then((answer) => answer.text())
  .then((text) => console.log(/^process_resident_memory_bytes (\\S+)$/m.exec(text)[1]))`;

/** Bytes that the process in a container of ours holds, as it says itself. */
export const residentMemory = async (container) =>
  Number((await docker(['exec', container, 'node', '-e', ASK_FOR_MEMORY])).stdout);

/** `npm run ops -- --compose create-user`, as an operator runs it. */
export async function createUser({ env }, email) {
  const args = ['run', '--silent', 'ops', '--', '--compose', 'create-user', '--email', email];
  const { stdout } = await promisify(execFile)('npm', args, { env, timeout: 120_000 });
  const password = /shown this once: (\S+)/.exec(stdout)?.[1];
  assert.ok(password, stdout);
  return { email, password };
}

/** Signs in through the proxy, and verifies the token as a sister would. */
export async function signIn(url, { email, password }) {
  const answer = await post(`${url}${BASE}/auth/sign-in`, {
    identifier: { scheme: 'email', value: email },
    credential: { scheme: 'password', value: password },
  });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  const { accessToken } = JSON.parse(text);
  const { payload } = await jwtVerify(accessToken, createRemoteJWKSet(new URL(`${url}/jw-certs`)), {
    issuer: url,
    audience: 'nx',
  });
  assert.ok(payload.userId);
  return accessToken;
}

/** The worker, which is a process of its own here, sends what was promised. */
export async function receiveCode({ compose }, url, email) {
  const answer = await post(`${url}${BASE}/auth/otp/request`, {
    namespace: 'forgot-password',
    identifier: { scheme: 'email', value: email },
  });
  assert.equal(answer.status, 202, await answer.text());
  await until(
    `a mail to ${email}`,
    async () => (await compose(['logs', '--no-log-prefix', 'mail'])).stdout.includes(email),
    30_000,
  );
}

/** What the proxy must not let through. */
export async function staysInside(url) {
  for (const path of ['/metrics', '/internal/identity/whoami', '/dev/inbox', '/demo']) {
    assert.equal((await ask(`${url}${path}`)).status, 404, path);
  }
}

/** Every replica has answered at least once. */
export const allServe = (url, replicas) =>
  until(`${replicas} replicas behind the proxy`, async () => {
    const seen = new Set();
    for (let turn = 0; turn < 4 * replicas; turn++) {
      const { servedBy, status } = await ask(`${url}${BASE}/readyz`);
      if (status === 200) seen.add(servedBy);
    }
    return seen.size === replicas && [...seen];
  });

/** Load for `forMs`; `meanwhile` runs a third into it. */
export async function underLoad({ url, token, forMs, meanwhile = async () => undefined }) {
  const urls = [`${url}${BASE}/auth/who-am-i`, `${url}/jw-certs`];
  const stop = AbortSignal.timeout(forMs);
  const counting = load({ urls, headers: { authorization: `Bearer ${token}` }, parallel: 16, stop });
  await after(forMs / 3);
  await meanwhile();
  return counting;
}
