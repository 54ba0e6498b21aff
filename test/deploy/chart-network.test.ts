import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { buildHelm } from '../../deploy/check/build-helm.mjs';
import {
  BUILD_MS,
  CHART_TOOLS,
  type Labels,
  type Manifest,
  manifestsOf,
  ofKind,
  only,
  selects,
  VARIANT_NAMES,
  workload,
  workloadsOf,
} from '../support/chart.js';

const here = CHART_TOOLS ? describe : describe.skip;

interface Peer {
  ipBlock?: { cidr: string; except: string[] };
}
interface Rule {
  ports: { port: string | number; protocol: string }[];
  from?: Peer[];
  to?: Peer[];
}
interface PolicySpec {
  podSelector: { matchLabels: Labels; matchExpressions?: { key: string; values: string[] }[] };
  policyTypes: string[];
  ingress?: Rule[];
  egress: Rule[];
}
const policyOf = (manifest: Manifest) => manifest.spec as unknown as PolicySpec;
const governs = ({ podSelector }: PolicySpec, labels: Labels) =>
  selects(podSelector.matchLabels, labels) &&
  (podSelector.matchExpressions ?? []).every(({ key, values }) => values.includes(labels[key] ?? ''));

here.each(VARIANT_NAMES)('the network of the chart as %s', (variant) => {
  beforeAll(() => buildHelm(), BUILD_MS);

  test('has one policy for each pod, and it speaks of both ways (R9)', async () => {
    const policies = (await ofKind(variant, 'NetworkPolicy')).map(policyOf);
    for (const { labels, name } of await workloadsOf(variant)) {
      const governing = policies.filter((policy) => governs(policy, labels));
      expect([name, governing.map(({ policyTypes }) => policyTypes)]).toEqual([
        name,
        [['Ingress', 'Egress']],
      ]);
    }
  });

  test('lets nobody call a worker or a job, but for the figures of the former (R9)', async () => {
    const policies = (await ofKind(variant, 'NetworkPolicy')).map(policyOf);
    for (const { labels, name } of await workloadsOf(variant)) {
      const rules = policies
        .filter((policy) => governs(policy, labels))
        .flatMap(({ ingress }) => ingress ?? []);
      const ports = rules.flatMap((rule) => rule.ports.map(({ port }) => port));
      const expected =
        name === 'nx-server' ? ['http', 'internal', 'metrics'] : name === 'nx-worker' ? ['metrics'] : [];
      expect([name, ports]).toEqual([name, expected]);
    }
  });

  test('lets the worker alone out of the cluster, and to providers only (D3, M3)', async () => {
    for (const manifest of await ofKind(variant, 'NetworkPolicy')) {
      const blocks = policyOf(manifest).egress.flatMap(({ to }) =>
        (to ?? []).flatMap(({ ipBlock }) => ipBlock ?? []),
      );
      const wide = blocks.filter(({ cidr }) => cidr.endsWith('/0'));
      expect(wide.length).toBe(manifest.metadata.name === 'nx-worker' ? 1 : 0);
      for (const { except } of wide)
        expect(except).toEqual(expect.arrayContaining(['10.0.0.0/8', '169.254.0.0/16']));
    }
  });

  test('leads each Service to pods that have its port, and the public one to no other (R4, P5)', async () => {
    const workloads = await workloadsOf(variant);
    for (const { spec, metadata } of await ofKind(variant, 'Service')) {
      const { selector, ports } = spec as { selector: Labels; ports: { targetPort: string }[] };
      const pods = workloads.filter(({ labels, kind }) => kind !== 'Job' && selects(selector, labels));
      expect(pods.map(({ name }) => name).sort()).toEqual(
        metadata.name === 'nx-metrics' ? ['nx-server', 'nx-worker'] : ['nx-server'],
      );
      for (const { pod } of pods)
        expect(pod.containers[0]?.ports?.map(({ name }) => name)).toContain(ports[0]?.targetPort);
      expect(ports.length).toBe(1);
    }
  });

  test('leads budgets, scaling and selectors to what is there (R9)', async () => {
    const workloads = await workloadsOf(variant);
    for (const { selector, labels, name } of workloads)
      if (selector) expect([name, selects(selector, labels)]).toEqual([name, true]);
    for (const { spec } of await ofKind(variant, 'PodDisruptionBudget')) {
      const { selector } = spec as { selector: { matchLabels: Labels } };
      expect(workloads.filter(({ labels }) => selects(selector.matchLabels, labels)).length).toBe(1);
    }
    for (const { spec } of await ofKind(variant, 'HorizontalPodAutoscaler')) {
      const { kind, name, apiVersion } = (spec as { scaleTargetRef: Record<string, string> }).scaleTargetRef;
      const target = await only(variant, kind ?? '', name);
      expect(target.apiVersion).toBe(apiVersion);
    }
  });
});

here('an ingress', () => {
  const pathsOf = async (variant: 'B' | 'G') =>
    (
      (await only(variant, 'Ingress')).spec.rules as {
        http: { paths: { path: string; pathType: string; backend: { service: { name: string } } }[] };
      }[]
    ).flatMap(({ http }) => http.paths);

  test.each<['B' | 'G', string]>([
    ['B', 'traefik'],
    ['G', 'kong'],
  ])(
    'of %s is for %s, and routes what the contract makes public, nothing else (R4)',
    async (variant, className) => {
      const { spec } = await only(variant, 'Ingress');
      expect(spec.ingressClassName).toBe(className);
      const paths = await pathsOf(variant);
      const documents = readFileSync('src/compose-documents.ts', 'utf8').match(/'\/[\w./-]+'/g) ?? [];
      const known = [...documents.map((path) => path.slice(1, -1)), '/health'].sort();
      expect(
        paths
          .filter(({ pathType }) => pathType === 'Exact')
          .map(({ path }) => path)
          .sort(),
      ).toEqual(known);
      expect(paths.filter(({ pathType }) => pathType === 'Prefix').map(({ path }) => path)).toEqual([
        '/v1/api/identity',
        '/api/auth',
      ]);
      expect(new Set(paths.map(({ backend }) => backend.service.name))).toEqual(new Set(['nx']));
    },
  );

  test("leaves the visitor's path and host as they are behind Kong (R4, P7)", async () => {
    const { metadata } = await only('G', 'Ingress');
    expect(metadata.annotations).toMatchObject({
      'konghq.com/strip-path': 'false',
      'konghq.com/preserve-host': 'true',
    });
  });
});

here('with every peer named', () => {
  test('nobody else talks to the service, nor it to anybody else (R9, P7)', async () => {
    const rules = (await ofKind('everything', 'NetworkPolicy')).map(policyOf);
    for (const { ingress, egress } of rules) {
      for (const { from } of ingress ?? []) expect(from?.length).toBeGreaterThan(0);
      for (const { to } of egress) expect(to?.length).toBeGreaterThan(0);
    }
    const { labels } = await workload('everything', 'server');
    const [server] = rules.filter((policy) => governs(policy, labels));
    const internal = server?.ingress?.find(({ ports }) => ports[0]?.port === 'internal');
    expect(JSON.stringify(internal)).toMatch(/keycloak.*sister/);
    expect(JSON.stringify(internal)).not.toMatch(/traefik/);
  });

  test('the jobs are let through before they run (R9)', async () => {
    const weights = (await manifestsOf('everything'))
      .filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'])
      .map(({ kind, metadata }) => [kind, Number(metadata.annotations?.['helm.sh/hook-weight'])] as const)
      .sort(([, one], [, other]) => one - other);
    expect(weights.map(([kind]) => kind)).toEqual(['NetworkPolicy', 'Job', 'Job']);
  });
});
