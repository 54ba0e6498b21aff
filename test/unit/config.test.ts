import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config/config.js';
import { loadMigrationConfig } from '../../src/config/migration-config.js';

let dir: string;
let usable: Record<string, string>;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'config-'));
  writeFileSync(join(dir, 'secret'), 'a-client-secret-long-enough\n');
  usable = {
    DATABASE_URL: 'postgres://a:b@db/nx',
    REDIS_URL: 'redis://redis',
    IDENTITY_JWT_ISSUER: 'https://id.example',
    IDENTITY_JWT_AUDIENCE: 'nx',
    IDENTITY_KEYS_DIR: dir,
    IDENTITY_KEYCLOAK_URL: 'https://sso.example',
    IDENTITY_KEYCLOAK_CLIENT_SECRET_FILE: join(dir, 'secret'),
  };
});
afterAll(() => rmSync(dir, { recursive: true }));

const DEVELOPMENT = {
  IDENTITY_DEV_TOOLS: '1',
  NODE_ENV: 'development',
  IDENTITY_HOST: '127.0.0.1',
  IDENTITY_JWT_ISSUER: 'http://127.0.0.1:3000',
};

describe('configuration', () => {
  test('what is needed is enough; the rest has the defaults of the contract (R8)', () => {
    const config = loadConfig(usable);
    expect(config).toMatchObject({
      environment: 'production',
      devTools: false,
      http: { port: 3000, trustedHops: 0, corsOrigins: [] },
      internal: { host: '127.0.0.1', port: 3002 },
      services: {
        addresses: [
          { address: '127.0.0.0', prefix: 8, family: 'ipv4' },
          { address: '::1', prefix: 128, family: 'ipv6' },
        ],
      },
      sessions: { absoluteTtlS: 28_800, refreshGraceS: 20, keycloakRecheckS: 300 },
      limits: {
        signInPerIdentifier: 10,
        signInPerAddress: 100,
        refreshPerSession: 60,
        refreshPerAddress: 600,
        servicePerName: 120,
        servicePerAddress: 300,
      },
      keycloak: { clientSecret: 'a-client-secret-long-enough', publicUrl: 'https://sso.example' },
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  test('in development there may be an inbox, on this machine (contract §3)', () => {
    const inbox = {
      IDENTITY_DEV_INBOX_URL: 'http://[::1]:8025',
      IDENTITY_DEV_INBOX_SMTP_URL: 'smtp://localhost:1025',
    };
    expect(loadConfig({ ...usable, ...DEVELOPMENT }).devInbox).toBeUndefined();
    expect(loadConfig({ ...usable, ...DEVELOPMENT, ...inbox }).devInbox).toEqual({
      url: 'http://[::1]:8025',
      smtpUrl: 'smtp://localhost:1025',
    });
  });

  test('what holds a password may come as a file (T4)', () => {
    const file = join(dir, 'database-url');
    writeFileSync(file, 'postgres://from:file@db/nx\n');
    const { DATABASE_URL: _text, ...rest } = usable;
    expect(loadConfig({ ...rest, DATABASE_URL_FILE: file }).database.url).toBe('postgres://from:file@db/nx');
    expect(loadMigrationConfig({ DATABASE_URL_FILE: file }).databaseUrl).toBe('postgres://from:file@db/nx');
    expect(() => loadConfig({ ...usable, DATABASE_URL_FILE: file })).toThrow(
      'DATABASE_URL and DATABASE_URL_FILE are both set',
    );
    expect(() => loadConfig({ ...usable, REDIS_URL: '', REDIS_URL_FILE: join(dir, 'none') })).toThrow(
      /REDIS_URL_FILE: .*none cannot be read \(ENOENT\)/,
    );
  });

  test('every problem is named at once (R8)', () => {
    const broken = {
      ...usable,
      DATABASE_URL: '',
      REDIS_URL: 'http://redis',
      IDENTITY_PORT: '70000',
      IDENTITY_CORS_ORIGINS: '*',
    };
    for (const name of ['DATABASE_URL is missing', 'REDIS_URL', 'IDENTITY_PORT', 'IDENTITY_CORS_ORIGINS']) {
      expect(() => loadConfig(broken)).toThrow(name);
    }
  });

  test.each([
    ['an issuer with a path', { IDENTITY_JWT_ISSUER: 'https://id.example/a' }, /must be an origin/],
    [
      'a missing secret file',
      { IDENTITY_KEYCLOAK_CLIENT_SECRET_FILE: '/nowhere' },
      /cannot be read \(ENOENT\)/,
    ],
    ['a KMS key', { IDENTITY_KMS_KEY_ARN: 'arn:aws:kms:x' }, /does not support it/],
    [
      'dev tools in production',
      { IDENTITY_DEV_TOOLS: '1', IDENTITY_HOST: '127.0.0.1' },
      /NODE_ENV is production/,
    ],
    [
      'dev tools with https',
      { IDENTITY_DEV_TOOLS: '1', NODE_ENV: 'development', IDENTITY_HOST: '127.0.0.1' },
      /is https/,
    ],
    ['dev tools for everybody', { IDENTITY_DEV_TOOLS: '1', NODE_ENV: 'development' }, /loopback/],
    [
      'dev tools with an internal listener for everybody',
      {
        IDENTITY_DEV_TOOLS: '1',
        NODE_ENV: 'development',
        IDENTITY_HOST: '127.0.0.1',
        IDENTITY_INTERNAL_HOST: '0.0.0.0',
      },
      /loopback IDENTITY_INTERNAL_HOST/,
    ],
    [
      'an inbox for everybody’s mail without dev tools',
      {
        IDENTITY_DEV_INBOX_URL: 'http://127.0.0.1:8025',
        IDENTITY_DEV_INBOX_SMTP_URL: 'smtp://127.0.0.1:1025',
      },
      /IDENTITY_DEV_INBOX_URL is refused without IDENTITY_DEV_TOOLS=1/,
    ],
    [
      'an inbox on another machine',
      {
        ...DEVELOPMENT,
        IDENTITY_DEV_INBOX_URL: 'http://inbox.example:8025',
        IDENTITY_DEV_INBOX_SMTP_URL: 'smtp://127.0.0.1.inbox.example:1025',
      },
      /INBOX_URL must be on loopback.*\n.*INBOX_SMTP_URL must be on loopback/,
    ],
    [
      'half an inbox',
      { ...DEVELOPMENT, IDENTITY_DEV_INBOX_URL: 'http://127.0.0.1:8025' },
      /belong together: only IDENTITY_DEV_INBOX_URL is set/,
    ],
    [
      'services from everywhere',
      { IDENTITY_SERVICE_ADDRESSES: '10.0.0.0/8, 0.0.0.0/0' },
      /IDENTITY_SERVICE_ADDRESSES: 0\.0\.0\.0\/0/,
    ],
    [
      'an inbox without dev tools',
      { IDENTITY_DEV_INBOX_URL: 'http://127.0.0.1:1', IDENTITY_DEV_INBOX_SMTP_URL: 'smtp://127.0.0.1:2' },
      /IDENTITY_DEV_INBOX_SMTP_URL is refused without IDENTITY_DEV_TOOLS/,
    ],
    ['worker ids past ten bits', { IDENTITY_SNOWFLAKE_WORKER_IDS: '1-1024' }, /0-1023/],
    ['an endless grace', { IDENTITY_REFRESH_GRACE_S: '31' }, /IDENTITY_REFRESH_GRACE_S/],
    ['weak password hashes', { IDENTITY_ARGON2_MEMORY_KIB: '7168' }, /IDENTITY_ARGON2_MEMORY_KIB/],
  ])('%s is refused (R8)', (_what, extra, message) => {
    expect(() => loadConfig({ ...usable, ...(extra as object) })).toThrow(message);
  });

  test('a private key as text is refused in any variable, as PEM, base64 or JWK (T4)', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const forms = [
      pem,
      Buffer.from(pem).toString('base64'),
      JSON.stringify(privateKey.export({ format: 'jwk' })),
    ];
    for (const text of forms) {
      expect(() => loadConfig({ ...usable, ANYTHING: text })).toThrow(/ANYTHING holds a private key as text/);
    }
  });
});
