import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createKeyFiles } from '../../src/tokens/create-key-files.js';
import { KEY_FILES, readKeyFiles } from '../../src/tokens/key-files.js';

let dir: string;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'keys-'));
  await createKeyFiles(dir);
});
afterEach(() => rmSync(dir, { recursive: true }));

const pem = (type: 'P-384' | 'rsa') => {
  const { privateKey } =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: type });
  return privateKey.export({ type: 'pkcs8', format: 'pem' });
};
const replace = (name: string, text: string | Buffer) => writeFileSync(join(dir, name), text);

describe('key files', () => {
  test('made ones are readable by their owner alone, are read back, and are never replaced (T4)', async () => {
    for (const name of Object.values(KEY_FILES)) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
    const before = Object.values(KEY_FILES).map((name) => readFileSync(join(dir, name), 'utf8'));
    await createKeyFiles(dir);
    expect(Object.values(KEY_FILES).map((name) => readFileSync(join(dir, name), 'utf8'))).toEqual(before);
    expect(readdirSync(dir)).toHaveLength(Object.keys(KEY_FILES).length + 1); // and the public half for Keycloak
    expect(readKeyFiles(dir).accessTokens[0]?.privateKey.asymmetricKeyType).toBe('ec');
  });

  test.each([
    ['missing', () => rmSync(join(dir, KEY_FILES.accessToken)), /access-token\.pem: is missing/],
    [
      'on another curve',
      () => replace(KEY_FILES.accessToken, pem('P-384')),
      /must be an EC P-256 or RSA \(2048 bits at least\) key, not secp384r1/,
    ],
    ['of another kind', () => replace(KEY_FILES.refreshToken, pem('rsa')), /must be an Ed25519 key, not rsa/],
    ['no key', () => replace(KEY_FILES.accessToken, 'hello'), /holds no readable private key/],
    [
      'readable by others',
      () => chmodSync(join(dir, KEY_FILES.accessToken), 0o604),
      /open to others \(mode 604\)/,
    ],
    [
      'writable by its group',
      () => chmodSync(join(dir, KEY_FILES.refreshToken), 0o660),
      /writable by its group/,
    ],
    ['too short', () => replace(KEY_FILES.sessionEncryption, 'short'), /32 random bytes/],
    [
      'all zero',
      () => replace(KEY_FILES.sessionEncryption, Buffer.alloc(32).toString('base64url')),
      /32 random bytes/,
    ],
  ])('a key that is %s refuses the start and says so (T4)', (_what, spoil, message) => {
    spoil();
    expect(() => readKeyFiles(dir)).toThrow(message);
  });

  test('all problems are named at once (R8)', () => {
    rmSync(join(dir, KEY_FILES.accessToken));
    replace(KEY_FILES.sessionEncryption, '');
    expect(() => readKeyFiles(dir)).toThrow(/access-token[\s\S]*session-encryption/);
  });

  test("Kubernetes' symlinks are followed: the file at their end counts (T4)", () => {
    mkdirSync(join(dir, '..data'));
    for (const name of Object.values(KEY_FILES)) {
      renameSync(join(dir, name), join(dir, '..data', name));
      symlinkSync(join('..data', name), join(dir, name));
    }
    chmodSync(join(dir, '..data', KEY_FILES.accessToken), 0o440);
    expect(() => readKeyFiles(dir)).not.toThrow();
    chmodSync(join(dir, '..data', KEY_FILES.accessToken), 0o444);
    expect(() => readKeyFiles(dir)).toThrow(/open to others/);
  });

  test('a key made by openssl in SEC1 form is taken as well (T4)', () => {
    replace(
      KEY_FILES.accessToken,
      execFileSync('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout'], { stdio: 'pipe' }),
    );
    expect(readKeyFiles(dir).accessTokens[0]?.privateKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  });
});
