import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { assertNotRunning, lockDataDir } from '../../embedded/launcher-lock.js';
import { endEarlierRun, writePidFile } from '../../embedded/pid-file.js';
import { runningProcesses } from '../../embedded/process-list.js';

const started: ChildProcess[] = [];

/** A process of its own group that runs `code`, with `marker` on its command line. */
function bystander(marker: string, code = 'setInterval(() => {}, 1000)'): Promise<number> {
  const child = spawn(process.execPath, ['-e', `${code}; console.log('up')`, marker], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  started.push(child);
  return new Promise((resolve) => child.stdout?.once('data', () => resolve(child.pid as number)));
}

const isAlive = (pid: number) => runningProcesses().some((running) => running.pid === pid);
const newFolder = () => mkdtempSync(join(tmpdir(), 'nx-pids-'));

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

test('what a killed run left behind is ended, and a line says so', async () => {
  const folder = newFolder();
  const pid = await bystander('/data/of/this/checkout');
  writePidFile({ folder, name: 'Redis', marker: '/data/of/this/checkout' }, pid);
  const said: string[] = [];
  await endEarlierRun(folder, ['Redis'], (text) => said.push(text));
  expect(isAlive(pid)).toBe(false);
  expect(said).toEqual([`ending Redis of an earlier run that was killed (pid ${pid})`]);
  expect(readdirSync(folder)).toEqual([]);
});

test('a process that got the number of ours later is left alone, and the stale file is removed', async () => {
  const folder = newFolder();
  const pid = await bystander('/somebody/else');
  writePidFile({ folder, name: 'Redis', marker: '/data/of/this/checkout' }, pid);
  const said: string[] = [];
  await endEarlierRun(folder, ['Redis'], (text) => said.push(text));
  expect(isAlive(pid)).toBe(true);
  expect(said).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test('a leftover that ignores the polite signal is killed after the patience', async () => {
  const folder = newFolder();
  const pid = await bystander(
    '/data/stubborn',
    "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)",
  );
  writePidFile({ folder, name: 'Keycloak', marker: '/data/stubborn' }, pid);
  await endEarlierRun(folder, [], () => {}, 300);
  expect(isAlive(pid)).toBe(false);
});

test('a pid file that was cut short ends nothing', async () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'Redis.json'), '{"name":"Redis","pid":');
  await endEarlierRun(folder, [], () => {});
  expect(readdirSync(folder)).toEqual([]);
});

test('a second start names the first one, which is alive', async () => {
  const dataDir = newFolder();
  const pid = await bystander('the first start');
  const began = runningProcesses().find((running) => running.pid === pid)?.began;
  writeFileSync(join(dataDir, 'launcher.json'), JSON.stringify({ pid, began }));
  expect(() => assertNotRunning(dataDir)).toThrow(`Already running from this checkout (pid ${pid}`);
  expect(() => lockDataDir(dataDir)).toThrow('Already running');
  expect(isAlive(pid)).toBe(true);
});

test('a lock whose number another process has by now is taken over', async () => {
  const dataDir = newFolder();
  const pid = await bystander('not a start of ours');
  writeFileSync(join(dataDir, 'launcher.json'), JSON.stringify({ pid, began: 'another moment' }));
  const unlock = lockDataDir(dataDir);
  expect(existsSync(join(dataDir, 'launcher.json'))).toBe(true);
  unlock();
  expect(existsSync(join(dataDir, 'launcher.json'))).toBe(false);
  expect(isAlive(pid)).toBe(true);
});
