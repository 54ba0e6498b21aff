import { expect, test } from '@jest/globals';
import { readSubjectToken } from '../../src/sign-in/token/subject-token.js';

const claims = { typ: 'Bearer', sub: 'k', sid: 's', azp: 'nx-spa', auth_time: 1, amr: ['pwd'], acr: '1' };

test("an access token of a listed app's is read (contract §4)", () => {
  expect(readSubjectToken(claims, ['nx-spa'])).toEqual({
    keycloakId: 'k',
    sid: 's',
    authTime: 1,
    amr: ['pwd'],
    acr: '1',
  });
});

test.each([
  ['an ID token', { typ: 'ID' }],
  ['a refresh token', { typ: 'Refresh' }],
  ['a logout token', { typ: 'Logout' }],
  ['a token without a session, such as a service account has', { sid: undefined }],
  ['a token of an app that is not listed', { azp: 'other' }],
  ['a token that is bound to its holder', { cnf: { jkt: 'x' } }],
])('%s is refused for exchange, even when it names us as its audience (contract §4)', (_what, bent) => {
  expect(() => readSubjectToken({ ...claims, ...bent }, ['nx-spa'])).toThrow('not an access token');
});
