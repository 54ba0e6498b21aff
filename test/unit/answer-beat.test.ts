import { expect, test } from '@jest/globals';
import { Problem } from '../../src/errors/problem.js';
import { createAnswerBeat, evenRefusals, evenSignUps } from '../../src/sign-in/answer-beat.js';
import { signInErrors } from '../../src/sign-in/errors.js';
import type { FirstPartySignIn } from '../../src/sign-in/sign-in-first-party.js';
import type { RequestSignUp } from '../../src/sign-in/sign-up/request-sign-up.js';

/** At which millisecond something that takes so many is answered. */
async function answeredAt(
  takesMs: number,
  ask: (take: () => void, beat: ReturnType<typeof createAnswerBeat>) => Promise<unknown>,
  beatMs = 400,
): Promise<number> {
  let now = 1000;
  const beat = createAnswerBeat({
    beatMs,
    monotonicNow: () => now,
    pause: async (ms) => {
      now += Math.max(0, ms);
    },
  });
  const take = () => {
    now += takesMs;
  };
  await ask(take, beat).catch((error) => {
    if (!(error instanceof Problem)) throw error;
  });
  return now - 1000;
}

const visit = {} as Parameters<FirstPartySignIn>[0];
const signIn = (answer: FirstPartySignIn) => (take: () => void, beat: ReturnType<typeof createAnswerBeat>) =>
  evenRefusals((asked) => {
    take();
    return answer(asked);
  }, beat)(visit);
const refuse = signIn(async () => {
  throw new Problem(signInErrors.refused);
});
const signUp = (take: () => void, beat: ReturnType<typeof createAnswerBeat>) =>
  evenSignUps(async () => {
    take();
    return {} as Awaited<ReturnType<RequestSignUp>>;
  }, beat)({} as Parameters<RequestSignUp>[0]);

test('refused sign-ins are answered at one time, however long each took (O5)', async () => {
  expect([await answeredAt(250, refuse), await answeredAt(300, refuse)]).toEqual([400, 400]);
  expect([await answeredAt(410, refuse), await answeredAt(790, refuse)]).toEqual([800, 800]);
  expect(await answeredAt(250, refuse, 0)).toBe(250);
});

test('sign-ups are answered at one time, however long each took (O5)', async () => {
  expect([await answeredAt(250, signUp), await answeredAt(300, signUp)]).toEqual([400, 400]);
  expect(await answeredAt(410, signUp)).toBe(800);
});

test('nobody else waits: neither who is signed in nor who has to go on to a page', async () => {
  expect(
    await answeredAt(
      250,
      signIn(async () => ({}) as Awaited<ReturnType<FirstPartySignIn>>),
    ),
  ).toBe(250);
  const goOn = signIn(async () => {
    throw new Problem(signInErrors.continue_on_hosted_page);
  });
  expect(await answeredAt(250, goOn)).toBe(250);
});
