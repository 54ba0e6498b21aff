/**
 * `npm run timing [-- --count 1000 otp sign-in]`: whether answers tell by their time who is known (O5). Asks for known
 * and unknown identifiers, each once, one at a time and in turns, and prints the 95 % interval of the difference of
 * medians, beside an A/A run of two lists of unknown ones. Limits by address are lifted. Nothing is asserted.
 */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { bootstrap } from '../embedded/bootstrap.mjs';
import { median } from './measure.mjs';
import { medianDifference } from './median-difference.mjs';

const { values, positionals } = parseArgs({
  options: { count: { type: 'string', default: '1000' } },
  allowPositionals: true,
});
const COUNT = Number(values.count);
const LOCKED = Math.ceil(COUNT / 10); // each costs as many refused sign-ins as the realm allows
const wanted = positionals.length > 0 ? positionals : ['otp', 'sign-in'];
const BASE = '/v1/api/identity';

await bootstrap();
const { startTestParts } = await import('../dist/embedded/start-test-parts.js');
const { STOP_ORDER } = await import('../dist/embedded/start-parts.js');
const { createSupervisor } = await import('../dist/embedded/supervisor.js');
const { serviceEnvironment } = await import('../dist/embedded/service-environment.js');
const { elapsedProgress } = await import('../dist/embedded/progress.js');
const { emails, holdPhoneNumbers, keycloakUsers, phoneNumbers } = await import('./timing-people.mjs');

const supervisor = createSupervisor(STOP_ORDER);
const { parts, unlock } = await startTestParts(
  supervisor,
  elapsedProgress((line) => process.stdout.write(line)),
);
const { url } = parts.service;

function startService() {
  const lifted = [
    'SIGN_IN_PER_IDENTIFIER',
    'SIGN_IN_PER_ADDRESS',
    'OTP_PER_ADDRESS',
    'OTP_PER_ADDRESS_BLOCK',
  ];
  return spawn(process.execPath, ['dist/src/main.js'], {
    env: {
      ...process.env,
      ...serviceEnvironment(parts),
      RUN_MODE: 'server',
      LOG_LEVEL: 'warn',
      ...Object.fromEntries(lifted.map((name) => [`IDENTITY_LIMIT_${name}`, '100000000'])),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function post(path, body) {
  const began = performance.now();
  const answer = await fetch(`${url}${BASE}/auth/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  await answer.text();
  return { status: answer.status, ms: performance.now() - began };
}

const askForCode = (value) =>
  post('otp/request', { namespace: 'phone-auth', identifier: { scheme: 'phone', value } });
const signIn = (value) =>
  post('sign-in', {
    identifier: { scheme: 'email', value },
    credential: { scheme: 'password', value: 'wrong-Password-1' },
  });

/** Each list's times; the lists take turns, whose order is drawn anew every round. */
async function measure(lists, ask, status) {
  const times = new Map(Object.keys(lists).map((name) => [name, []]));
  const rounds = Math.max(...Object.values(lists).map((list) => list.length));
  for (let round = 0; round < rounds; round += 1) {
    const names = Object.keys(lists).filter((name) => round < lists[name].length);
    for (const name of names.sort(() => Math.random() - 0.5)) {
      const answer = await ask(lists[name][round]);
      if (answer.status !== status) throw new Error(`${name}: ${answer.status}, not ${status}`);
      times.get(name).push(answer.ms);
    }
  }
  return times;
}

function print(title, times, base) {
  const ms = (value) => value.toFixed(2).padStart(8);
  console.log(
    `\n${title}: ms; the difference is to "${base}"\n${'list'.padEnd(22)}      n   median    from      to`,
  );
  for (const [name, list] of times) {
    const head = `${name.padEnd(22)} ${String(list.length).padStart(6)} ${ms(median(list))}`;
    if (name === base) console.log(head);
    else {
      const { from, to } = medianDifference(list, times.get(base));
      console.log(`${head}${ms(from)}${ms(to)}`);
    }
  }
}

const runs = {
  async otp() {
    const phones = phoneNumbers(3 * COUNT + 200);
    const [warm, known, unknown, other] = [200, COUNT, COUNT, COUNT].map((count) => phones.splice(0, count));
    await holdPhoneNumbers(parts, known);
    for (const phone of warm) await askForCode(phone);
    const lists = { unknown, 'unknown (A/A)': other, known };
    print('POST /auth/otp/request', await measure(lists, askForCode, 202), 'unknown');
  },
  async 'sign-in'() {
    const [wrong, disabled, locked] = [emails('w', COUNT), emails('d', COUNT), emails('l', LOCKED)];
    await keycloakUsers(parts, [...wrong, ...locked], true);
    await keycloakUsers(parts, disabled, false);
    for (const email of emails('warm', 20)) await signIn(email);
    for (const email of locked) for (let n = 0; n < 10; n += 1) await signIn(email);
    const lists = {
      unknown: emails('u', COUNT),
      'unknown (A/A)': emails('a', COUNT),
      'wrong password': wrong,
      disabled,
      locked,
    };
    print('POST /auth/sign-in', await measure(lists, signIn, 401), 'unknown');
  },
};

const service = startService();
try {
  while (!(await fetch(`${url}${BASE}/readyz`).catch(() => ({}))).ok)
    await new Promise((done) => setTimeout(done, 100));
  for (const name of wanted) await runs[name]();
} finally {
  service.kill('SIGTERM');
  await supervisor.stop();
  unlock();
}
process.exit(0);
