import type { Metrics } from '../telemetry/metrics.js';
import type { KeyConcerns, KeyRing } from '../tokens/index.js';
import type { Readiness } from './readiness.js';

/** `nx_part_up`: 1 while a part answers. While Redis is 0, limits are counted per replica at half the rate (D8). */
export function observeParts(metrics: Pick<Metrics, 'observe'>, readiness: Pick<Readiness, 'report'>): void {
  metrics.observe({
    name: 'nx_part_up',
    help: 'Whether a part that this service stands on answers',
    label: 'part',
    read: () =>
      Object.fromEntries(
        Object.entries(readiness.report().parts).map(([part, state]) => [part, state === 'up' ? 1 : 0]),
      ),
  });
}

/**
 * `nx_signing_key_age_seconds`: since the key that signs access tokens began to. `nx_signing_key_laggards`: replicas that a
 * rotation waits for, and consumers that lack the newest key. `nx_signing_key_rotation_due`: 1 while a rotation is
 * due and the directory of keys is read-only.
 */
export function observeKeys(
  metrics: Pick<Metrics, 'observe'>,
  { ring, concerns }: { ring: Pick<KeyRing, 'keys'>; concerns: () => KeyConcerns },
): void {
  metrics.observe({
    name: 'nx_signing_key_age_seconds',
    help: 'Age of the key that signs access tokens',
    label: 'kid',
    read: () =>
      Object.fromEntries(
        ring
          .keys()
          .filter(({ state }) => state === 'current')
          .map(({ kid, activatedAt }) => [kid, (Date.now() - (activatedAt?.getTime() ?? 0)) / 1000]),
      ),
  });
  metrics.observe({
    name: 'nx_signing_key_laggards',
    help: 'Who has not loaded the newest key',
    label: 'kind',
    read: () => ({ replica: concerns().replicas.length, consumer: concerns().consumers.length }),
  });
  metrics.observe({
    name: 'nx_signing_key_rotation_due',
    help: 'Whether a rotation is due that this service cannot begin by itself',
    label: 'reason',
    read: () => ({ read_only_directory: concerns().rotationDue ? 1 : 0 }),
  });
}
