import { expect, test } from '@jest/globals';
import { startChore } from '../../src/chore.js';
import { createLogger } from '../../src/telemetry/logger.js';

const logger = createLogger({ level: 'silent' });

test('a chore that is stopped while it works does not wait for its next turn (faults)', async () => {
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  let finish: () => void = () => undefined;
  const work = () => {
    begin();
    return new Promise<void>((resolve) => {
      finish = resolve;
    });
  };
  const chore = startChore({ every: 3_600_000, work, complaint: '' }, logger);
  await begun;
  const stopped = chore.stop();
  finish();
  await stopped;
});

test('a chore that failed comes again', async () => {
  let runs = 0;
  await new Promise<void>((resolve) => {
    const chore = startChore(
      {
        every: 1,
        complaint: '',
        work: async () => {
          runs += 1;
          if (runs === 1) throw new Error('once');
          void chore.stop();
          resolve();
        },
      },
      logger,
    );
  });
  expect(runs).toBe(2);
});
