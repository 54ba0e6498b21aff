import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ChildSpec } from '../../embedded/child.js';
import { runningProcesses } from '../../embedded/process-list.js';
import { createSupervisor, type Supervisor } from '../../embedded/supervisor.js';
import { waitUntil } from '../../embedded/wait-until.js';

let supervisor: Supervisor;
let folder: string;

beforeEach(() => {
  supervisor = createSupervisor(['first', 'second']);
  folder = mkdtempSync(join(tmpdir(), 'nx-supervisor-'));
});

afterEach(() => supervisor.kill());

const spec = (name: string, script: string): ChildSpec => ({
  name,
  command: 'sh',
  args: ['-c', script],
  env: { PATH: process.env.PATH ?? '' },
  cwd: folder,
  logFile: join(folder, `${name}.log`),
});

const command = (script: string, deadlineMs = 10_000) => ({
  ...spec('tool', script),
  failure: 'The tool failed',
  deadlineMs,
});

const exists = (name: string) => async () => existsSync(join(folder, name));

test('a part that ends by itself is reported by name, with its last 20 lines', async () => {
  supervisor.start(spec('Redis', 'for i in $(seq 30); do echo line $i; done; exit 3'));
  const message: string = await supervisor.crashed.catch((error) => error.message);
  expect(message).toContain('Redis ended unexpectedly (exit code 3)');
  expect(message).toContain('line 11\n');
  expect(message).toContain('line 30');
  expect(message).not.toContain('line 10\n');
});

test('parts are stopped in order, each one only after the one before has ended', async () => {
  const say = (name: string) =>
    `trap 'sleep 0.2; echo ${name} >> order; exit 0' TERM; touch ${name}-up; while :; do sleep 0.05; done`;
  supervisor.start(spec('second', say('second')));
  supervisor.start(spec('first', say('first')));
  await waitUntil({ complaint: 'no start', probe: exists('first-up'), deadlineMs: 5_000 });
  await waitUntil({ complaint: 'no start', probe: exists('second-up'), deadlineMs: 5_000 });
  await supervisor.stop();
  expect(readFileSync(join(folder, 'order'), 'utf8')).toBe('first\nsecond\n');
});

test('a part that is started again has not crashed', async () => {
  supervisor.start(spec('Redis', 'echo up >> starts; exec sleep 60'));
  await waitUntil({ complaint: 'no start', probe: exists('starts'), deadlineMs: 5_000 });
  await supervisor.restart('Redis');
  const twice = async () => readFileSync(join(folder, 'starts'), 'utf8') === 'up\nup\n';
  await waitUntil({ complaint: 'no second start', probe: twice, deadlineMs: 5_000 });
  expect(await Promise.race([supervisor.crashed, 'goes on'])).toBe('goes on');
  await expect(supervisor.restart('Keycloak')).rejects.toThrow('Keycloak does not run');
});

test('what a part has started itself ends with it', async () => {
  supervisor.start(
    spec('first', `sh -c 'echo $$ > grandchild; trap "" TERM; while :; do sleep 0.1; done' & wait`),
  );
  await waitUntil({ complaint: 'no start', probe: exists('grandchild'), deadlineMs: 5_000 });
  await supervisor.stop();
  const pid = Number(readFileSync(join(folder, 'grandchild'), 'utf8'));
  const gone = async () => !runningProcesses().some((running) => running.pid === pid);
  await waitUntil({ complaint: 'it did not end', probe: gone, deadlineMs: 2_000 });
});

test('a command that fails says so, with what it printed', async () => {
  await expect(supervisor.run(command('echo why; exit 1'))).rejects.toThrow(
    /The tool failed \(exit code 1\)[\s\S]*why/,
  );
});

test('a command that is not there is a failure, not a hang', async () => {
  const missing = { ...command(''), command: 'nx-no-such-command' };
  await expect(supervisor.run(missing)).rejects.toThrow(/The tool failed .*ENOENT/);
});

test('a command past its deadline is ended', async () => {
  await expect(supervisor.run(command('sleep 60', 200))).rejects.toThrow('not done within 0.2 s');
});

test('nothing is started any more once stopping has begun', async () => {
  await supervisor.stop();
  expect(() => supervisor.start(spec('first', 'sleep 60'))).toThrow();
});
