/**
 * `npm run bench:import [-- --count 10000]`: people with argon2id and bcrypt hashes, half of each, moved over by the operator's
 * command, killed once in the middle and run again; then one of each kind signs in with the old password. Prints seconds; what
 * fails ends it with code 1.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { hash } from '@node-rs/argon2';
import { BASE, startService } from './start-service.mjs';

const { values } = parseArgs({ options: { count: { type: 'string', default: '10000' } } });
const COUNT = Number(values.count);
const BCRYPT = {
  password: 'abc',
  passwordHash: '$2a$10$WvvTPHKwdBJ3uk0Z37EMR.hLA2W6N9AEBhEgrAOljy2Ae5MtaSIUi',
};
const ARGON2 = { password: 'an-Old-horse-7' };
ARGON2.passwordHash = await hash(ARGON2.password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });

const { serviceEnvironment } = await import('../dist/embedded/service-environment.js');
const service = await startService({ lifted: [], environment: () => ({ RUN_MODE: 'all' }) });
const run = randomBytes(4).toString('hex');
const of = (index) => (index % 2 === 0 ? BCRYPT : ARGON2);
const emailOf = (index) => `moved-${run}-${index}@bench.test`;
const lines = Array.from({ length: COUNT }, (_, index) =>
  JSON.stringify({ email: emailOf(index), emailVerified: true, passwordHash: of(index).passwordHash }),
).join('\n');

/** @returns the report's lines, in seconds; `killAfter`: kill -9 when so many lines are done */
async function importAll(killAfter = Number.POSITIVE_INFINITY) {
  const begun = performance.now();
  const child = spawn(process.execPath, ['dist/src/main.js', 'import-users', '-'], {
    env: { ...process.env, ...serviceEnvironment(service.parts), RUN_MODE: 'ops' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.on('error', () => undefined); // it was killed while it still read
  child.stdin.end(lines);
  let text = '';
  let done = 0;
  for await (const chunk of child.stdout) {
    text += chunk;
    done += String(chunk).split('\n').length - 1;
    if (done >= killAfter) child.kill('SIGKILL');
  }
  return { seconds: (performance.now() - begun) / 1000, last: text.trimEnd().split('\n').at(-1), done };
}

async function signIn(index) {
  const { password } = of(index);
  const body = {
    identifier: { scheme: 'email', value: emailOf(index) },
    credential: { scheme: 'password', value: password },
  };
  const answer = await fetch(`${service.url}${BASE}/auth/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return answer.status;
}

const cut = await importAll(COUNT / 2);
console.log(
  `killed after ${cut.done} of ${COUNT}: ${cut.seconds.toFixed(1)} s, ${(cut.done / cut.seconds).toFixed(0)} a second`,
);
const rest = await importAll();
console.log(`again: ${rest.seconds.toFixed(1)} s. ${rest.last}`);
const again = await importAll();
console.log(`once more, with nothing to do: ${again.seconds.toFixed(1)} s. ${again.last}`);
const statuses = [await signIn(0), await signIn(1), await signIn(COUNT - 2), await signIn(COUNT - 1)];
console.log(`sign-ins with old passwords, bcrypt and argon2id by turns: ${statuses.join(' ')}`);
await service.stop();
process.exit(statuses.every((status) => status === 200) && rest.last?.endsWith('refused 0.') ? 0 : 1);
