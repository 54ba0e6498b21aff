import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isAccessKeyFile, KEY_FILES, OTP_TICKET_JWKS, readKeyFiles } from './key-files.js';
import { jwkSet } from './public-documents.js';
import { createSigner } from './signer.js';
import { writeKeyFile } from './write-key-file.js';

/** Makes the key files that are missing and leaves those that exist; each appears whole or not at all. */
export async function createKeyFiles(dir: string): Promise<void> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  const ecKey = () => pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  if (!readdirSync(dir).some(isAccessKeyFile)) create(dir, KEY_FILES.accessToken, ecKey);
  for (const name of [KEY_FILES.accountToken, KEY_FILES.otpTicket, KEY_FILES.statusList])
    create(dir, name, ecKey);
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
  if (!existsSync(join(dir, name))) writeKeyFile(dir, name, make());
}

const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
