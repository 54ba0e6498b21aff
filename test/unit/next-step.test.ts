import { describe, expect, test } from '@jest/globals';
import type { Attempt, AttemptStatus } from '../../src/messaging/message.js';
import { nextStep, type Step } from '../../src/messaging/next-step.js';
import { pauseBeforeRound } from '../../src/messaging/retry-policy.js';

const sms = (name: string) => ({ name, unclearAtMost: 2, unclearAgain: 'soon' }) as const;
const PROVIDERS = [sms('a'), sms('b')];
const OUTCOMES: AttemptStatus[] = ['started', 'refused', 'unclear', 'unreachable'];

const step = (attempts: readonly Attempt[], round = 1, replay = 0): Step =>
  nextStep({ messageId: '7', round, replay, attempts, providers: PROVIDERS, skipped: new Set() });

const made = (
  next: Extract<Step, { kind: 'send' }>,
  attempts: readonly Attempt[],
  status: AttemptStatus,
  round: number,
): Attempt => ({
  number: attempts.length + 1,
  replay: 0,
  round,
  provider: next.provider,
  providerMessageId: next.providerMessageId,
  status,
  temporary: false,
});

/** Every way that a message can go, over so many rounds. */
function* histories(attempts: Attempt[], round: number, rounds: number): Generator<Attempt[]> {
  const next = step(attempts, round);
  if (next.kind === 'exhausted') {
    if (next.worthRetrying && round < rounds) yield* histories(attempts, round + 1, rounds);
    else yield attempts;
    return;
  }
  for (const status of OUTCOMES)
    yield* histories([...attempts, made(next, attempts, status, round)], round, rounds);
}

/** At one provider: one id that may have been accepted, sent twice at most. */
function isBounded(attempts: Attempt[]): boolean {
  const unclear = attempts.filter(({ status }) => status === 'unclear' || status === 'started');
  return unclear.length <= 2 && new Set(unclear.map(({ providerMessageId }) => providerMessageId)).size <= 1;
}

describe('what is done next with a message', () => {
  test('whatever providers answer over three rounds, at most one id at each may have been accepted, and it was sent twice at most (M5)', () => {
    let count = 0;
    let wrong: Attempt[] | undefined;
    for (const attempts of histories([], 1, 3)) {
      count += 1;
      if (!PROVIDERS.every(({ name }) => isBounded(attempts.filter(({ provider }) => provider === name)))) {
        wrong = attempts;
        break;
      }
    }
    expect(wrong).toBeUndefined();
    expect(count).toBeGreaterThan(1000);
  });

  test('no id is ever shared by two providers, and each is fit for VNPAY (M5)', () => {
    let wrong: Attempt[] | undefined;
    for (const attempts of histories([], 1, 2)) {
      const pairs = new Set(
        attempts.map(({ provider, providerMessageId }) => `${provider} ${providerMessageId}`),
      );
      const ids = new Set(attempts.map(({ providerMessageId }) => providerMessageId));
      if (pairs.size !== ids.size || ![...ids].every((id) => /^[A-Za-z0-9]{1,32}$/.test(id))) {
        wrong = attempts;
        break;
      }
    }
    expect(wrong).toBeUndefined();
  });

  test('a call that a killed process left open is made again at once, under the same id (D1)', () => {
    const first = step([]);
    if (first.kind !== 'send') throw new Error('nothing to send');
    expect(step([made(first, [], 'started', 1)])).toEqual({ ...first, pause: false });
    expect(step([made(first, [], 'unclear', 1)])).toEqual({ ...first, pause: true });
  });

  test('a message id of 19 digits gives an id of at most 32 characters (facts §1)', () => {
    const next = nextStep({
      messageId: '9223372036854775807',
      round: 1,
      replay: 0,
      attempts: [],
      providers: PROVIDERS,
      skipped: new Set(),
    });
    expect(next).toMatchObject({ providerMessageId: 'nx9223372036854775807a1' });
  });
});

describe('rounds', () => {
  test('wait twice as long each time, between half of that and all of it, for an hour at most (M3)', () => {
    const pause = (round: number, random: number) =>
      pauseBeforeRound({ round, hasDeadline: false, random: () => random });
    expect([1, 2, 3, 15].map((round) => pause(round, 1))).toEqual([5, 10, 20, 3600]);
    expect(pause(1, 0)).toBe(2.5);
    expect(pause(16, 0)).toBeUndefined();
    expect(pauseBeforeRound({ round: 4, hasDeadline: true, random: () => 0 })).toBeUndefined();
  });
});
