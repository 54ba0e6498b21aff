import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { containersUser, makeComposeSecrets, tellCompose } from '../../embedded/make-compose-secrets.js';
import { readKeyFiles } from '../../src/tokens/key-files.js';
import { type ComposeService, composeFile, withDefaults } from './compose-file.js';

const { services, secrets } = composeFile();
const all = Object.entries(services);
const ours = all.filter(([, { image }]) => image === 'nx-seller-identity');
const isJob = ({ healthcheck }: ComposeService) => healthcheck?.disable === true;
const sourceOf = (secret: string | { source: string }) =>
  typeof secret === 'string' ? secret : secret.source;

let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'compose-secrets-'));
  await makeComposeSecrets(dir);
});
afterAll(() => rmSync(dir, { recursive: true }));

describe('docker-compose.yml', () => {
  test('has every part of the system (R13)', () => {
    expect(Object.keys(services)).toEqual(
      expect.arrayContaining(
        ['postgres', 'redis', 'keycloak', 'realm', 'migrate', 'service', 'worker', 'mail', 'proxy'].concat([
          'prometheus',
          'grafana',
        ]),
      ),
    );
    for (const name of ['prometheus', 'grafana']) expect(services[name]?.profiles).toEqual(['monitoring']);
  });

  test.each([...ours])(
    '%s runs as nobody special, on a file system that it can not write (R1)',
    (_name, each) => {
      expect(withDefaults(each.user ?? '')).toBe('1000:1000');
      expect(each).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
    },
  );

  test.each([...all])(
    '%s has no secret in its environment, and no development tools (T4, contract §3)',
    (_name, each) => {
      expect(each.privileged).toBeUndefined();
      for (const [variable, value] of Object.entries(each.environment ?? {})) {
        if (/PASSWORD|SECRET|TOKEN|_KEYS?(_|$)/.test(variable)) expect(value).toMatch(/^\/run\//);
        expect(String(value)).not.toMatch(/:\/\/[^/]*@/); // a URL with a password
      }
      expect(Object.keys(each.environment ?? {})).not.toContain('IDENTITY_DEV_TOOLS');
    },
  );

  test.each([...all])(
    '%s mounts the secrets that its environment names, each of them declared',
    (_name, each) => {
      const mounted = (each.secrets ?? []).map(sourceOf);
      for (const secret of mounted) expect(Object.keys(secrets)).toContain(secret);
      for (const [variable, value] of Object.entries(each.environment ?? {})) {
        const name = /^\/run\/secrets\/(\w+)$/.exec(String(value))?.[1];
        if (name !== undefined) expect([variable, ...mounted]).toContain(name);
      }
    },
  );

  test('our processes are told nothing but what the service reads (R8)', () => {
    const known = readFileSync('docs/configuration.md', 'utf8') + readFileSync('keycloak/README.md', 'utf8');
    const told = ours.flatMap(([, { environment }]) => Object.keys(environment ?? {}));
    expect(told.filter((name) => !known.includes(name.replace(/^(NX_\w+)_FILE$/, '$1')))).toEqual([]);
  });

  test('the worker has two keys and no more; the realm’s own credential is the realm job’s alone (T4)', () => {
    const keys = services.worker?.secrets?.flatMap((each) => (typeof each === 'string' ? [] : [each.target]));
    expect(keys).toEqual(['/run/nx/keys/message.key', '/run/nx/keys/configuration.key']);
    expect(services.worker?.volumes).toBeUndefined();
    const holders = all.filter(([, each]) => each.secrets?.includes('keycloak_admin_client_secret'));
    expect(holders.map(([name]) => name)).toEqual(['keycloak', 'realm']);
  });

  test('the proxy alone is open to others; it is on no network with what it must not reach', () => {
    const published = all.flatMap(([name, { ports = [] }]) =>
      ports.map((port) => [name, withDefaults(port)]),
    );
    expect(published.filter(([, port]) => !port?.startsWith('127.0.0.1:'))).toEqual([
      ['proxy', '31010:31010'],
    ]);
    expect(services.proxy?.networks).toEqual(['edge']);
    const beside = all.filter(([, { networks }]) => networks?.includes('edge')).map(([name]) => name);
    expect(beside).toEqual(['service', 'proxy']);
    expect(services.service?.labels).toMatchObject({
      'traefik.http.services.nx-identity.loadbalancer.server.port': '3000',
    });
  });

  test('whoever waits for another says for what, and a job is waited for to its end (R13)', () => {
    for (const [name, { depends_on: needs = {} }] of all) {
      if (name === 'grafana') continue;
      for (const [needed, { condition }] of Object.entries(needs)) {
        const job = isJob(services[needed] as ComposeService);
        expect([name, needed, condition]).toEqual([
          name,
          needed,
          job ? 'service_completed_successfully' : 'service_healthy',
        ]);
      }
    }
    const jobs = all.filter(([, each]) => isJob(each) && !each.profiles).map(([name]) => name);
    // One that nobody waits for would fail `up --wait` by ending.
    for (const job of jobs) expect(all.some(([, each]) => each.depends_on?.[job])).toBe(true);
  });
});

describe('npm run compose:secrets', () => {
  test('makes every file that compose mounts, closed to others by their directory', () => {
    for (const { file } of Object.values(secrets)) {
      expect(existsSync(withDefaults(file).replace('./.data/compose', dir))).toBe(true);
    }
    expect(statSync(dir).mode & 0o777).toBe(0o700);
  });

  test('makes keys that the service takes, owned by whom the containers run as (T4)', () => {
    expect(readKeyFiles(join(dir, 'keys')).accessTokens).toHaveLength(1);
    const { uid } = statSync(join(dir, 'keys', 'audit.key'));
    expect(uid).toBe(containersUser().uid);
    expect(uid).not.toBe(0);
  });

  test('leaves what is there: the databases know those passwords', async () => {
    const read = () =>
      ['owner_database_url', 'redis_url', 'keys/audit.key'].map((name) =>
        readFileSync(join(dir, name), 'utf8'),
      );
    const before = read();
    await makeComposeSecrets(dir);
    expect(read()).toEqual(before);
  });

  test('tells compose whom to run as, where that is not the images’ own user, beside what else is told', () => {
    const file = join(dir, 'env');
    tellCompose(file, { uid: 1000, gid: 1000 });
    expect(existsSync(file)).toBe(false);
    tellCompose(file, { uid: 501, gid: 20 });
    tellCompose(file, { uid: 502, gid: 20 });
    expect(readFileSync(file, 'utf8')).toBe('NX_UID=502\nNX_GID=20\n');
  });
});
