import type { Metrics } from '../telemetry/metrics.js';
import type { KeyMaterial, Signer } from '../tokens/index.js';
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

/** `nx_signing_key_age_seconds`: since the file of a key that signs access tokens was written. */
export function observeKeys(
  metrics: Pick<Metrics, 'observe'>,
  current: Signer,
  keys: Pick<KeyMaterial, 'accessTokenSince'>,
): void {
  metrics.observe({
    name: 'nx_signing_key_age_seconds',
    help: 'Age of the key that signs access tokens',
    label: 'kid',
    read: () => ({ [current.kid]: (Date.now() - keys.accessTokenSince.getTime()) / 1000 }),
  });
}
