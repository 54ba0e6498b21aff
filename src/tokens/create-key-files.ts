import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KEY_FILES, OTP_TICKET_JWKS, readKeyFiles } from './key-files.js';
import { jwkSet } from './public-documents.js';
import { createSigner } from './signer.js';

/** Makes the key files that are missing and leaves those that exist; each appears whole or not at all. */
export async function createKeyFiles(dir: string): Promise<void> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  for (const name of [
    KEY_FILES.accessToken,
    KEY_FILES.accountToken,
    KEY_FILES.otpTicket,
    KEY_FILES.statusList,
  ]) {
    create(dir, name, () => pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey));
  }
  for (const name of [KEY_FILES.refreshToken, KEY_FILES.deviceToken]) {
    create(dir, name, () => pem(generateKeyPairSync('ed25519').privateKey));
  }
  for (const name of [
    KEY_FILES.sessionEncryption,
    KEY_FILES.loginState,
    KEY_FILES.audit,
    KEY_FILES.otpPepper,
    KEY_FILES.message,
    KEY_FILES.configuration,
  ]) {
    create(dir, name, () => randomBytes(32).toString('base64url'));
  }
  const ticketKeys = jwkSet([await createSigner(readKeyFiles(dir).otpTicket)]);
  create(dir, OTP_TICKET_JWKS, () => JSON.stringify(ticketKeys));
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
