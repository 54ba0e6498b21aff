import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** One internal key per kind, apart from the published ones (D1): a verifier of one kind knows no other key. */
export const KEY_FILES = {
  /** EC P-256; its public half is in `/jw-certs`. */
  accessToken: 'access-token.pem',
  /** Ed25519, never published. */
  refreshToken: 'refresh-token.pem',
  /** 32 random bytes in base64url: AES-256-GCM for Keycloak's refresh tokens in our rows (D4). */
  sessionEncryption: 'session-encryption.key',
  /** The same, for what a browser carries while it is on Keycloak's pages. */
  loginState: 'login-state.key',
  /** The same, for the key of each subject in the audit trail (X1). */
  audit: 'audit.key',
} as const;

export interface KeyMaterial {
  accessToken: KeyObject;
  refreshToken: KeyObject;
  sessionEncryption: Buffer;
  loginState: Buffer;
  audit: Buffer;
  /** When the access token key's file was written. */
  accessTokenSince: Date;
}

export class UnusableKeys extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The keys are not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/**
 * Reads the mounted key files (T4).
 * @throws UnusableKeys naming every problem at once: missing, wrong curve, open to others or writable by the group
 */
export function readKeyFiles(dir: string): KeyMaterial {
  const problems: string[] = [];
  const collect = <T>(name: string, read: (text: string) => T): T | undefined => {
    try {
      return read(readGuarded(join(dir, name)));
    } catch (error) {
      problems.push(`${join(dir, name)}: ${(error as Error).message}`);
      return undefined;
    }
  };
  const accessToken = collect(KEY_FILES.accessToken, (text) => readPrivateKey(text, 'ec'));
  const refreshToken = collect(KEY_FILES.refreshToken, (text) => readPrivateKey(text, 'ed25519'));
  const sessionEncryption = collect(KEY_FILES.sessionEncryption, readSecretKey);
  const loginState = collect(KEY_FILES.loginState, readSecretKey);
  const audit = collect(KEY_FILES.audit, readSecretKey);
  if (!accessToken || !refreshToken || !sessionEncryption || !loginState || !audit)
    throw new UnusableKeys(problems);
  const accessTokenSince = statSync(join(dir, KEY_FILES.accessToken)).mtime;
  return { accessToken, refreshToken, sessionEncryption, loginState, audit, accessTokenSince };
}

/** `stat`, not `lstat`: Kubernetes mounts secrets behind symlinks, and what counts is the file at their end. */
function readGuarded(path: string): string {
  const { mode } = statSync(path, { throwIfNoEntry: false }) ?? {};
  if (mode === undefined) throw new Error('is missing');
  if (mode & 0o007) throw new Error(`is open to others (mode ${(mode & 0o777).toString(8)}); chmod 600`);
  if (mode & 0o020)
    throw new Error(`is writable by its group (mode ${(mode & 0o777).toString(8)}); chmod 600`);
  return readFileSync(path, 'utf8');
}

function readPrivateKey(pem: string, type: 'ec' | 'ed25519'): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new Error('holds no readable private key in PEM');
  }
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (key.asymmetricKeyType !== type || (type === 'ec' && curve !== 'prime256v1')) {
    const expected = type === 'ec' ? 'EC P-256' : 'Ed25519';
    throw new Error(`must be an ${expected} key, not ${curve ?? key.asymmetricKeyType}`);
  }
  return key;
}

function readSecretKey(text: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64url');
  if (key.length !== 32 || key.every((byte) => byte === key[0]))
    throw new Error('must hold 32 random bytes in base64url');
  return key;
}
