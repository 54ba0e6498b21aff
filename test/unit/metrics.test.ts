import { expect, test } from '@jest/globals';
import { createMetrics } from '../../src/telemetry/metrics.js';

test('what was observed once and is there no more is shown no more: an alert about an old key ends with it (R6)', async () => {
  const metrics = createMetrics();
  let ages: Record<string, number> = { old: 8_300_000 };
  metrics.observe({ name: 'nx_signing_key_age_seconds', help: 'Age', label: 'kid', read: () => ages });
  const shown = async () => (await metrics.render()).body.match(/^nx_signing_key_age_seconds.*$/gm);
  expect(await shown()).toEqual(['nx_signing_key_age_seconds{kid="old"} 8300000']);
  ages = { new: 1 };
  expect(await shown()).toEqual(['nx_signing_key_age_seconds{kid="new"} 1']);
});
