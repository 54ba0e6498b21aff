import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Verifier } from '../../verifier/src/index.js';
import { type Issuer, issuerKey, startIssuer } from '../stand-ins/issuer.js';
import { outcome, verifierOf } from '../support/verifier.js';

let issuer: Issuer;
let verifier: Verifier;
beforeEach(async () => {
  issuer = await startIssuer();
  issuer.systemToken = 'the-system-token';
});
afterEach(async () => {
  verifier.close();
  await issuer.close();
});

const start = async (audience?: string) => {
  verifier = await verifierOf(issuer, {
    statusList: { base: issuer.lists },
    service: {
      tokenEndpoint: `${issuer.url}/token`,
      name: 'sale',
      secret: 'a:secret',
      ...(audience === undefined ? {} : { audience }),
    },
  });
};
const token = () => issuer.token({ status: { status_list: { idx: 7, uri: `${issuer.lists}/0` } } });
const lists = () => issuer.requests.filter(({ path }) => path === '/lists/0').map(({ headers }) => headers);

test('whoever fetches a list says who they are and which keys they hold, at most 20 (T10)', async () => {
  issuer.keys.push(...Array.from({ length: 30 }, (_, index) => issuerKey(`more-${index}`)));
  await start();
  await outcome(verifier, await token());
  const [sent] = lists();
  expect(sent?.authorization).toBe('Bearer the-system-token');
  expect(String(sent?.['x-loaded-kids']).split(',')).toEqual(issuer.keys.slice(0, 20).map(({ kid }) => kid));
});

test('the system token is had by client_credentials and BASIC, and asked anew shortly before its end (T10)', async () => {
  await start('identity');
  await outcome(verifier, await token());
  await verifier.refresh();
  const asked = () => issuer.requests.filter(({ path }) => path === '/token');
  expect(asked().map(({ headers, body }) => [headers.authorization, body])).toEqual([
    [
      `Basic ${Buffer.from('sale:a:secret').toString('base64')}`,
      'grant_type=client_credentials&audience=identity',
    ],
  ]);
  issuer.now += 271;
  await verifier.refresh();
  expect(asked()).toHaveLength(2);
});

test('an idle sister tells with the question for the lists’ keys; nobody else gets the system token (T10)', async () => {
  await start();
  issuer.keys.unshift(issuerKey('second'));
  await verifier.refresh();
  const told = issuer.requests.filter(({ headers }) => headers.authorization?.startsWith('Bearer'));
  expect(told.map(({ path, headers }) => [path, headers['x-loaded-kids']])).toEqual([
    ['/lists/keys', 'first'],
    ['/lists/keys', 'second,first'],
  ]);
});

test('without a system token, or when it is refused, lists are fetched all the same (T10)', async () => {
  issuer.systemToken = undefined;
  issuer.revoked.add(7);
  await start();
  expect(await outcome(verifier, await token())).toBe('InvalidToken revoked');
  issuer.systemToken = 'refused';
  issuer.refusesCredentials = true;
  issuer.now += 31;
  expect(await verifier.refresh()).toBe(true);
  expect(lists().map(({ authorization }) => authorization)).toEqual([undefined, 'Bearer refused', undefined]);
});
