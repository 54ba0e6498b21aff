import { beforeAll, describe, expect, test } from '@jest/globals';
import { buildHelm } from '../../deploy/check/build-helm.mjs';
import { lintChart, renderChart, VARIANTS } from '../../deploy/check/render-chart.mjs';
import { validateManifests } from '../../deploy/check/validate-manifests.mjs';
import { healthRoutes } from '../../src/administration/health-routes.js';
import { DRAIN_MS } from '../../src/http/listen.js';
import {
  BUILD_MS,
  CHART_TOOLS,
  manifestsOf,
  mountedSecrets,
  VARIANT_NAMES,
  workload,
  workloadsOf,
} from '../support/chart.js';

const here = CHART_TOOLS ? describe : describe.skip;
/** Their schemas belong to operators, not to Kubernetes. */
const CUSTOM = /^(monitoring\.coreos\.com|argoproj\.io)\//;
const DRAIN_S = DRAIN_MS / 1000;

here('the chart', () => {
  beforeAll(() => buildHelm(), BUILD_MS);

  test.each(VARIANT_NAMES)(
    'as %s passes helm lint and the schemas of Kubernetes, old and new (R9)',
    async (variant) => {
      await lintChart(VARIANTS[variant]);
      const own = (await manifestsOf(variant)).filter(({ apiVersion }) => !CUSTOM.test(apiVersion));
      expect(own.length).toBeGreaterThan(8);
      await validateManifests(own.map((manifest) => JSON.stringify(manifest)).join('\n---\n'));
    },
    BUILD_MS,
  );

  test(
    'the validator refuses a field that Kubernetes does not know (style 10)',
    async () => {
      const [first] = await manifestsOf('default');
      await expect(validateManifests(JSON.stringify({ ...first, bogus: 1 }))).rejects.toThrow(/bogus/);
    },
    BUILD_MS,
  );

  test('is refused by name when a needed value is missing (R8)', async () => {
    await expect(renderChart([])).rejects.toThrow('publicUrl is needed');
  });

  test('is refused with a value that is misspelt or means nothing (R8)', async () => {
    await expect(renderChart(['deploy/check/values/wrong.yaml'])).rejects.toThrow(/rule[\s\S]*publicURL/);
  });
});

here.each(VARIANT_NAMES)('a pod of the chart as %s', (variant) => {
  test('runs as nobody, on a root that it cannot write, without privileges or a token of the cluster (R9)', async () => {
    for (const { pod, name } of await workloadsOf(variant)) {
      const facts = [name, pod.automountServiceAccountToken, pod.securityContext.runAsNonRoot];
      expect(facts).toEqual([name, false, true]);
      expect(pod.securityContext).toMatchObject({ seccompProfile: { type: 'RuntimeDefault' } });
      expect(Number(pod.securityContext.runAsUser)).toBeGreaterThan(0);
      for (const container of [...pod.containers, ...(pod.initContainers ?? [])]) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      }
    }
  });

  test('asks for, and is held to, so much processor and memory (R9)', async () => {
    for (const { pod, name } of await workloadsOf(variant))
      for (const { resources } of pod.containers)
        for (const kind of ['requests', 'limits'] as const)
          expect([name, resources[kind]]).toEqual([
            name,
            { cpu: expect.any(String), memory: expect.any(String) },
          ]);
  });

  test('that stays has all three probes, at paths and ports that the process answers (R2)', async () => {
    const readiness = { report: () => ({ status: 'ready' as const, parts: {} as never }) };
    const served = healthRoutes(readiness as never).map(({ path }) => path);
    const staying = (await workloadsOf(variant)).filter(({ kind }) => kind !== 'Job');
    expect(staying.map(({ name }) => name).sort()).toEqual(['nx-server', 'nx-worker']);
    for (const { pod } of staying) {
      const [container] = pod.containers;
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'] as const) {
        const { path, port } = container?.[probe]?.httpGet ?? { path: '', port: '' };
        expect(port === 'metrics' ? ['/metrics'] : served).toContain(path);
        expect(container?.ports?.map(({ name }) => name)).toContain(port);
      }
    }
    const { container } = await workload(variant, 'server');
    expect(container.readinessProbe?.httpGet.path).toMatch(/readyz$/);
    expect(container.livenessProbe?.httpGet.path).toMatch(/healthz$/);
  });

  test('of the server may finish: told to go, it waits for the balancer and then drains (R7)', async () => {
    const { pod, container } = await workload(variant, 'server');
    const preStop = container.lifecycle?.preStop.sleep.seconds ?? 0;
    expect(preStop).toBeGreaterThan(0);
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(preStop + 2 * DRAIN_S);
  });

  test('mounts files of Secrets read-only, whole, and closed to others (T4, T5)', async () => {
    for (const { pod, name } of await workloadsOf(variant)) {
      for (const mount of pod.containers.flatMap(({ volumeMounts }) => volumeMounts ?? []))
        expect([name, mount.readOnly, mount.subPath]).toEqual([name, true, undefined]);
      for (const { secret, projected } of pod.volumes ?? []) {
        const mode = secret?.defaultMode ?? projected?.defaultMode ?? 0o777;
        expect(mode & 0o027).toBe(0); // what src/tokens/key-files.ts refuses
        expect(mode & 0o040).toBe(0o040); // and what the group, by fsGroup, needs
      }
    }
  });

  test('of a worker has no key that signs, and a job has no key at all (D1)', async () => {
    const mounted = mountedSecrets((await workload(variant, 'worker')).pod).map(({ file }) => file);
    expect(mounted.filter((file) => file.startsWith('/run/nx/keys/'))).toEqual([
      '/run/nx/keys/message.key',
      '/run/nx/keys/configuration.key',
      '/run/nx/keys/configuration.previous.key',
    ]);
    for (const { pod, kind } of await workloadsOf(variant))
      if (kind === 'Job')
        expect((pod.volumes ?? []).map(({ secret }) => secret?.secretName)).not.toContain('nx-identity-keys');
  });
});
