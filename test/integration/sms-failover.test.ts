import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ESMS_CREDENTIAL, startEsms } from '../stand-ins/esms.js';
import type { Behaviour, StandIn } from '../stand-ins/http-stand-in.js';
import { startVnpay, VNPAY_SECRET } from '../stand-ins/vnpay.js';
import { sql } from '../support/database.js';
import {
  attemptsOf,
  configure,
  forgetMessages,
  messageRow,
  startPromising,
  untilStatus,
} from '../support/messages.js';

let vnpay: StandIn;
let esms: StandIn;
let messages: ReturnType<typeof startPromising>;
let worker: { stop(): Promise<void> };

beforeAll(async () => {
  [vnpay, esms] = await Promise.all([startVnpay(), startEsms()]);
});
beforeEach(async () => {
  await forgetMessages();
  vnpay.reset();
  esms.reset();
  messages = startPromising(); // its own configuration cache and circuit breakers
  worker = messages.startWorker();
});
afterEach(async () => {
  await worker.stop();
  await messages.close();
  expect([vnpay.violations, esms.violations]).toEqual([[], []]);
});
afterAll(async () => {
  await forgetMessages();
  await Promise.all([vnpay.close(), esms.close()]);
});

const configureVnpay = (extra: object = {}) =>
  configure(
    'SMS_VNPAY',
    {
      url: vnpay.url,
      partnerCode: 'NX',
      sender: 'NXTEST',
      keyword: 'OTP',
      pricePerSegment: 700,
      statuses: { refused: ['41'] },
      ...extra,
    },
    { secret: VNPAY_SECRET },
  );
const configureEsms = (extra: object = {}) =>
  configure(
    'SMS_ESMS',
    { url: esms.url, brandname: 'NXTEST', pricePerSegment: 900, ...extra },
    ESMS_CREDENTIAL,
  );

const configureBoth = () => Promise.all([configureVnpay(), configureEsms()]);
const tries = async (id: string) =>
  (await attemptsOf(id)).map(({ provider, status }) => `${provider} ${status}`);
const codes = (standIn: StandIn, field: string) =>
  standIn.received.map(({ body }) => String(body[field]).slice(0, 6));

describe('with two SMS providers', () => {
  test('the first one sends, and the ledger has its answer, its latency and its cost (M1, M5)', async () => {
    await configureBoth();
    await worker.stop(); // until the estimate was seen
    const id = await messages.promise();
    expect((await messageRow(id)).cost).toBe('900'); // it is never too low
    worker = messages.startWorker();
    const row = await untilStatus(id, 'accepted');
    expect(await attemptsOf(id)).toMatchObject([
      { provider: 'vnpay', status: 'accepted', provider_status: '200', segments: 1, cost: '700' },
    ]);
    expect(row.cost).toBe('700');
    expect(vnpay.received[0]?.body).toMatchObject({
      destination: '84901000001',
      sender: 'NXTEST',
      keyword: 'OTP',
    });
    expect(esms.received).toEqual([]);
  });

  test.each<[string, Behaviour]>([
    ['refuses', 'refuse'],
    ['is busy', 'busy'],
    ['redirects to a metadata address', 'redirect'],
  ])(
    'when the first %s, the second sends the same code at once under an id of its own (M5)',
    async (_what, behaviour) => {
      await configureBoth();
      vnpay.always = behaviour;
      const id = await messages.promise();
      await untilStatus(id, 'accepted');
      expect(await tries(id)).toEqual(['vnpay refused', 'esms accepted']);
      expect(codes(esms, 'Content')).toEqual(['482913']);
      expect(codes(vnpay, 'shortMessage')).toEqual(['482913']);
      const [first, second] = await attemptsOf(id);
      expect(first?.provider_message_id).not.toBe(second?.provider_message_id);
    },
  );

  test('when nobody listens at the first, the second sends at once (M5)', async () => {
    await configureVnpay({ url: 'http://127.0.0.1:1/sendSms' });
    await configureEsms();
    const id = await messages.promise();
    await untilStatus(id, 'accepted');
    expect(await tries(id)).toEqual(['vnpay unreachable', 'esms accepted']);
  });

  test('when the first stalls, it is asked once more with the same id, then the second within ten seconds of the promise (M5)', async () => {
    await configureBoth();
    vnpay.always = 'stall';
    const promised = performance.now();
    const id = await messages.promise();
    await esms.requests(1);
    expect((esms.received[0]?.at ?? 0) - promised).toBeLessThan(10_000);
    await untilStatus(id, 'accepted');
    expect(await tries(id)).toEqual(['vnpay unclear', 'vnpay unclear', 'esms accepted']);
    const ids = vnpay.received.map(({ body }) => body.messageId);
    expect(new Set(ids).size).toBe(1);
    expect(codes(vnpay, 'shortMessage')).toEqual(['482913', '482913']);
    expect(codes(esms, 'Content')).toEqual(['482913']);
  });

  test.each<[string, Behaviour]>([
    ['HTML', 'html'],
    ['ten megabytes', 'huge'],
    ['a status that nobody knows', 'unknown-status'],
    ['500', 'fail'],
    ['nothing and hangs up', 'hang-up'],
  ])(
    'an answer of %s is unclear: the same id once more, and that may be accepted (faults)',
    async (_what, behaviour) => {
      await configureBoth();
      vnpay.next = [behaviour];
      const id = await messages.promise();
      await untilStatus(id, 'accepted');
      expect(await tries(id)).toEqual(['vnpay unclear', 'vnpay accepted']);
      expect(new Set(vnpay.received.map(({ body }) => body.messageId)).size).toBe(1);
      expect((vnpay.received[1]?.at ?? 0) - (vnpay.received[0]?.at ?? 0)).toBeGreaterThan(2900);
    },
  );

  test('when both stay unclear nothing is sent a third time to either: two accepted messages at most (M5)', async () => {
    await configureBoth();
    vnpay.always = 'hold';
    esms.always = 'hold';
    const id = await messages.promise();
    const row = await untilStatus(id, 'dead');
    expect(row.error_class).toBe('timeout');
    expect(vnpay.received).toHaveLength(2);
    expect(esms.received).toHaveLength(2);
    expect(new Set(vnpay.accepted.map(({ body }) => body.messageId)).size).toBe(1);
    expect(new Set(esms.accepted.map(({ body }) => body.RequestId)).size).toBe(1);
    expect(row.cost).toBe('1600'); // what may have been accepted is counted, once an id
  });

  test('when both refuse it is in the ledger, and goes out when an operator replays it (M3)', async () => {
    await configureBoth();
    vnpay.always = 'refuse';
    esms.always = 'refuse';
    const id = await messages.promise();
    const row = await untilStatus(id, 'dead');
    expect(row.cost).toBe('0');
    const { items } = await messages.listMessages({ status: 'dead', limit: 10 });
    expect(items).toMatchObject([
      {
        id,
        recipient: '+84******001',
        errorClass: 'refused',
        attempts: [{ provider: 'vnpay' }, { provider: 'esms' }],
      },
    ]);
    vnpay.always = 'accept';
    await messages.replay(id);
    await untilStatus(id, 'accepted');
    expect(codes(vnpay, 'shortMessage')).toEqual(['482913', '482913']);
  });

  test('when both are down it is tried in rounds, each later than the one before (M3)', async () => {
    await configureVnpay({ url: 'http://127.0.0.1:1/sendSms' });
    await configureEsms({ url: 'http://127.0.0.1:1/sendSms' });
    const id = await messages.promise();
    for (let round = 1; round < 4; round += 1) {
      while ((await messageRow(id)).rounds < round) await new Promise(setImmediate);
      const [row] = await sql<{ pause: number }>(
        'SELECT extract(epoch FROM due_at - now())::float AS pause FROM identity."Message" WHERE id = $1',
        [id],
      );
      expect(row?.pause).toBeGreaterThan(2.5 * 2 ** (round - 1) - 1);
      expect(row?.pause).toBeLessThanOrEqual(5 * 2 ** (round - 1));
      await sql('UPDATE identity."Message" SET due_at = now() WHERE id = $1', [id]);
    }
    expect((await untilStatus(id, 'dead')).error_class).toBe('unreachable');
  });
});

describe('a circuit', () => {
  test('of a provider in trouble opens: the next message goes to the second without waiting (M5)', async () => {
    await configureVnpay({ url: 'http://127.0.0.1:1/sendSms' });
    await configureEsms();
    for (let count = 0; count < 5; count += 1) await untilStatus(await messages.promise(), 'accepted');
    const id = await messages.promise();
    await untilStatus(id, 'accepted');
    expect(await tries(id)).toEqual(['esms accepted']);
  });
});

describe('without a provider', () => {
  test('a message is in the ledger with a clear error, and goes out once there is one (M4)', async () => {
    expect(await messages.canSend('sms', null)).toBe(false);
    const id = await messages.promise();
    expect((await untilStatus(id, 'dead')).error_class).toBe('not-configured');
    await configureVnpay();
    await sql('SELECT pg_sleep(3.1)'); // configurations are read again after three seconds
    expect(await messages.canSend('sms', null)).toBe(true);
    await messages.replay(id);
    await untilStatus(id, 'accepted');
  });
});

describe('a replay', () => {
  test('past the deadline is refused, as is that of a message that was sent or never was (M3)', async () => {
    await configureVnpay();
    vnpay.always = 'refuse';
    const late = await messages.promise();
    await untilStatus(late, 'dead');
    await sql(`UPDATE identity."Message" SET deadline_at = now() WHERE id = $1`, [late]);
    await expect(messages.replay(late)).rejects.toMatchObject({
      kind: { code: 'message.too_late', status: 409 },
    });
    vnpay.always = 'accept';
    const sent = await messages.promise();
    await untilStatus(sent, 'accepted');
    await expect(messages.replay(sent)).rejects.toMatchObject({ kind: { code: 'message.not_dead' } });
    await expect(messages.replay('1')).rejects.toMatchObject({ kind: { code: 'message.not_found' } });
  });
});

describe('a merchant', () => {
  test('sends by its own row where it has one, else by the platform; gateways on private addresses are refused (M1, faults)', async () => {
    await configureVnpay();
    await configure(
      'SMS_VNPAY',
      { url: vnpay.url, partnerCode: 'M', sender: 'MINE' },
      { secret: VNPAY_SECRET },
      'merchant-1',
    );
    const theirs = await messages.promise({ merchantId: 'merchant-1' });
    expect((await untilStatus(theirs, 'dead')).error_class).toBe('address-refused');
    await untilStatus(await messages.promise({ merchantId: 'merchant-2' }), 'accepted');
    expect(vnpay.received.map(({ body }) => body.sender)).toEqual(['NXTEST']);
  });

  test('is charged for what it sent today, waiting messages included (O7)', async () => {
    const { spentToday } = await import('../../src/messaging/index.js');
    const { database } = messages.infrastructure;
    await configureVnpay();
    const sent = await messages.promise({ merchantId: 'merchant-9' });
    expect(await spentToday(database, 'merchant-9')).toBe(700);
    await untilStatus(sent, 'accepted');
    await sql(`UPDATE identity."Message" SET created_at = now() - interval '2 days' WHERE id = $1`, [
      await messages.promise({ merchantId: 'merchant-9' }),
    ]);
    expect(await spentToday(database, 'merchant-9')).toBe(700);
    expect(await spentToday(database, null)).toBe(0);
  });
});
