import { randomBytes } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import { newPhone } from './phones.js';

/** Made elsewhere, of the password `abc`. */
export const BCRYPT = '$2a$10$WvvTPHKwdBJ3uk0Z37EMR.hLA2W6N9AEBhEgrAOljy2Ae5MtaSIUi';
export const BCRYPT_PASSWORD = 'abc';

/** As another service would have stored it. Memory in KiB. */
export const argon2id = (password: string, memoryCost = 19_456, timeCost = 2): Promise<string> =>
  hash(password, { memoryCost, timeCost, parallelism: 1, outputLen: 32 });

/** Somebody with a proven address, as a line of an import says it. */
export const newcomer = (extra: Record<string, unknown> = {}) => ({
  email: `moved-${randomBytes(6).toString('hex')}@example.test`,
  emailVerified: true,
  displayName: 'Người mới',
  passwordHash: BCRYPT,
  ...extra,
});

export const withPhone = () => ({ phone: newPhone(), phoneVerified: true });

export const asLines = (people: readonly object[]): string =>
  people.map((person) => `${JSON.stringify(person)}\n`).join('');
