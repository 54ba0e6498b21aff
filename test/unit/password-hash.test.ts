import { expect, test } from '@jest/globals';
import { HASHING } from '../../embedded/keycloak-environment.js';
import { importUsersCommand } from '../../src/operations/import/import-users-command.js';
import { readPasswordHash } from '../../src/operations/import/password-hash.js';

const KEYCLOAK = { memoryKib: 65_536, iterations: 3 };
const argon2id = (cost: string) =>
  `$argon2id$v=19$${cost}$c29tZXNhbHRzb21lc2FsdA$cYgHUXQoVt5CkCC2CzF9bDNsM9oq3tHFkGbEsG+7yWU`;
const read = (text: string) => readPasswordHash(text, KEYCLOAK);

test('a hash in PHC’s format becomes what Keycloak stores, base64 padded (S13)', () => {
  const stored = read(argon2id('m=19456,t=2,p=1'));
  if (typeof stored === 'string') throw new Error(stored);
  expect(JSON.parse(stored.credentialData)).toMatchObject({
    hashIterations: 2,
    algorithm: 'argon2',
    additionalParameters: { hashLength: ['32'], memory: ['19456'], parallelism: ['1'] },
  });
  expect(JSON.parse(stored.secretData)).toEqual({
    value: 'cYgHUXQoVt5CkCC2CzF9bDNsM9oq3tHFkGbEsG+7yWU=',
    salt: 'c29tZXNhbHRzb21lc2FsdA==',
  });
});

test.each(['m=65537,t=1,p=1', 'm=65536,t=4,p=1', 'm=32768,t=7,p=4'])(
  'a hash of %s is refused, as Keycloak would weaken it (S13)',
  (cost) => {
    expect(read(argon2id(cost))).toBe('stronger_than_keycloak');
  },
);

test.each(['m=65536,t=3,p=4', 'm=65536,t=1,p=1', 'm=32768,t=6,p=1'])(
  'a hash of %s is no stronger than Keycloak’s (S13)',
  (cost) => {
    expect(read(argon2id(cost))).toBeInstanceOf(Object);
  },
);

test.each([
  '',
  '$argon2i$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$cYgHUXQoVt5CkCC2CzF9bDNsM9oq3tHFkGbEsG+7yWU',
  argon2id('m=7,t=3,p=1'),
  '$2a$03$WvvTPHKwdBJ3uk0Z37EMR.hLA2W6N9AEBhEgrAOljy2Ae5MtaSIUi',
  '$2a$17$WvvTPHKwdBJ3uk0Z37EMR.hLA2W6N9AEBhEgrAOljy2Ae5MtaSIUi',
  '$2a$10$short',
])('what is no hash that can be checked is refused: %s (S13)', (text) => {
  expect(read(text)).toBe('unknown_hash');
});

test('the command counts with the passes that Keycloak is started with (S13)', () => {
  expect(importUsersCommand.usage).toContain(
    `unless ${HASHING.KC_SPI_PASSWORD_HASHING__ARGON2__ITERATIONS}:`,
  );
});
