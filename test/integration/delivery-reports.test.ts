import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DEMO_PEOPLE } from '../../embedded/demo-data.js';
import { testParts } from '../parts.js';
import { ESMS_CREDENTIAL, type EsmsStandIn, startEsms } from '../stand-ins/esms.js';
import type { StandIn } from '../stand-ins/http-stand-in.js';
import { startVnpay, VNPAY_SECRET } from '../stand-ins/vnpay.js';
import { BASE, bearer, call, post, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { configure, forgetMessages, startPromising, untilStatus } from '../support/messages.js';
import { startService, type TestService } from '../support/service.js';

const REPORTS = `${BASE}/messages/delivery-reports`;
let esms: EsmsStandIn;
let vnpay: StandIn;
let service: TestService;
let messages: ReturnType<typeof startPromising>;
let worker: { stop(): Promise<void> };

beforeAll(async () => {
  [vnpay, esms] = await Promise.all([startVnpay(), startEsms()]);
});
beforeEach(async () => {
  await forgetMessages();
  vnpay.reset();
  esms.reset();
  // Where the public URL says that we are; its own cache of configurations.
  service = await startService({ IDENTITY_PORT: String(testParts().service.port) });
  messages = startPromising();
  worker = messages.startWorker();
});
afterEach(async () => {
  await Promise.all([worker.stop(), service.stop()]);
  await messages.close();
  expect([vnpay.violations, esms.violations]).toEqual([[], []]);
});
afterAll(async () => {
  await forgetMessages();
  await Promise.all([vnpay.close(), esms.close()]);
});

const configureEsms = (extra: object = {}) =>
  configure('SMS_ESMS', { url: esms.url, brandname: 'NXTEST', ...extra }, ESMS_CREDENTIAL);
const configureVnpay = (extra: object = {}, merchantId: string | null = null) =>
  configure(
    'SMS_VNPAY',
    { url: vnpay.url, partnerCode: 'NX', sender: 'NXTEST', keyword: 'OTP', ...extra },
    { secret: VNPAY_SECRET },
    merchantId,
  );
async function sent(merchantId: string | null = null): Promise<string> {
  const id = await messages.promise({ merchantId });
  await untilStatus(id, 'accepted');
  return id;
}
async function deliveryOf(id: string) {
  const [attempt] = await sql<{ delivery: string | null; delivery_status: string | null }>(
    'SELECT delivery, delivery_status FROM identity."MessageAttempt" WHERE message_id = $1',
    [id],
  );
  return [attempt?.delivery, attempt?.delivery_status];
}
const delivered = { SendStatus: '5', SendSuccess: '1', SendFailed: '0' };

describe('delivery reports of eSMS (M5)', () => {
  test('are recorded, and the ledger tells them to administrators', async () => {
    await configureEsms();
    const id = await sent();
    expect(await deliveryOf(id)).toEqual([null, null]);
    expect(await esms.report(0, delivered)).toBe(200);
    const { accessToken } = (await signIn(service, DEMO_PEOPLE[0])).body;
    const { body } = await call(`${service.url}${BASE}/messages?limit=1`, { headers: bearer(accessToken) });
    expect(body[0]).toMatchObject({
      id,
      attempts: [{ provider: 'esms', delivery: 'delivered', deliveryStatus: '5' }],
    });
  });

  test('go by the counts, for "sent" is said of what has failed too', async () => {
    await configureEsms();
    const id = await sent();
    expect(await esms.report(0, { SendStatus: '5', SendSuccess: '0', SendFailed: '1' })).toBe(200);
    expect(await deliveryOf(id)).toEqual(['undelivered', '5']);
  });

  test('that come late, twice or out of order take nothing back', async () => {
    await configureEsms();
    const id = await sent();
    const waiting = { SendStatus: '2', SendSuccess: '0', SendFailed: '0' };
    expect(await esms.report(0, waiting)).toBe(200);
    expect(await deliveryOf(id)).toEqual(['pending', '2']);
    for (const fate of [delivered, delivered, waiting, { ...waiting, SendFailed: '1' }]) {
      expect(await esms.report(0, fate)).toBe(200);
      expect(await deliveryOf(id)).toEqual(['delivered', '5']);
    }
  });

  test('that don’t come to the address of their message are nobody’s', async () => {
    await configureEsms();
    const [one] = [await sent(), await sent()];
    const [first, second] = esms.accepted.map(({ body }) => body);
    const address = new URL(String(second?.CallbackUrl));
    address.search = new URLSearchParams({
      RequestId: String(first?.RequestId),
      SendSuccess: '1',
    }).toString();
    const made = new URL(`${service.url}${REPORTS}/esms/guessed${address.search}`);
    for (const url of [address, made]) expect((await call(url.href)).status).toBe(404);
    expect(await deliveryOf(one)).toEqual([null, null]);
  });

  test('are not asked for where the configuration says so', async () => {
    await configureEsms({ reports: false });
    await sent();
    expect(esms.accepted[0]?.body.CallbackUrl).toBeUndefined();
  });

  test.each(['', '?RequestId=', `?RequestId=${'x'.repeat(51)}`, '?RequestId=a&RequestId=b'])(
    '%.20s is no report (hostile input)',
    async (query) => {
      expect((await call(`${service.url}${REPORTS}/esms/token${query}`)).status).toBe(422);
    },
  );
});

describe('delivery reports of VNPAY (M5)', () => {
  const reports = { addresses: ['127.0.0.0/8'], delivered: ['0'], undelivered: ['3'] };
  const report = (body: unknown, of = '') => post(`${service.url}${REPORTS}/vnpay${of}`, body);
  const messageId = () => vnpay.accepted.at(-1)?.body.messageId;

  test('are not listened to unless the configuration says from where', async () => {
    await configureVnpay();
    const id = await sent();
    expect((await report({ messageId: messageId(), status: '0' })).status).toBe(404);
    expect(await deliveryOf(id)).toEqual([null, null]);
  });

  test('are taken from the listed networks alone', async () => {
    await configureVnpay({ reports: { ...reports, addresses: ['203.0.113.0/24'] } });
    const id = await sent();
    expect((await report({ messageId: messageId(), status: '0' })).status).toBe(404);
    expect(await deliveryOf(id)).toEqual([null, null]);
  });

  test.each([
    ['0', 'delivered'],
    [3, 'undelivered'],
    ['17', 'pending'],
  ])('say %s, which is %s by the configuration', async (status, delivery) => {
    await configureVnpay({ reports: { ...reports, statusField: 'dlrStatus' } });
    const id = await sent();
    expect((await report({ messageId: messageId(), dlrStatus: status })).status).toBe(200);
    expect(await deliveryOf(id)).toEqual([delivery, String(status)]);
  });

  test('of a merchant’s account are about that merchant’s messages alone', async () => {
    await configureVnpay({ reports: { ...reports, addresses: ['203.0.113.0/24'] } });
    const platforms = await sent();
    const platformsId = messageId();
    // A stand-in on this machine is no public address, so a merchant's account can't send here.
    await configureVnpay({ reports }, 'merchant-7');
    expect((await report({ messageId: platformsId, status: '0' }, '/merchant-7')).status).toBe(200);
    expect(await deliveryOf(platforms)).toEqual([null, null]);
    await sql('UPDATE identity."Message" SET merchant_id = $1 WHERE id = $2', ['merchant-7', platforms]);
    expect((await report({ messageId: platformsId, status: '0' }, '/merchant-7')).status).toBe(200);
    expect(await deliveryOf(platforms)).toEqual(['delivered', '0']);
    expect((await report({ messageId: platformsId, status: '0' }, '/merchant-8')).status).toBe(404);
  });

  test.each([
    [[]],
    ['text'],
    [{}],
    [{ messageId: { deep: 1 }, status: null }],
    [{ messageId: 'x'.repeat(300) }],
  ])('%j changes nothing (hostile input)', async (body) => {
    await configureVnpay({ reports });
    const id = await sent();
    expect((await report(body)).status).toBeLessThan(500);
    expect(await deliveryOf(id)).toEqual([null, null]);
  });
});
