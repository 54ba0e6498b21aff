import type { Logger } from '../telemetry/logger.js';

export type PartName = 'postgres' | 'redis' | 'keycloak' | 'keys';
export type PartState = 'unseen' | 'up' | 'down';
export type Probe = () => Promise<boolean>;

export interface ReadinessReport {
  status: 'ready' | 'degraded' | 'starting' | 'stopping';
  parts: Record<PartName, PartState>;
}

export interface Readiness {
  report(): ReadinessReport;
  /** Probes every part now and from then on. */
  start(): Promise<void>;
  stop(): void;
}

const PROBE_EVERY_MS = 2000;

/**
 * Ready once every part was seen (contract §3). A part lost afterwards only degrades: the service still verifies
 * and publishes keys, and a 503 would take `/jw-certs` out of the balancer with everything else.
 */
export function createReadiness(options: { probes: Record<PartName, Probe>; logger: Logger }): Readiness {
  const names = Object.keys(options.probes) as PartName[];
  const parts = Object.fromEntries(names.map((name) => [name, 'unseen'])) as Record<PartName, PartState>;
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;

  async function probe(name: PartName): Promise<void> {
    const up = await options.probes[name]().catch(() => false);
    const state = up ? 'up' : parts[name] === 'unseen' ? 'unseen' : 'down';
    if (state !== parts[name]) options.logger.info({ part: name, state }, 'a part changed');
    parts[name] = state;
  }

  async function probeAll(): Promise<void> {
    await Promise.all(names.map(probe));
    if (!stopping) timer = setTimeout(() => void probeAll(), PROBE_EVERY_MS).unref();
  }

  return {
    report: () => ({ status: overall(parts, stopping), parts: { ...parts } }),
    start: probeAll,
    stop() {
      stopping = true;
      clearTimeout(timer);
    },
  };
}

/** Without the key that signs, this replica's key set lacks it too: it leaves the balancer. */
function overall(parts: Record<PartName, PartState>, stopping: boolean): ReadinessReport['status'] {
  if (stopping) return 'stopping';
  const states = Object.values(parts);
  if (states.includes('unseen') || parts.keys === 'down') return 'starting';
  return states.includes('down') ? 'degraded' : 'ready';
}
