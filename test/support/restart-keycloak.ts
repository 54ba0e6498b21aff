import { setTimeout as sleep } from 'node:timers/promises';
import { testParts } from '../parts.js';

const DEADLINE_MS = 180_000;

/** Ends the parts' Keycloak and starts it again, by the launcher of this run; resolves when it answers. */
export async function restartKeycloak(): Promise<void> {
  const launcher = Number(process.env.NX_TEST_LAUNCHER);
  if (!launcher)
    throw new Error('NX_TEST_LAUNCHER is not set: this test restarts Keycloak, run it by `npm test`');
  process.kill(launcher, 'SIGUSR2');
  await until(async () => !(await answers()), 'Keycloak did not end');
  await until(answers, 'Keycloak did not come back');
}

async function answers(): Promise<boolean> {
  const { url, realm } = testParts().keycloak;
  const answer = await fetch(`${url}/realms/${realm}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(5_000),
  }).catch(() => undefined);
  await answer?.arrayBuffer();
  return answer?.status === 200;
}

async function until(condition: () => Promise<boolean>, complaint: string): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(complaint);
    await sleep(200);
  }
}
