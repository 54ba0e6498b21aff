import { createPrivateKey, type KeyObject } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** One internal key per kind, apart from the published ones (D1): a verifier of one kind knows no other key. */
export const KEY_FILES = {
  /** EC P-256 or RSA; its public half is in `/jw-certs`. The first of them: `isAccessKeyFile` knows the others. */
  accessToken: 'access-token.pem',
  /** EC P-256, for tokens that only select a branch; not in `/jw-certs`, so that no stock sister takes them (D1). */
  accountToken: 'account-token.pem',
  /** Ed25519, never published. */
  refreshToken: 'refresh-token.pem',
  /** EC P-256; its public half is at `BASE/token-status-lists/keys`, never in `/jw-certs`. */
  statusList: 'status-list.pem',
  /** 32 random bytes in base64url: AES-256-GCM for Keycloak's refresh tokens in our rows (D4). */
  sessionEncryption: 'session-encryption.key',
  /** The same, for what a browser carries while it is on Keycloak's pages. */
  loginState: 'login-state.key',
  /** EC P-256, for tickets that Keycloak takes; its public half is in `otp-ticket.jwks.json`, for Keycloak alone. */
  otpTicket: 'otp-ticket.pem',
  /** Ed25519, never published: for devices that have signed in before. */
  deviceToken: 'device-token.pem',
  /** 32 random bytes: the HMAC of one-time codes, and the seal of their challenges. */
  otpPepper: 'otp-pepper.key',
  /** The same, for recipients and codes of messages that wait to be sent (D7). */
  message: 'message.key',
  /** The same, for credentials in `Configuration` (contract §9). */
  configuration: 'configuration.key',
  /** The same, for the key of each subject in the audit trail (X1). */
  audit: 'audit.key',
} as const;

/** What Keycloak reads (`spi-nx--otp-ticket--jwks`): public, and made from the key beside it. */
export const OTP_TICKET_JWKS = 'otp-ticket.jwks.json';

/** Beside `configuration.key` while a new one takes over: opens what it sealed, and seals nothing. */
export const PREVIOUS_CONFIGURATION_KEY = 'configuration.previous.key';

/** The keys that sign access tokens: `access-token.pem`, and one `access-token.<kid>.pem` for each rotation (T5). */
export const isAccessKeyFile = (name: string): boolean => /^access-token(\.[\w-]{1,64})?\.pem$/.test(name);

export interface AccessKeyFile {
  name: string;
  privateKey: KeyObject;
  /** When the file was written. */
  since: Date;
}

/** What messages are sent with; all that a worker needs of the key files. */
export interface MessageKeys {
  message: Buffer;
  configuration: Buffer;
  previousConfiguration: Buffer | undefined;
}

export interface KeyMaterial extends MessageKeys {
  /** Never empty; which of them signs is in the table `SigningKey`. */
  accessTokens: AccessKeyFile[];
  accountToken: KeyObject;
  refreshToken: KeyObject;
  statusList: KeyObject;
  sessionEncryption: Buffer;
  loginState: Buffer;
  otpTicket: KeyObject;
  deviceToken: KeyObject;
  otpPepper: Buffer;
  audit: Buffer;
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
  const { read, complete } = createReader(dir);
  const keys = {
    accessTokens: accessKeyNames(dir).map((name) => read(name, (text) => accessKey(dir, name, text))),
    accountToken: read(KEY_FILES.accountToken, (text) => readPrivateKey(text, 'ec')),
    refreshToken: read(KEY_FILES.refreshToken, (text) => readPrivateKey(text, 'ed25519')),
    statusList: read(KEY_FILES.statusList, (text) => readPrivateKey(text, 'ec')),
    sessionEncryption: read(KEY_FILES.sessionEncryption, readSecretKey),
    loginState: read(KEY_FILES.loginState, readSecretKey),
    otpTicket: read(KEY_FILES.otpTicket, (text) => readPrivateKey(text, 'ec')),
    deviceToken: read(KEY_FILES.deviceToken, (text) => readPrivateKey(text, 'ed25519')),
    otpPepper: read(KEY_FILES.otpPepper, readSecretKey),
    audit: read(KEY_FILES.audit, readSecretKey),
    ...messageKeys(read),
  };
  const previousConfiguration = readPreviousConfigurationKey(dir, read);
  const whole = complete(keys);
  const accessTokens = whole.accessTokens.filter((key) => key !== undefined);
  return { ...whole, accessTokens, previousConfiguration };
}

/** One access token key by itself, for a file that appears while the process runs. @throws Error saying what is wrong */
export const readAccessKeyFile = (dir: string, name: string): AccessKeyFile =>
  accessKey(dir, name, readGuarded(join(dir, name)));

/** Without any, the first one's, so that the complaint names it. */
function accessKeyNames(dir: string): string[] {
  const names = existsSync(dir) ? readdirSync(dir).filter(isAccessKeyFile).sort() : [];
  return names.length > 0 ? names : [KEY_FILES.accessToken];
}

const accessKey = (dir: string, name: string, pem: string): AccessKeyFile => ({
  name,
  privateKey: readPrivateKey(pem, 'ec', 'rsa'),
  since: statSync(join(dir, name)).mtime,
});

/** The worker's: it signs nothing and so reads no signing key. @throws UnusableKeys */
export function readMessageKeys(dir: string): MessageKeys {
  const { read, complete } = createReader(dir);
  const keys = messageKeys(read);
  const previousConfiguration = readPreviousConfigurationKey(dir, read);
  return { ...complete(keys), previousConfiguration };
}

const messageKeys = (read: Reader) => ({
  message: read(KEY_FILES.message, readSecretKey),
  configuration: read(KEY_FILES.configuration, readSecretKey),
});

const readPreviousConfigurationKey = (dir: string, read: Reader): Buffer | undefined =>
  existsSync(join(dir, PREVIOUS_CONFIGURATION_KEY))
    ? read(PREVIOUS_CONFIGURATION_KEY, readSecretKey)
    : undefined;

type Reader = <T>(name: string, parse: (text: string) => T) => T | undefined;

/** Every key of them, none missing. */
type Complete<Keys> = { [Name in keyof Keys]: NonNullable<Keys[Name]> };

/** Reads what it can, so that `complete` names every problem at once. */
function createReader(dir: string): { read: Reader; complete: <Keys>(keys: Keys) => Complete<Keys> } {
  const problems: string[] = [];
  const read: Reader = (name, parse) => {
    try {
      return parse(readGuarded(join(dir, name)));
    } catch (error) {
      problems.push(`${join(dir, name)}: ${(error as Error).message}`);
      return undefined;
    }
  };
  return {
    read,
    complete<Keys>(keys: Keys) {
      if (problems.length > 0) throw new UnusableKeys(problems);
      return keys as Complete<Keys>;
    },
  };
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

/** The shortest RSA key that may sign is RFC 7518 §3.3's. */
const KINDS = {
  ec: { name: 'EC P-256', fits: (key: KeyObject) => key.asymmetricKeyDetails?.namedCurve === 'prime256v1' },
  rsa: {
    name: 'RSA (2048 bits at least)',
    fits: (key: KeyObject) => (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048,
  },
  ed25519: { name: 'Ed25519', fits: () => true },
};

function readPrivateKey(pem: string, ...kinds: (keyof typeof KINDS)[]): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new Error('holds no readable private key in PEM');
  }
  if (!kinds.some((kind) => key.asymmetricKeyType === kind && KINDS[kind].fits(key))) {
    const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
    const expected = kinds.map((kind) => KINDS[kind].name).join(' or ');
    const found = namedCurve ?? [key.asymmetricKeyType, modulusLength].filter(Boolean).join(' ');
    throw new Error(`must be an ${expected} key, not ${found}`);
  }
  return key;
}

function readSecretKey(text: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64url');
  if (key.length !== 32 || key.every((byte) => byte === key[0]))
    throw new Error('must hold 32 random bytes in base64url');
  return key;
}
