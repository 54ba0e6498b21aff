/**
 * `npm run fuzz [-- --seconds 120 --seed 1 TAG…]`: Schemathesis against a service on real parts, by its own OpenAPI document, as
 * an administrator of the platform: every call with what fits its schema and with what does not. Fails where a call answers
 * 5xx, or anything that its document does not say. Needs Python; limits by address are lifted.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { BASE, startService } from '../../bench/start-service.mjs';
import { installPythonTool } from '../../deploy/check/install-python-tool.mjs';

const { DEMO_PEOPLE } = await import('../../dist/embedded/demo-data.js');
const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string', default: '120' }, seed: { type: 'string', default: '1' } },
  allowPositionals: true,
});
/** They would end the session that the rest is asked with, or lock its owner out. */
const LEFT_OUT = 'sign-out|change-password';
const LIMITS = [
  'SIGN_IN_PER_IDENTIFIER',
  'SIGN_IN_PER_ADDRESS',
  'REFRESH_PER_SESSION',
  'REFRESH_PER_ADDRESS',
];
const MORE_LIMITS = ['OTP_PER_ADDRESS', 'INVITATIONS_PER_USER', 'SERVICE_PER_NAME', 'SERVICE_PER_ADDRESS'];

const schemathesis = await installPythonTool('schemathesis', 'st', 'test/fuzz/requirements.txt');
const { url, stop } = await startService({
  lifted: [...LIMITS, ...MORE_LIMITS],
  environment: () => ({ RUN_MODE: 'all', IDENTITY_ANSWER_BEAT_MS: '0' }),
});
const document = `${url}${BASE}/doc/openapi.json`;

async function tagsOfAll() {
  const { paths } = await (await fetch(document)).json();
  const calls = Object.values(paths).flatMap((path) => Object.values(path));
  return [...new Set(calls.flatMap(({ tags }) => tags))];
}

/** Anew for each tag: what is written needs a sign-in of the last five minutes. */
async function signIn() {
  const [{ email, password }] = DEMO_PEOPLE;
  const answer = await fetch(`${url}${BASE}/auth/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      identifier: { scheme: 'email', value: email },
      credential: { scheme: 'password', value: password },
    }),
  });
  return (await answer.json()).accessToken;
}

const [folder, config] = [resolve('.data/fuzz'), resolve('test/fuzz/schemathesis.toml')];
mkdirSync(folder, { recursive: true }); // where Schemathesis keeps what it found
const failed = [];
try {
  for (const tag of positionals.length > 0 ? positionals : await tagsOfAll()) {
    const options = [
      ...['--config-file', config, 'run', document, '--url', url],
      ...['--header', `Authorization: Bearer ${await signIn()}`],
      ...['--include-tag', tag, '--exclude-path-regex', LEFT_OUT, '--phases', 'coverage,fuzzing'],
      ...['--max-time', values.seconds, '--seed', values.seed, '--continue-on-failure', '--warnings', 'off'],
    ];
    const { status } = spawnSync(schemathesis, options, { stdio: 'inherit', cwd: folder });
    if (status !== 0) failed.push(tag);
  }
} finally {
  await stop();
}
process.stdout.write(failed.length > 0 ? `failed: ${failed.join(', ')}\n` : 'nothing found\n');
process.exit(failed.length > 0 ? 1 : 0);
