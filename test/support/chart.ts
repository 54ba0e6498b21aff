import { parseAllDocuments } from 'yaml';
import { renderChart, VARIANTS, type Variant } from '../../deploy/check/render-chart.mjs';
import { isThere } from './elsewhere.js';

/** As with a sister's language: who lacks Go or Python's venv is not kept from the rest. */
export const CHART_TOOLS = isThere(['go', 'version']) && isThere(['python3', '-c', 'import ensurepip, venv']);
/** Milliseconds: Helm may have to be built. */
export const BUILD_MS = 1_500_000;
export const VARIANT_NAMES = Object.keys(VARIANTS) as Variant[];

export type Labels = Record<string, string>;
export interface EnvEntry {
  name: string;
  value?: string;
}
export interface Probe {
  httpGet: { path: string; port: string };
}
export interface Container {
  name: string;
  image: string;
  env: EnvEntry[];
  ports?: { name: string; containerPort: number }[];
  securityContext: Record<string, unknown>;
  resources: Record<'requests' | 'limits', { cpu: string; memory: string }>;
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  lifecycle?: { preStop: { sleep: { seconds: number } } };
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean; subPath?: string }[];
}
interface SecretSource {
  secretName?: string;
  name?: string;
  defaultMode?: number;
  items?: { key: string; path: string }[];
}
export interface PodSpec {
  automountServiceAccountToken: boolean;
  securityContext: Record<string, unknown>;
  terminationGracePeriodSeconds: number;
  containers: Container[];
  initContainers?: Container[];
  volumes?: {
    name: string;
    secret?: SecretSource;
    projected?: { defaultMode: number; sources: { secret: SecretSource }[] };
  }[];
  topologySpreadConstraints?: { labelSelector: { matchLabels: Labels } }[];
  affinity?: { podAntiAffinity: Record<string, unknown[]> };
}
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Labels; annotations?: Labels };
  // Each kind has another; tests say which they expect.
  spec: Record<string, unknown>;
}
export interface Workload {
  kind: string;
  name: string;
  labels: Labels;
  pod: PodSpec;
  selector: Labels | undefined;
  manifest: Manifest;
}

const rendered = new Map<Variant, Promise<Manifest[]>>();

/** What Helm makes of a variant. YAML 1.1, as Kubernetes reads it: 0440 is octal. */
export function manifestsOf(variant: Variant): Promise<Manifest[]> {
  const known = rendered.get(variant) ?? renderChart(VARIANTS[variant]).then(parseManifests);
  rendered.set(variant, known);
  return known;
}

export const parseManifests = (text: string): Manifest[] =>
  parseAllDocuments(text, { version: '1.1' })
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);

export const ofKind = async (variant: Variant, kind: string): Promise<Manifest[]> =>
  (await manifestsOf(variant)).filter((manifest) => manifest.kind === kind);

/** @throws Error when there is none, or more than one */
export async function only(variant: Variant, kind: string, name?: string): Promise<Manifest> {
  const found = (await ofKind(variant, kind)).filter(({ metadata }) => !name || metadata.name === name);
  if (found.length !== 1 || !found[0])
    throw new Error(`${found.length} of ${kind} ${name ?? ''} in ${variant}`);
  return found[0];
}

/** Everything that makes pods. */
export async function workloadsOf(variant: Variant): Promise<Workload[]> {
  const makers = (await manifestsOf(variant)).filter(({ kind }) =>
    ['Deployment', 'Rollout', 'Job'].includes(kind),
  );
  return makers.map((manifest) => {
    const spec = manifest.spec as {
      selector?: { matchLabels: Labels };
      template: { metadata: { labels: Labels }; spec: PodSpec };
    };
    return {
      kind: manifest.kind,
      name: manifest.metadata.name,
      labels: spec.template.metadata.labels,
      pod: spec.template.spec,
      selector: spec.selector?.matchLabels,
      manifest,
    };
  });
}

/** @throws Error when there is none of that name */
export async function workload(
  variant: Variant,
  component: string,
): Promise<Workload & { container: Container }> {
  const found = (await workloadsOf(variant)).find(({ name }) => name === `nx-${component}`);
  const container = found?.pod.containers[0];
  if (!found || !container) throw new Error(`no ${component} in ${variant}`);
  return { ...found, container };
}

/** The files that a pod's first container has from Secrets: where, and under which key they are kept. */
export const mountedSecrets = ({ containers, volumes = [] }: PodSpec): { file: string; key: string }[] =>
  (containers[0]?.volumeMounts ?? []).flatMap(({ name, mountPath }) => {
    const volume = volumes.find((one) => one.name === name);
    const sources = volume?.projected?.sources.map(({ secret }) => secret) ?? [volume?.secret];
    return sources
      .flatMap((source) => source?.items ?? [])
      .map(({ key, path }) => ({ key, file: `${mountPath}/${path}` }));
  });

export const selects = (selector: Labels, labels: Labels): boolean =>
  Object.entries(selector).every(([name, value]) => labels[name] === value);
