import { expect, test } from '@jest/globals';
import { Problem } from '../../src/errors/problem.js';
import { signInErrors } from '../../src/sign-in/errors.js';
import { evenRefusals } from '../../src/sign-in/even-refusals.js';
import type { FirstPartySignIn } from '../../src/sign-in/sign-in-first-party.js';

/** At which millisecond a sign-in that takes so many is answered. */
async function answeredAt(takesMs: number, answer: FirstPartySignIn, beatMs = 400): Promise<number> {
  let now = 1000;
  const signIn: FirstPartySignIn = (visit) => {
    now += takesMs;
    return answer(visit);
  };
  const even = evenRefusals(signIn, {
    beatMs,
    monotonicNow: () => now,
    pause: async (ms) => {
      now += Math.max(0, ms);
    },
  });
  await even({} as Parameters<FirstPartySignIn>[0]).catch((error) => {
    if (!(error instanceof Problem)) throw error;
  });
  return now - 1000;
}
const refuse: FirstPartySignIn = async () => {
  throw new Problem(signInErrors.refused);
};

test('refused sign-ins are answered at one time, however long each took (O5)', async () => {
  expect([await answeredAt(250, refuse), await answeredAt(300, refuse)]).toEqual([400, 400]);
  expect([await answeredAt(410, refuse), await answeredAt(790, refuse)]).toEqual([800, 800]);
  expect(await answeredAt(250, refuse, 0)).toBe(250);
});

test('nobody else waits: neither who is signed in nor who has to go on to a page', async () => {
  expect(await answeredAt(250, async () => ({}) as Awaited<ReturnType<FirstPartySignIn>>)).toBe(250);
  const goOn: FirstPartySignIn = async () => {
    throw new Problem(signInErrors.continue_on_hosted_page);
  };
  expect(await answeredAt(250, goOn)).toBe(250);
});
