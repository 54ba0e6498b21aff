import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEY_FILES } from './key-files.js';

/** Makes the key files that are missing and leaves those that exist; each appears whole or not at all. */
export async function createKeyFiles(dir: string): Promise<void> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  create(dir, KEY_FILES.accessToken, () =>
    pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey),
  );
  create(dir, KEY_FILES.refreshToken, () => pem(generateKeyPairSync('ed25519').privateKey));
  for (const name of [KEY_FILES.sessionEncryption, KEY_FILES.loginState, KEY_FILES.audit]) {
    create(dir, name, () => randomBytes(32).toString('base64url'));
  }
}

function create(dir: string, name: string, make: () => string): void {
  const path = join(dir, name);
  if (existsSync(path)) return;
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, make(), { mode: 0o600 });
  try {
    linkSync(partial, path); // refuses to replace a key that another process made meanwhile
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(partial);
  }
}

const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
