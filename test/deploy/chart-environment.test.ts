import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildHelm } from '../../deploy/check/build-helm.mjs';
import { loadConfig } from '../../src/config/config.js';
import { environmentSchema } from '../../src/config/environment-schema.js';
import { loadMigrationConfig } from '../../src/config/migration-config.js';
import { loadRealmConfig } from '../../src/config/realm-config.js';
import { WITH_PASSWORDS } from '../../src/config/secret-files.js';
import {
  BUILD_MS,
  CHART_TOOLS,
  type Container,
  mountedSecrets,
  VARIANT_NAMES,
  workload,
  workloadsOf,
} from '../support/chart.js';

/** A folder of many, which the service reads whole. */
const KEYS = '/run/nx/keys';
const here = CHART_TOOLS ? describe : describe.skip;
const folder = mkdtempSync(join(tmpdir(), 'nx-chart-'));
const FILES: Record<string, string> = {
  database: 'postgres://a:p@db:5432/nx',
  'database-direct': 'postgres://a:p@db:5432/nx',
  redis: 'rediss://:p@redis:6379',
  'client-secret': 'a-secret-of-the-client',
};
for (const [file, text] of Object.entries(FILES)) writeFileSync(join(folder, file), text);
afterAll(() => rmSync(folder, { recursive: true }));

/** What the kubelet would hand over, with the files where they can be read here. */
const environmentOf = ({ env }: Container): Record<string, string> =>
  Object.fromEntries(
    env.map(({ name, value = '' }) => [name, name.endsWith('_FILE') ? join(folder, basename(value)) : value]),
  );

const SERVICE: string[] = [...Object.keys(environmentSchema.shape), ...Object.values(WITH_PASSWORDS)];
const JOBS = ['src/config/migration-config.ts', 'src/config/realm-config.ts', 'keycloak/realm/nx-realm.json']
  .map((file) => readFileSync(file, 'utf8'))
  .join();

here.each(VARIANT_NAMES)('the environment in the chart as %s', (variant) => {
  beforeAll(() => buildHelm(), BUILD_MS);

  test('names nothing that the process does not read (R8)', async () => {
    for (const { pod, kind, name } of await workloadsOf(variant)) {
      const names = pod.containers.flatMap(({ env }) => env.map((entry) => entry.name));
      expect(new Set(names).size).toBe(names.length);
      const unknown = names.filter(
        (one) =>
          !SERVICE.includes(one) && !(kind === 'Job' && JOBS.includes(one.replace(/^(NX_.*)_FILE$/, '$1'))),
      );
      expect([name, unknown]).toEqual([name, []]);
    }
  });

  test('holds no secret: what is one, or holds one, is in a file (T4, R9)', async () => {
    for (const { pod } of await workloadsOf(variant)) {
      for (const { name, value = '' } of pod.containers.flatMap(({ env }) => env)) {
        if (
          /SECRET|PASSWORD|TOKEN$|_KEY$|^DATABASE_.*URL|^REDIS_URL/.test(name) &&
          !/_SET_SECRETS$/.test(name)
        )
          expect([name, value]).toEqual([
            expect.stringMatching(/_FILE$/),
            expect.stringMatching(/^\/run\/nx\//),
          ]);
        expect(value).not.toMatch(/:\/\/[^/]*@|PRIVATE KEY|[A-Za-z0-9+/_-]{43,}/);
      }
    }
  });

  test('is one that server and worker start with, on the ports that the chart tells everybody (R8, R9)', async () => {
    const { container } = await workload(variant, 'server');
    const { http, internal, runMode } = loadConfig(environmentOf(container));
    expect(runMode).toBe('server');
    const ports = Object.fromEntries(
      (container.ports ?? []).map(({ name, containerPort }) => [name, containerPort]),
    );
    expect(ports).toEqual({ http: http.port, internal: internal.port, metrics: http.metricsPort });
    expect([http.host, internal.host]).toEqual(['0.0.0.0', '0.0.0.0']);
    const worker = (await workload(variant, 'worker')).container;
    const config = loadConfig(environmentOf(worker));
    expect([config.runMode, worker.ports?.[0]?.containerPort]).toEqual(['worker', config.http.metricsPort]);
  });

  test('mounts every file that it names, and nothing else (R9)', async () => {
    for (const { pod, name } of await workloadsOf(variant)) {
      const named = (pod.containers[0]?.env ?? [])
        .map(({ value = '' }) => value)
        .filter((value) => value.startsWith('/run/nx/') && value !== KEYS);
      const mounted = mountedSecrets(pod).map(({ file }) => file);
      expect([name, mounted.filter((file) => !file.startsWith(`${KEYS}/`)).sort()]).toEqual([
        name,
        [...new Set(named)].sort(),
      ]);
    }
  });

  test("gives the schema's owner to jobs alone, and the realm's credential to one (D12, D9)", async () => {
    const migrate = environmentOf((await workload(variant, 'migrate')).container);
    expect(loadMigrationConfig(migrate).databaseUrl).toMatch(/^postgres:/);
    expect([migrate.RUN_MODE, loadRealmConfig(migrate)]).toEqual(['migrate', null]);
    for (const { pod, kind, name } of await workloadsOf(variant)) {
      const entries = pod.containers.flatMap(({ env }) => env);
      const owner = mountedSecrets(pod).some(({ key }) => /owner/.test(key));
      expect([name, owner]).toEqual([name, kind === 'Job']);
      const realm = entries.some((entry) => entry.name.startsWith('IDENTITY_REALM_ADMIN'));
      expect([name, realm]).toEqual([name, name === 'nx-realm']);
    }
  });
});

here('the realm job', () => {
  test('has all that the realm needs, with the session times that the service was given (R13, D4)', async () => {
    const { container, manifest } = await workload('everything', 'realm');
    const config = loadRealmConfig(environmentOf(container));
    expect(config).toMatchObject({ setSecrets: true, atLeast: { maximum: 2_592_000 } });
    const placeholders = readFileSync('keycloak/realm/nx-realm.json', 'utf8').match(/\$\{(NX_\w+)\}/g) ?? [];
    for (const placeholder of placeholders) expect(config?.lookUp(placeholder.slice(2, -1))).toBeTruthy();
    const migrate = (await workload('everything', 'migrate')).manifest;
    const weight = ({ metadata }: typeof manifest) => Number(metadata.annotations?.['helm.sh/hook-weight']);
    expect(weight(manifest)).toBeGreaterThan(weight(migrate));
  });
});
