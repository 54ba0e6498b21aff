import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { api } from '../support/api.js';
import { eventsOf } from '../support/audit.js';
import { signIn } from '../support/call.js';
import { createPerson } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

const AT = '/consents';
let service: TestService;
let send: ReturnType<typeof api>;

beforeAll(async () => {
  service = await startService();
  send = api(service);
});
afterAll(() => service.stop());

async function somebody() {
  const { accessToken, user } = (await signIn(service, await createPerson())).body;
  return { token: accessToken as string, userId: user.id as string };
}
const terms = (textVersion = '2026-11-01') => ({ purpose: 'terms', textVersion, channel: 'web' });

describe('a consent (X2)', () => {
  test('says which text in which version, when, how and by which app, and is its person’s alone to read', async () => {
    const [one, other] = [await somebody(), await somebody()];
    const given = await send('POST', AT, one.token, terms());
    expect(given.status).toBe(201);
    expect(given.body).toEqual({
      id: expect.any(String),
      ...terms(),
      clientId: 'nx-api',
      givenAt: expect.any(String),
      withdrawnAt: null,
    });
    expect(Math.abs(Date.now() - Date.parse(given.body.givenAt))).toBeLessThan(60_000);
    expect((await send('GET', AT, one.token)).body).toEqual([given.body]);
    expect((await send('GET', AT, other.token)).body).toEqual([]);
    expect((await send('GET', `${AT}?cursor=${given.body.id}`, other.token)).body).toEqual([]);
    const trail = (await eventsOf(service.infrastructure.database, one.userId)).filter(
      ({ action }) => action === 'consent.given',
    );
    expect(trail).toMatchObject([{ after: { ...terms(), clientId: 'nx-api' } }]);
  });

  test('is given once however often it is sent at once, and stands as it was', async () => {
    const { token } = await somebody();
    const sent = await Promise.all(Array.from({ length: 5 }, () => send('POST', AT, token, terms())));
    expect(sent.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201]);
    expect(new Set(sent.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect((await send('GET', AT, token)).body).toHaveLength(1);
  });

  test('is withdrawn in every version, stays written down, and may be given again', async () => {
    const { token } = await somebody();
    for (const version of ['1', '2']) await send('POST', AT, token, terms(version));
    await send('POST', AT, token, { ...terms(), purpose: 'marketing' });
    expect((await send('DELETE', `${AT}/terms`, token)).status).toBe(204);
    expect((await send('DELETE', `${AT}/terms`, token)).status).toBe(404);
    expect((await send('POST', AT, token, terms('2'))).status).toBe(201);
    const { body } = await send('GET', AT, token);
    const told = body.map((row: { purpose: string; textVersion: string; withdrawnAt: string | null }) => [
      row.purpose,
      row.textVersion,
      row.withdrawnAt === null,
    ]);
    expect(told).toEqual([
      ['terms', '2', true],
      ['marketing', '2026-11-01', true],
      ['terms', '2', false],
      ['terms', '1', false],
    ]);
  });

  test('comes in pages, and is refused without its version', async () => {
    const { token } = await somebody();
    for (const version of ['1', '2', '3']) await send('POST', AT, token, terms(version));
    const first = await send('GET', `${AT}?limit=2`, token);
    const next = /identity([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await send('GET', next, token);
    const versions = [...first.body, ...second.body].map(({ textVersion }) => textVersion);
    expect([versions, second.headers.get('link')]).toEqual([['3', '2', '1'], null]);
    expect((await send('POST', AT, token, { purpose: 'terms', channel: 'web' })).status).toBe(422);
    expect((await send('POST', AT, token, { ...terms(), givenAt: '2020-01-01T00:00:00Z' })).status).toBe(422);
    expect((await send('GET', AT, 'nonsense')).status).toBe(401);
  });
});
