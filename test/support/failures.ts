import { expect } from '@jest/globals';
import { admin, realm } from './people.js';
import { openSignIn } from './phone-page.js';

const failuresOf = async (keycloakId: string): Promise<number> =>
  (await (await admin()).attackDetection.findOne({ realm: realm(), id: keycloakId }))?.numFailures ?? 0;

/** Of a person in Keycloak, which counts after it has answered. */
export async function untilFailuresAre(keycloakId: string, wanted: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const found = await failuresOf(keycloakId);
    if (found === wanted || performance.now() > deadline) return expect(found).toBe(wanted);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** By wrong passwords, until Keycloak says so. */
async function lock(service: { url: string }, keycloakId: string): Promise<void> {
  const { username = '' } = (await (await admin()).users.findOne({ realm: realm(), id: keycloakId })) ?? {};
  for (let tries = 0; tries < 40; tries++) {
    const { page } = await openSignIn(service);
    await page.post({ username, password: 'wrong' });
    const found = await (await admin()).attackDetection.findOne({ realm: realm(), id: keycloakId });
    if (found?.disabled && found.numFailures >= 10) return;
  }
  throw new Error('not locked');
}

/** Keeps somebody from signing in, in one of Keycloak's ways. */
export async function bar(service: { url: string }, keycloakId: string, state: string): Promise<void> {
  if (state === 'locked') return lock(service, keycloakId);
  await (await admin()).users.update({ realm: realm(), id: keycloakId }, { enabled: false });
}
