import { setTimeout as sleep } from 'node:timers/promises';

/** Looks again until there is something: for what nobody announces. */
export async function until<Found>(
  complaint: string,
  look: () => Promise<Found | undefined | false>,
  withinMs = 60_000,
): Promise<Found> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(complaint);
    await sleep(50);
  }
}
