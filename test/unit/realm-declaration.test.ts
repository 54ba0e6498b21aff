import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { findDifferences, overlay } from '../../src/administration/realm/compare.js';
import { loadDeclaration } from '../../src/administration/realm/declaration.js';
import { printable } from '../../src/administration/realm/difference.js';

const folder = mkdtempSync(join(tmpdir(), 'realm-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A placeholder in the declaration. */
const at = (name: string) => ['$', '{', name, '}'].join('');

const load = (declared: object, values: Record<string, string> = {}) => {
  const file = join(folder, 'realm.json');
  writeFileSync(file, JSON.stringify(declared));
  return loadDeclaration({
    file,
    realm: 'other',
    lookUp: (name) => values[name],
    atLeast: { idle: 1200, maximum: 28_800 },
  });
};

describe('the declaration', () => {
  test('takes placeholders from the environment, leaves keys of messages, and knows the secrets', () => {
    const declared = {
      displayName: `${at('NX_NAME')} of ${at('NX_A_SECRET')}`,
      clients: [{ name: at('client_admin-cli') }],
    };
    const { declaration, secrets } = load(declared, { NX_NAME: 'a "quoted" name', NX_A_SECRET: 'hush' });
    expect(declaration).toMatchObject({
      realm: 'other',
      displayName: 'a "quoted" name of hush',
      clients: [{ name: at('client_admin-cli') }],
    });
    expect(secrets).toEqual(['hush']);
  });

  test('names every placeholder without a value, an empty one too', () => {
    expect(() =>
      load({ a: at('NX_TWO'), b: [`${at('NX_ONE')} ${at('NX_GIVEN')}`] }, { NX_TWO: '', NX_GIVEN: 'x' }),
    ).toThrow(/needs NX_ONE, NX_TWO:/);
  });

  test.each([
    ['identity providers', { identityProviders: [{ alias: 'a' }] }, 'identityProviders'],
    ['client policies', { clientPolicies: { policies: [{ name: 'a' }] } }, 'clientPolicies'],
    ['people', { users: [{ username: 'somebody' }] }, 'users.somebody'],
    [
      'key providers',
      { components: { 'org.keycloak.keys.KeyProvider': [] } },
      'org.keycloak.keys.KeyProvider',
    ],
    ["clients' roles", { roles: { client: { a: [] } } }, 'roles.client'],
  ])('refuses %s by name, which would be imported once and never kept', (_what, declared, name) => {
    expect(() => load(declared)).toThrow(name);
  });

  test("holds the realm's session times to ours, and leaves longer ones (D4)", () => {
    const { declaration } = load({ ssoSessionIdleTimeout: 600, ssoSessionMaxLifespan: 36_000 });
    expect(declaration).toMatchObject({ ssoSessionIdleTimeout: 1200, ssoSessionMaxLifespan: 36_000 });
  });
});

describe('comparing', () => {
  test.each([
    ['what is not declared', { a: 1 }, { a: 1, b: 2 }],
    ['lists in another order', { a: ['x', 'y'] }, { a: ['y', 'x'] }],
    ['more of a list that may be extended', { supportedLocales: ['vi'] }, { supportedLocales: ['vi', 'ja'] }],
    ['nothing, told in another way', { a: '', b: [], c: false, d: {} }, { a: null }],
    [
      'a value that Keycloak hides',
      { 'default.reference.value': 'pwd' },
      { 'default.reference.value': '**********' },
    ],
  ])('%s is no difference', (_what, declared, live) => {
    expect(findDifferences('', declared, live)).toEqual([]);
  });

  test.each([
    ['another value', { a: { b: 1 } }, { a: { b: 2 } }, 'a.b'],
    ['a hidden value where none is declared', { a: '' }, { a: '**********' }, 'a'],
    ['one more in a list', { redirectUris: ['x'] }, { redirectUris: ['x', 'evil'] }, 'redirectUris'],
    ['one twice instead of two', { a: ['x', 'y'] }, { a: ['x', 'x'] }, 'a'],
    ['zero instead of nothing', { a: 0 }, {}, 'a'],
  ])('%s is one', (_what, declared, live, path) => {
    expect(findDifferences('', declared, live).map((difference) => difference.path)).toEqual([path]);
  });

  test('what is written keeps everything that is not declared', () => {
    const live = { a: 1, attributes: { theirs: 'x', ours: 'y' }, supportedLocales: ['ja'] };
    expect(overlay(live, { attributes: { ours: 'z' }, supportedLocales: ['vi'] })).toEqual({
      a: 1,
      attributes: { theirs: 'x', ours: 'z' },
      supportedLocales: ['ja', 'vi'],
    });
  });
});

test('a difference is printed without secrets, by name, by value and inside of objects', () => {
  const print = (path: string, from: unknown, to: unknown) => printable({ path, from, to }, ['hush']);
  expect(print('clients.a.secret', 'old', 'new')).toEqual({
    path: 'clients.a.secret',
    from: '[secret]',
    to: '[secret]',
  });
  expect(print('displayName', undefined, 'said hush')).toMatchObject({
    from: '(missing)',
    to: 'said [secret]',
  });
  expect(print('smtpServer', undefined, { host: 'h', password: 'p4ss' }).to).toBe(
    '{"host":"h","password":"[secret]"}',
  );
  expect(print('a', 'x'.repeat(1000), '').from).toHaveLength(301);
});
