import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadAlerts, metricsIn } from '../support/alerts.js';
import { call, signIn } from '../support/call.js';
import { createPerson } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService({}, { worker: true });
});
afterAll(() => service.stop());

const asked = () => [
  ...loadAlerts().alerts.map(({ expr }) => expr),
  readFileSync('deploy/helm/nx-identity/templates/canary.yaml', 'utf8'),
];

test('every figure that an alert or a canary asks for is shown by a server with its worker (R6)', async () => {
  const { text } = await call(service.metricsUrl);
  const shown = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  const names = asked()
    .flatMap(metricsIn)
    .filter((name) => !name.startsWith('probe_'));
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !shown.has(name))).toEqual([]);
});

test('what is shown at once has the labels and values by which alerts choose (R6)', async () => {
  await signIn(service, await createPerson());
  const { text } = await call(service.metricsUrl);
  for (const series of [
    /^nx_part_up\{part="keys"\}/m,
    /^nx_signing_key_age_seconds\{kid="/m,
    /^nx_signing_key_laggards\{kind="replica"\}/m,
    /^nx_signing_key_laggards\{kind="consumer"\}/m,
    /^nx_signing_key_rotation_due\{reason="/m,
    /^nx_outbox_lag_seconds\{outbox="keycloak_events"\}/m,
    /^nx_messages_dead\{channel="mail"\}/m,
    /^nx_sign_ins_total\{scheme="email",outcome="signed_in"\}/m,
    /^nx_http_request_duration_seconds_count\{method="POST",route="[^"]+",status="200"\}/m,
  ])
    expect(text).toMatch(series);
});
