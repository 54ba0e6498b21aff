import { expect, test } from '@jest/globals';
import { createRequestSignUp } from '../../src/sign-in/sign-up/request-sign-up.js';

type Options = Parameters<typeof createRequestSignUp>[0];

/** What a sign-up asks for, in order, when the platform knows its address, or does not. */
async function askedFor(account: { userId: string; keycloakId: string } | undefined): Promise<string[]> {
  const asked: string[] = [];
  const answers =
    <Answer>(name: string, answer: Answer) =>
    async (): Promise<Answer> => {
      asked.push(name);
      return answer;
    };
  const request = createRequestSignUp({
    nextId: () => '1',
    store: { begin: answers('begin', undefined) },
    findAccount: answers('find account', account),
    accounts: {
      findByEmail: answers('find by e-mail', undefined),
      createDisabled: answers('create disabled', 'kc-1'),
    },
    sendCode: async (_order: unknown, prepare: () => Promise<unknown>) => {
      await prepare();
      return {};
    },
  } as unknown as Options);
  await request({
    target: { identifier: { scheme: 'email', value: 'a@example.test' } },
    client: {},
    profile: {},
  } as unknown as Parameters<typeof request>[0]);
  return asked;
}

test('a sign-up asks Keycloak for as much when the address is known as when it is not (O5)', async () => {
  const unknown = await askedFor(undefined);
  expect(unknown).toEqual(['begin', 'find account', 'find by e-mail', 'create disabled']);
  expect(await askedFor({ userId: '1', keycloakId: 'kc-1' })).toEqual(unknown);
});
