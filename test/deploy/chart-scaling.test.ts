import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { buildHelm } from '../../deploy/check/build-helm.mjs';
import { loadAlerts } from '../support/alerts.js';
import {
  BUILD_MS,
  CHART_TOOLS,
  type Labels,
  mountedSecrets,
  ofKind,
  only,
  selects,
  VARIANT_NAMES,
  workload,
} from '../support/chart.js';

const here = CHART_TOOLS ? describe : describe.skip;
const ZONE = 'topology.kubernetes.io/zone';

const replicas = async (variant: 'B' | 'G') => (await workload(variant, 'server')).manifest.spec.replicas;
const envOf = async (variant: 'B' | 'G', component = 'server') =>
  Object.fromEntries((await workload(variant, component)).container.env.map((entry) => [entry.name, entry]));

here('B', () => {
  beforeAll(() => buildHelm(), BUILD_MS);

  test('is one replica on port 3000, known as 31010, from 200m/512Mi to 1/1Gi, never without one in an update (R1, R9)', async () => {
    const { container, manifest } = await workload('B', 'server');
    expect(await replicas('B')).toBe(1);
    expect((await envOf('B')).IDENTITY_PORT?.value).toBe('3000');
    expect((await only('B', 'Service', 'nx')).spec.ports).toEqual([
      { name: 'http', port: 31010, targetPort: 'http' },
    ]);
    expect(container.resources).toEqual({
      requests: { cpu: '200m', memory: '512Mi' },
      limits: { cpu: '1', memory: '1Gi' },
    });
    expect(manifest.spec.strategy).toEqual({ rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
    expect(await ofKind('B', 'HorizontalPodAutoscaler')).toEqual([]);
  });

  test('with its one replica lets a node be drained (R9)', async () => {
    for (const { spec } of await ofKind('B', 'PodDisruptionBudget'))
      expect([spec.maxUnavailable, spec.minAvailable]).toEqual([1, undefined]);
  });
});

here('G', () => {
  test('is three to ten replicas on port 3001, out at 60 % over 90 s, in after five minutes, 250m/256Mi to 1/512Mi (R9)', async () => {
    const { spec } = await only('G', 'HorizontalPodAutoscaler');
    expect(spec).toMatchObject({
      minReplicas: 3,
      maxReplicas: 10,
      metrics: [{ resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } }],
      behavior: {
        scaleUp: { stabilizationWindowSeconds: 90 },
        scaleDown: { stabilizationWindowSeconds: 300 },
      },
    });
    expect(await replicas('G')).toBeUndefined(); // or each upgrade would undo the scaling
    expect((await envOf('G')).IDENTITY_PORT?.value).toBe('3001');
    expect((await workload('G', 'server')).container.resources).toEqual({
      requests: { cpu: '250m', memory: '256Mi' },
      limits: { cpu: '1', memory: '512Mi' },
    });
  });

  test('must stand in three zones, as evenly as it can, and all ten of them can stand (R9)', async () => {
    const { pod, labels } = await workload('G', 'server');
    const [spread] = pod.topologySpreadConstraints ?? [];
    expect(spread).toMatchObject({
      topologyKey: ZONE,
      maxSkew: 1,
      minDomains: 3,
      whenUnsatisfiable: 'DoNotSchedule',
    });
    expect(selects(spread?.labelSelector.matchLabels ?? { none: '' }, labels)).toBe(true);
  });

  test('speaks to PostgreSQL by a pooler, past which the worker listens and the jobs migrate; Redis is a cluster (R10, D9)', async () => {
    const [server, worker, migrate] = [
      await envOf('G'),
      await envOf('G', 'worker'),
      await envOf('G', 'migrate'),
    ];
    const keyOf = async (component: string, file = '') =>
      mountedSecrets((await workload('G', component)).pod).find((mounted) => mounted.file === file)?.key;
    expect(server.DATABASE_DIRECT_URL_FILE).toBeUndefined();
    expect(await keyOf('worker', worker.DATABASE_DIRECT_URL_FILE?.value)).toBe('worker-direct-url');
    expect(await keyOf('migrate', migrate.DATABASE_DIRECT_URL_FILE?.value)).toBe('owner-direct-url');
    expect([server.DATABASE_POOL_SIZE?.value, server.REDIS_CLUSTER?.value]).toEqual(['20', '1']);
  });
});

here.each(VARIANT_NAMES)('the worker ids of %s', (variant) => {
  test('are enough for all replicas and those that take their places (R1)', async () => {
    const { container, manifest } = await workload(variant, 'server');
    const [scaling] = await ofKind(variant, 'HorizontalPodAutoscaler');
    const most = Number(scaling?.spec.maxReplicas ?? manifest.spec.replicas);
    const range = container.env.find(({ name }) => name === 'IDENTITY_SNOWFLAKE_WORKER_IDS')?.value ?? '';
    const [first = 0, last = 0] = range.split('-').map(Number);
    expect(last - first + 1).toBeGreaterThanOrEqual(2 * most);
    expect(last).toBeLessThanOrEqual(1023);
  });
});

here('with every switch on', () => {
  test('one replica a zone is a choice of whoever has as many zones (R9)', async () => {
    const { pod } = await workload('everything', 'server');
    expect(pod.topologySpreadConstraints).toBeUndefined();
    expect(pod.affinity?.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution).toMatchObject([
      { topologyKey: ZONE },
    ]);
  });

  test('a canary goes back when errors exceed 1 % or p99 exceeds 2 s, by figures of its own pods (R12)', async () => {
    const { kind, manifest, name } = await workload('everything', 'server');
    const analysis = await only('everything', 'AnalysisTemplate');
    expect([kind, name]).toEqual(['Rollout', 'nx-server']);
    expect(JSON.stringify(manifest.spec.strategy)).toContain(`"templateName":"${analysis.metadata.name}"`);
    const metrics = analysis.spec.metrics as {
      name: string;
      failureCondition: string;
      failureLimit: number;
      provider: { prometheus: { query: string } };
    }[];
    expect(metrics.map(({ failureCondition }) => failureCondition.split(' && ').at(-1))).toEqual([
      'result[0] > 0.01',
      'result[0] > 2',
    ]);
    for (const { failureLimit, provider } of metrics) {
      expect(failureLimit).toBe(0);
      expect(provider.prometheus.query).toContain('rollouts_pod_template_hash="{{args.hash}}"');
    }
    const monitor = await only('everything', 'ServiceMonitor');
    expect(monitor.spec.podTargetLabels).toContain('rollouts-pod-template-hash');
  });

  test('/jw-certs is asked for from outside each minute, and all figures are scraped (R9, R6)', async () => {
    const { spec } = await only('everything', 'Probe');
    expect(spec).toMatchObject({
      jobName: 'nx-identity-jw-certs',
      interval: '60s',
      targets: { staticConfig: { static: ['https://id.example.com/jw-certs'] } },
    });
    const { selector, endpoints, jobLabel } = (await only('everything', 'ServiceMonitor')).spec as {
      selector: { matchLabels: Labels };
      endpoints: { port: string }[];
      jobLabel: string;
    };
    const scraped = (await ofKind('everything', 'Service')).filter(({ metadata }) =>
      selects(selector.matchLabels, metadata.labels ?? {}),
    );
    expect(scraped.map(({ metadata }) => metadata.name)).toEqual(['nx-metrics']);
    expect(scraped[0]?.metadata.labels?.[jobLabel]).toBe('nx-identity'); // what the alerts call it
    expect(endpoints.map(({ port }) => port)).toEqual(['metrics']);
  });

  test("the operator's rules are those that promtool tests, with the runbook where it is read (R6)", async () => {
    const { spec } = await only('everything', 'PrometheusRule');
    const wiki = readFileSync('deploy/alerts/nx-identity.rules.yaml', 'utf8').replaceAll(
      'https://nx-identity.example/docs/runbook',
      'https://wiki.example.com/nx',
    );
    expect(spec).toEqual(loadAlerts(wiki).document);
  });
});
