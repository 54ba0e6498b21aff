/**
 * `npm run check:containers`: docker-compose.yml run for real, on whichever engine DOCKER_HOST names; prints what it
 * saw and took, and leaves no container behind. The base images must be there or to be had.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProject, docker } from './compose.mjs';
import {
  allServe,
  createUser,
  receiveCode,
  residentMemory,
  signIn,
  sizeOverBase,
  staysInside,
  underLoad,
} from './steps.mjs';

const LARGEST_OVER_BASE = 120e6; // bytes; issue 8
const MOST_MEMORY = 512 * 2 ** 20; // bytes, of a server and a worker together; issue 8
const MINUTES = 60_000;
const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
process.chdir(root);

const say = (text) => process.stdout.write(`${text}\n`);
const megabytes = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
async function step(what, work) {
  const begin = performance.now();
  const said = await work();
  say(`${((performance.now() - begin) / 1000).toFixed(1).padStart(6)} s  ${what}${said ? `: ${said}` : ''}`);
}

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

async function check(project, url) {
  await step('docker-compose.yml, every profile, is one that compose takes', () =>
    project.compose(['-f', 'docker-compose.yml', '--profile', '*', 'config', '--quiet']).then(() => ''),
  );
  await step('images built', async () => {
    await project.compose(['build'], { timeout: 20 * MINUTES });
    const { whole, over } = await sizeOverBase('nx-seller-identity', 'node:24-bookworm-slim');
    assert.ok(over <= LARGEST_OVER_BASE, `${megabytes(over)} over the base is too much`);
    const keycloak = await sizeOverBase('nx-keycloak', 'quay.io/keycloak/keycloak:26.7.4');
    return `nx-seller-identity ${megabytes(whole)} (${megabytes(over)} over its base), nx-keycloak ${megabytes(keycloak.whole)}`;
  });
  await step('up, every part healthy', () =>
    project.compose(['up', '-d', '--wait', '--wait-timeout', '480'], { timeout: 9 * MINUTES }).then(() => ''),
  );
  const email = 'made-by-ops@example.test';
  let person;
  await step('ops create-user', async () => {
    person = await createUser(project, email);
    return email;
  });
  await allServe(url, 1);
  let token;
  await step('signed in through the proxy, token verified by /jw-certs', async () => {
    token = await signIn(url, person);
  });
  await step('metrics, internal calls and development tools stay inside', () => staysInside(url));
  await step('the worker sent a code by mail', () => receiveCode(project, url, email));
  await step('three replicas behind the proxy', async () => {
    await project.compose(['up', '-d', '--no-recreate', '--wait', '--scale', 'service=3'], {
      timeout: 5 * MINUTES,
    });
    return (await allServe(url, 3)).join(', ');
  });
  await step('load shared', async () => {
    const { answered, failed } = await underLoad({ url, token, forMs: 6000 });
    assert.deepEqual(failed, {});
    assert.equal(Object.keys(answered).length, 3);
    const all = Object.values(answered).reduce((sum, count) => sum + count, 0);
    for (const count of Object.values(answered)) assert.ok(count > all / 6, JSON.stringify(answered));
    return JSON.stringify(answered);
  });
  await step('memory of a server and a worker after that', async () => {
    const held = async (service) =>
      Math.max(...(await Promise.all((await project.containersOf(service)).map(residentMemory))));
    const [server, worker] = [await held('service'), await held('worker')];
    assert.ok(server + worker < MOST_MEMORY, `${megabytes(server)} and ${megabytes(worker)}`);
    return `${megabytes(server)} and ${megabytes(worker)}`;
  });
  await step('one replica killed in mid-load', async () => {
    const [victim] = await project.containersOf('service');
    const meanwhile = () => docker(['kill', '--signal', 'KILL', victim]);
    const { answered, failed } = await underLoad({ url, token, forMs: 9000, meanwhile });
    assert.deepEqual(failed, {});
    return `none failed of ${JSON.stringify(answered)}`;
  });
  await step('one replica stopped by SIGTERM in mid-load', async () => {
    const [leaver] = await project.containersOf('service');
    const meanwhile = () => docker(['stop', '-t', '30', leaver]);
    const { failed } = await underLoad({ url, token, forMs: 9000, meanwhile });
    assert.deepEqual(failed, {});
    const { stdout: code } = await docker(['inspect', '-f', '{{.State.ExitCode}}', leaver]);
    assert.equal(code, '0');
    return 'exit code 0, none failed';
  });
}

await docker(['compose', 'version']).catch(({ message }) => {
  process.stderr.write(`An engine with docker compose is needed: ${message}\n`);
  process.exit(2);
});
const secrets = mkdtempSync(join(tmpdir(), 'nx-compose-'));
execFileSync(process.execPath, ['embedded/compose-secrets.mjs', secrets], { stdio: 'pipe' });
const [publicPort, keycloakPort] = [await freePort(), await freePort()];
const url = `http://localhost:${publicPort}`;
const project = createProject({
  name: `nx-check-${process.pid}`,
  env: {
    ...process.env,
    NX_SECRETS_DIR: secrets,
    NX_PUBLIC_PORT: String(publicPort),
    NX_PUBLIC_URL: url,
    NX_KEYCLOAK_PORT: String(keycloakPort),
    NX_KEYCLOAK_URL: `http://localhost:${keycloakPort}`,
  },
});
let failure;
try {
  await check(project, url);
} catch (error) {
  failure = error;
  say(`FAILED: ${error.message}`);
  const logs = await project.compose(['logs', '--tail', '25']).catch(({ message }) => ({ stdout: message }));
  say(logs.stdout);
}
await step('down -v leaves nothing', async () => {
  await project.compose(['--profile', '*', 'down', '-v', '--timeout', '30'], { timeout: 5 * MINUTES });
  const left = await project.leftovers();
  if (left.length > 0) failure ??= new Error(`left: ${left.join(', ')}`);
});
rmSync(secrets, { recursive: true });
say(failure ? `not passed: ${failure.message.split('\n')[0]}` : 'passed');
process.exit(failure ? 1 : 0);
