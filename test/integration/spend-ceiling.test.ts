import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMessageStore, spentToday } from '../../src/messaging/index.js';
import { BASE, post } from '../support/call.js';
import { sql } from '../support/database.js';
import { configure, newId, otpSms, startPromising } from '../support/messages.js';
import { createPhonePerson, newPhone, requestCode } from '../support/phones.js';
import { startService, type TestService } from '../support/service.js';
import { outcomeFor } from '../support/toll.js';

/** Two replicas, each with a pool of its own. */
let replicas: ReturnType<typeof startPromising>[];
beforeAll(() => {
  replicas = [startPromising(), startPromising()];
});
afterAll(async () => {
  await sql(`DELETE FROM public."Configuration" WHERE merchant_id LIKE 'merchant-%'`);
  await Promise.all(replicas.map((replica) => replica.close()));
});

async function pricedMerchant(pricePerSegment = 1000): Promise<string> {
  const merchantId = `merchant-${newId()}`;
  await configure('SMS_VNPAY', { pricePerSegment }, undefined, merchantId);
  return merchantId;
}

const spent = async (merchantId: string) => {
  const [row] = await sql<{ spent: string }>(
    'SELECT spent FROM identity."MessageSpend" WHERE merchant_id = $1',
    [merchantId],
  );
  return Number(row?.spent);
};
const promise = (n: number, merchantId: string, spendCeilingVnd: number, withheld: string | null = null) => {
  const { promiseMessage, infrastructure } = replicas[n % 2] as (typeof replicas)[number];
  return infrastructure.database.transaction((one) =>
    promiseMessage(one, { ...otpSms(), merchantId, spendCeilingVnd, withheld }),
  );
};

describe('the spend ceiling of a merchant and day (O7)', () => {
  test('holds to the message when two replicas promise forty at once', async () => {
    const merchantId = await pricedMerchant();
    const promised = await Promise.all(Array.from({ length: 40 }, (_, n) => promise(n, merchantId, 12_000)));
    expect(promised.filter(({ withheld }) => withheld === null)).toHaveLength(12);
    expect(promised.filter(({ withheld }) => withheld === 'spend_ceiling')).toHaveLength(28);
    expect(await spent(merchantId)).toBe(12_000);
    const rows = await sql(
      'SELECT FROM identity."Message" WHERE merchant_id = $1 AND sealed_secret IS NOT NULL',
      [merchantId],
    );
    expect(rows).toHaveLength(12);
  });

  test('is not used up by what is withheld, such as codes for numbers that nobody has', async () => {
    const merchantId = await pricedMerchant();
    for (let n = 0; n < 10; n++) await promise(n, merchantId, 1000, 'no_account');
    expect(await promise(0, merchantId, 1000)).toMatchObject({ withheld: null });
    expect(await promise(1, merchantId, 1000)).toMatchObject({ withheld: 'spend_ceiling' });
  });

  test('gives back what was promised and never sent, and equals the ledger', async () => {
    const merchantId = await pricedMerchant();
    const { id } = await promise(0, merchantId, 1000);
    const { database } = (replicas[0] as (typeof replicas)[number]).infrastructure;
    const store = createMessageStore(database);
    await store.claim(id, 'lease');
    await store.bury(id, 'lease', 'refused');
    expect([await spent(merchantId), await spentToday(database, merchantId)]).toEqual([0, 0]);
    expect(await promise(1, merchantId, 1000)).toMatchObject({ withheld: null });
    expect([await spent(merchantId), await spentToday(database, merchantId)]).toEqual([1000, 1000]);
  });

  test('counts a provider without a price as one that has one', async () => {
    const merchantId = `merchant-${newId()}`;
    await configure('SMS_VNPAY', {}, undefined, merchantId);
    expect(await promise(0, merchantId, 499)).toMatchObject({ withheld: 'spend_ceiling' });
    expect(await promise(0, merchantId, 500)).toMatchObject({ withheld: null });
  });
});

describe('asking for a code that the guard refuses (O7)', () => {
  let service: TestService;
  let merchant: { merchantId: string; clientId: string };
  beforeAll(async () => {
    service = await startService({ IDENTITY_TRUSTED_HOPS: '1', IDENTITY_LIMIT_OTP_PER_ADDRESS_BLOCK: '1' });
    merchant = { merchantId: await pricedMerchant(), clientId: `client-${newId()}` };
    await registerClient(merchant);
    await configure('OTP_POLICY', { spendCeilingVnd: 999 }, undefined, merchant.merchantId);
  });
  afterAll(() => service.stop());

  const from = (block: string) => ({ 'X-Forwarded-For': `${block}.${Math.floor(Math.random() * 256)}` });
  const block = () => `10.${[0, 0].map(() => Math.floor(Math.random() * 256)).join('.')}`;

  test.each(['known', 'unknown'])('is answered like any other, for a number that is %s', async (kind) => {
    const phone = async () => (kind === 'known' ? (await createPhonePerson()).phone : newPhone());
    const home = block();
    const usual = await requestCode(service, await phone(), {}, from(home));
    const refused: string[] = [];
    for (let n = 0; n < 11; n++) {
      const value = await phone();
      const answer = await requestCode(service, value, {}, from(home));
      expect([answer.status, Object.keys(answer.body)]).toEqual([usual.status, Object.keys(usual.body)]);
      expect(answer.body.challengeId).toHaveLength(usual.body.challengeId.length);
      refused.push(`${(await outcomeFor(value)).error_class}`);
    }
    expect(refused).toContain('address_block');
  });

  test('so is a sign-up', async () => {
    const home = block();
    const reasons: unknown[] = [];
    for (let n = 0; n < 11; n++) {
      const value = newPhone();
      const answer = await post(
        `${service.url}${BASE}/auth/sign-up`,
        {
          identifier: { scheme: 'phone', value },
          credential: { scheme: 'password', value: 'Sign-up-passw0rd-1' },
        },
        from(home),
      );
      expect([answer.status, Object.keys(answer.body)]).toEqual([
        202,
        ['challengeId', 'expiresIn', 'resendIn'],
      ]);
      reasons.push((await outcomeFor(value)).error_class);
    }
    expect(reasons).toEqual([...Array(10).fill(null), 'address_block']);
  });

  test('and so past the ceiling of its merchant', async () => {
    const { phone } = await createPhonePerson();
    const { clientId } = merchant;
    const answer = await requestCode(service, phone, { clientId }, from(block()));
    expect([answer.status, Object.keys(answer.body)]).toEqual([
      202,
      ['challengeId', 'expiresIn', 'resendIn'],
    ]);
    expect(await outcomeFor(phone)).toEqual({ status: 'withheld', error_class: 'spend_ceiling' });
    const text = await (await fetch(service.metricsUrl)).text();
    expect(text).toMatch(/nx_otp_requests_total\{outcome="spend_ceiling"\} [1-9]/);
  });
});

/** As an operator would by SQL. */
async function registerClient({
  merchantId,
  clientId,
}: {
  merchantId: string;
  clientId: string;
}): Promise<void> {
  await sql(
    `WITH organizer AS (
       INSERT INTO identity."Organizer" (id, tenant_id, name) VALUES ($2, $2, 'Test') RETURNING id),
     shop AS (
       INSERT INTO identity."Merchant" (id, tenant_id, organizer_id, name)
       SELECT $2, id, id, 'Test' FROM organizer RETURNING id)
     INSERT INTO identity."Client" (id, name, merchant_id) SELECT $1, $1, id FROM shop`,
    [clientId, merchantId],
  );
}
