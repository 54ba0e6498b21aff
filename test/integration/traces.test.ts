import { beforeAll, describe, expect, test } from '@jest/globals';
import { type ReceivedSpan, startOtlpCollector } from '../stand-ins/otlp-collector.js';
import { BASE, bearer, call, signIn } from '../support/call.js';
import { codeFromInbox } from '../support/inbox.js';
import { createPerson } from '../support/people.js';
import { createPhonePerson, requestCode, verifyCode } from '../support/phones.js';
import { startService, type TestService } from '../support/service.js';

const PASSWORD_SIGN_IN = 'traced-password-sign-in';
const CODE_REQUEST = 'traced-code-request';
const seen: string[] = [];
let spans: ReceivedSpan[];
let text: string;

/** A server, and a worker elsewhere with a server that nobody calls, both traced; whoever stops sends what is left. */
beforeAll(async () => {
  const collector = await startOtlpCollector();
  const traced = (name: string) => ({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_SERVICE_NAME: name,
  });
  const service = await startService(traced('the-server'));
  const elsewhere = await startService(traced('the-worker'), { worker: true });
  await actAsSomebody(service);
  await service.stop();
  await elsewhere.stop();
  ({ spans } = collector);
  text = collector.text();
  await collector.close();
});

async function actAsSomebody(service: TestService): Promise<void> {
  const person = await createPerson();
  const withId = (requestId: string) => ({ 'x-request-id': requestId });
  const answer = await signIn(service, person, { headers: withId(PASSWORD_SIGN_IN) });
  expect(answer.status).toBe(200);
  const { accessToken, refreshToken } = answer.body;
  await call(`${service.url}${BASE}/auth/who-am-i`, { headers: bearer(accessToken) });
  await call(`${service.url}${BASE}/auth/sessions?canary-query=1`, { headers: bearer(accessToken) });
  const wrong = 'a-wrong-Passw0rd';
  expect((await signIn(service, { ...person, password: wrong })).status).toBe(401);
  const somebody = await createPhonePerson();
  const asked = await requestCode(service, somebody.phone, {}, withId(CODE_REQUEST));
  const code = await codeFromInbox(service, somebody.phone);
  const { challengeId } = asked.body;
  const signedIn = await verifyCode(service, { challengeId, code });
  expect(signedIn.status).toBe(200);
  seen.push(person.email, person.password, person.keycloakId, accessToken, refreshToken, wrong);
  seen.push(somebody.phone, somebody.phone.slice(3), somebody.email, challengeId, signedIn.body.accessToken);
  seen.push(`"${code}"`, accessToken.split('.')[1], 'canary-query');
}

const rootOf = (requestId: string) =>
  spans.find(({ attributes, name }) => attributes.requestId === requestId && name.startsWith('POST '));
const below = (root: ReceivedSpan | undefined) => spans.filter(({ traceId }) => traceId === root?.traceId);
const byId = (id: string) => spans.find(({ spanId }) => spanId === id);

function wayUp(span: ReceivedSpan | undefined): string[] {
  return span === undefined ? [] : [...wayUp(byId(span.parentSpanId)), span.name];
}

describe('the traces of real calls', () => {
  test('a sign-in is one trace through Keycloak, PostgreSQL and Redis, by its request id (R11)', () => {
    const root = rootOf(PASSWORD_SIGN_IN);
    expect(root).toMatchObject({
      service: 'the-server',
      name: `POST ${BASE}/auth/sign-in`,
      attributes: { 'http.route': `${BASE}/auth/sign-in`, 'http.response.status_code': 200 },
    });
    const trace = below(root);
    expect(trace.map(({ name }) => name)).toContain('keycloak first-party');
    for (const part of ['postgresql ', 'redis ', 'postgresql TRANSACTION'])
      expect(trace.filter(({ name }) => name.startsWith(part)).length).toBeGreaterThan(0);
    for (const { attributes } of trace) expect(attributes.requestId).toBe(PASSWORD_SIGN_IN);
  });

  test('a code goes on in the worker to the provider, in the trace of whoever asked for it (R11)', () => {
    const trace = below(rootOf(CODE_REQUEST));
    const provider = trace.find(({ name }) => name.startsWith('provider '));
    expect(provider).toMatchObject({ service: 'the-worker', isError: false });
    expect(provider?.attributes).toMatchObject({
      channel: 'sms',
      outcome: 'accepted',
      requestId: CODE_REQUEST,
    });
    const way = wayUp(provider);
    expect(way[0]).toBe(`POST ${BASE}/auth/otp/request`);
    expect(way.slice(-3)).toEqual(['message promised', 'message sent', provider?.name]);
  });

  test('no span holds a password, a code, a token, an address, a number, a query or a value (R11, R5)', () => {
    expect(spans.length).toBeGreaterThan(30);
    for (const secret of seen) expect(text).not.toContain(secret);
    const keys = new Set(spans.flatMap(({ attributes }) => Object.keys(attributes)));
    const known = [
      ...['requestId', 'http.request.method', 'http.route', 'http.response.status_code', 'error.type'],
      ...['db.system.name', 'db.query.summary', 'db.operation.name', 'peer.service'],
      ...['channel', 'template', 'messageId', 'outcome'],
    ];
    expect([...keys].filter((key) => !known.includes(key))).toEqual([]);
  });

  test('names come from a small set: no id, no path of a call (R11)', () => {
    const names = [...new Set(spans.map(({ name }) => name))];
    const plain =
      /^(GET|POST|DELETE) (\/[\w{}/.-]+|unmatched)$|^(postgresql|redis|keycloak|provider|message) [\w. -]+$/;
    expect(names.filter((name) => !plain.test(name) || /[0-9a-f]{8}-/.test(name))).toEqual([]);
  });
});

test('without an endpoint nothing of it exists: the parts are the bare ones (R8)', async () => {
  const service = await startService();
  expect(service.infrastructure.traces).toBeUndefined();
  expect(Object.hasOwn(service.infrastructure.redis, 'sendCommand')).toBe(false);
  await service.stop();
});
