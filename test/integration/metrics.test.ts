import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BASE, call, post, signIn } from '../support/call.js';
import { createPerson } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const metrics = async () => (await call(service.metricsUrl)).text;

describe('/metrics', () => {
  test('counts sign-ins, requests by route template, and calls to Keycloak, without a word about anybody (R6)', async () => {
    const person = await createPerson();
    await signIn(service, person);
    await signIn(service, { ...person, password: 'wrong' });
    await call(`${service.url}/somewhere/${person.email}`);
    await call(`${service.url}/jw-certs`);
    const text = await metrics();
    expect(text).toContain('nx_sign_ins_total{scheme="email",outcome="signed_in"} 1');
    expect(text).toContain('nx_sign_ins_total{scheme="email",outcome="sign_in.refused"} 1');
    expect(text).toContain(
      `nx_http_request_duration_seconds_count{method="POST",route="${BASE}/auth/sign-in",status="200"} 1`,
    );
    expect(text).toContain(
      'nx_http_request_duration_seconds_count{method="GET",route="unmatched",status="404"} 1',
    );
    expect(text).toContain('nx_http_documents_total{path="/jw-certs"} 1');
    expect(text).toContain('nx_keycloak_request_duration_seconds_count{call="first-party",outcome="ok"} 1');
    expect(text).toContain(
      'nx_keycloak_request_duration_seconds_count{call="first-party",outcome="refused"} 1',
    );
    for (const secret of [person.email, person.password, person.keycloakId])
      expect(text).not.toContain(secret);
  });

  test('shows parts, the age of the key, the pool and the event loop (R6)', async () => {
    const text = await metrics();
    for (const part of ['postgres', 'redis', 'keycloak', 'keys'])
      expect(text).toContain(`nx_part_up{part="${part}"} 1`);
    const { kid } = (await call(`${service.url}/jw-certs`)).body.keys[0];
    expect(text).toMatch(new RegExp(`nx_signing_key_age_seconds\\{kid="${kid}"\\} \\d+`));
    expect(text).toContain('nx_signing_key_laggards{kind="replica"} 0');
    expect(text).toMatch(/nx_signing_key_laggards\{kind="consumer"\} \d+/); // whom other tests have let speak
    expect(text).toContain('nx_signing_key_rotation_due{reason="read_only_directory"} 0');
    expect(text).toMatch(/nx_database_pool_connections\{state="idle"\} \d/);
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
  });

  test('is not on the public port, and its port serves nothing else (contract §3)', async () => {
    expect((await call(`${service.url}/metrics`)).status).toBe(404);
    expect((await call(service.metricsUrl.replace('/metrics', '/jw-certs'))).status).toBe(404);
    expect((await post(service.metricsUrl, {})).status).toBe(404);
  });
});
