import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '../support/database.js';
import { codeFromInbox } from '../support/inbox.js';
import { recipientIndex } from '../support/ledger.js';
import { createPhonePerson, newPhone, requestCode, verifyCode } from '../support/phones.js';
import { startService, type TestService } from '../support/service.js';

let replicas: TestService[];
beforeAll(async () => {
  replicas = await Promise.all([startService({}, { worker: true }), startService()]);
});
afterAll(() => Promise.all(replicas.map((replica) => replica.stop())));
const replica = (n: number) => replicas[n % 2] as TestService;
const redis = () => replica(0).infrastructure.redis;

/** As a flush leaves one identifier: nothing of it is there. */
async function flush(phone: string): Promise<void> {
  const keys = await redis().keys(`*${phone}*`);
  if (keys.length > 0) await redis().del(...keys);
}
/** As time would. */
const forgetCooldown = (phone: string) => redis().del(`{phone-auth:lock:${phone}}:cooldown`);

describe('two replicas', () => {
  test('asked for a code of one number at the same instant promise one (faults)', async () => {
    const { phone } = await createPhonePerson();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => requestCode(replica(n), phone)));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.code === 'otp.cooldown')).toHaveLength(19);
  });

  test('take each other’s codes, once (faults)', async () => {
    const { phone, userId } = await createPhonePerson();
    const { body } = await requestCode(replica(1), phone);
    const code = await codeFromInbox(replica(0), phone);
    const { challengeId } = body;
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => verifyCode(replica(n), { challengeId, code })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await sql('SELECT FROM identity."AuthSession" WHERE user_id = $1', [userId])).toHaveLength(1);
  });

  test('hold a lock that a replica set before it ended (O2)', async () => {
    const phone = newPhone();
    const first = await startService();
    const { body } = await requestCode(first, phone);
    for (let n = 0; n < 5; n++) await verifyCode(first, { challengeId: body.challengeId, code: '000000' });
    await first.stop();
    const next = await startService();
    expect((await requestCode(next, phone)).body.code).toBe('otp.locked');
    await redis().del(`phone-auth:lock:${phone}`);
    expect((await requestCode(next, phone)).status).toBe(202);
    await next.stop();
  });
});

describe('after a flush of Redis (D8)', () => {
  test('codes that were out are dead, and the quota of codes is what the ledger says', async () => {
    const { phone } = await createPhonePerson();
    const { body } = await requestCode(replica(0), phone);
    const code = await codeFromInbox(replica(0), phone);
    await flush(phone);
    expect((await verifyCode(replica(0), { challengeId: body.challengeId, code })).status).toBe(401);
    for (let n = 1; n < 10; n++) {
      await flush(phone);
      expect((await requestCode(replica(n), phone)).status).toBe(202);
    }
    await flush(phone);
    const over = await requestCode(replica(1), phone);
    expect([over.status, over.body.code]).toEqual([429, 'otp.quota_exceeded']);
  });

  test('so it is for a number that nobody has (O5)', async () => {
    const phone = newPhone();
    for (let n = 0; n < 10; n++) {
      await flush(phone);
      expect((await requestCode(replica(n), phone)).status).toBe(202);
    }
    await flush(phone);
    expect((await requestCode(replica(0), phone)).body.code).toBe('otp.quota_exceeded');
  });

  test('the quota ends when the oldest code is a day old, and codes before that count for nothing', async () => {
    const phone = newPhone();
    await requestCode(replica(0), phone);
    const age = (interval: string) =>
      sql(
        `UPDATE identity."Message" SET created_at = created_at - $2::interval WHERE id = (
           SELECT id FROM identity."Message" WHERE recipient_index = $1 ORDER BY created_at DESC LIMIT 1)`,
        [recipientIndex(phone), interval],
      );
    await age('23 hours');
    await flush(phone);
    await requestCode(replica(0), phone);
    const quota = `{phone-auth:lock:${phone}}:quota`;
    expect(await redis().hgetall(quota)).toEqual({ 'codes:anyone': '2', guesses: '5' });
    expect(await redis().pttl(quota)).toBeLessThanOrEqual(3_600_000);
    await age('25 hours');
    await sql(
      `UPDATE identity."Message" SET created_at = created_at - interval '2 hours'
       WHERE recipient_index = $1 AND created_at < now() - interval '22 hours'`,
      [recipientIndex(phone)],
    );
    await flush(phone);
    await requestCode(replica(0), phone);
    expect(await redis().hgetall(quota)).toEqual({ 'codes:anyone': '1' });
  });

  test('no more guesses are to be had than the codes allowed, but for one code’s worth', async () => {
    const phone = newPhone();
    for (let n = 0; n < 9; n++) {
      await flush(phone);
      await requestCode(replica(0), phone);
    }
    await flush(phone);
    const { body } = await requestCode(replica(0), phone);
    expect(await redis().hget(`{phone-auth:lock:${phone}}:quota`, 'guesses')).toBe('45');
    for (let n = 0; n < 5; n++)
      await verifyCode(replica(0), { challengeId: body.challengeId, code: '000000' });
    await redis().del(`phone-auth:lock:${phone}`);
    await forgetCooldown(phone);
    const after = await verifyCode(replica(0), { challengeId: body.challengeId, code: '000000' });
    expect(after.body.code).toBe('otp.quota_exceeded');
  });
});
