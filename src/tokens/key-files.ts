import { createPrivateKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
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
  /** The same, for recipients and codes of messages that wait to be sent (D7). */
  message: 'message.key',
  /** The same, for credentials in `Configuration` (contract §9). */
  configuration: 'configuration.key',
} as const;

/** Beside `configuration.key` while a new one takes over: opens what it sealed, and seals nothing. */
export const PREVIOUS_CONFIGURATION_KEY = 'configuration.previous.key';

/** What messages are sent with; all that a worker needs of the key files. */
export interface MessageKeys {
  message: Buffer;
  configuration: Buffer;
  previousConfiguration: Buffer | undefined;
}

export interface KeyMaterial extends MessageKeys {
  accessToken: KeyObject;
  refreshToken: KeyObject;
  sessionEncryption: Buffer;
  loginState: Buffer;
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
  const { read, problems } = createReader(dir);
  const accessToken = read(KEY_FILES.accessToken, (text) => readPrivateKey(text, 'ec'));
  const refreshToken = read(KEY_FILES.refreshToken, (text) => readPrivateKey(text, 'ed25519'));
  const sessionEncryption = read(KEY_FILES.sessionEncryption, readSecretKey);
  const loginState = read(KEY_FILES.loginState, readSecretKey);
  const messageKeys = collectMessageKeys(dir, read);
  if (
    !accessToken ||
    !refreshToken ||
    !sessionEncryption ||
    !loginState ||
    !messageKeys ||
    problems.length > 0
  )
    throw new UnusableKeys(problems);
  const accessTokenSince = statSync(join(dir, KEY_FILES.accessToken)).mtime;
  return { accessToken, refreshToken, sessionEncryption, loginState, accessTokenSince, ...messageKeys };
}

/** The worker's: it signs nothing and so reads no signing key. @throws UnusableKeys */
export function readMessageKeys(dir: string): MessageKeys {
  const { read, problems } = createReader(dir);
  const keys = collectMessageKeys(dir, read);
  if (!keys || problems.length > 0) throw new UnusableKeys(problems);
  return keys;
}

function collectMessageKeys(dir: string, read: Reader): MessageKeys | undefined {
  const message = read(KEY_FILES.message, readSecretKey);
  const configuration = read(KEY_FILES.configuration, readSecretKey);
  const previousConfiguration = existsSync(join(dir, PREVIOUS_CONFIGURATION_KEY))
    ? read(PREVIOUS_CONFIGURATION_KEY, readSecretKey)
    : undefined;
  return message && configuration && { message, configuration, previousConfiguration };
}

type Reader = <T>(name: string, parse: (text: string) => T) => T | undefined;

function createReader(dir: string): { read: Reader; problems: string[] } {
  const problems: string[] = [];
  const read: Reader = (name, parse) => {
    try {
      return parse(readGuarded(join(dir, name)));
    } catch (error) {
      problems.push(`${join(dir, name)}: ${(error as Error).message}`);
      return undefined;
    }
  };
  return { read, problems };
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
