import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { DEMO_PEOPLE } from '../../embedded/demo-data.js';
import { createReadConfiguration } from '../../src/configurations/index.js';
import { createDatabase } from '../../src/database/database.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { testParts } from '../parts.js';
import { startSmtp } from '../stand-ins/smtp.js';
import { startVnpay, VNPAY_SECRET } from '../stand-ins/vnpay.js';
import { api, refusal } from '../support/api.js';
import { assignRole, createOwner, newId, type TestBranch } from '../support/branches.js';
import { signIn } from '../support/call.js';
import { queryAs, sql } from '../support/database.js';
import { credentials, forgetMessages } from '../support/messages.js';
import { createPerson } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

const ACCOUNT = { user: 'nx', pass: 'smtp-password-canary-95' };
const AT = '/configurations';
const ESMS = { brandname: 'NX' };
const ESMS_CREDENTIAL = { apiKey: 'esms-canary-96', secretKey: 'esms-canary-97' };
let service: TestService;
let admin: string;
let send: ReturnType<typeof api>;

beforeAll(async () => {
  service = await startService();
  send = api(service);
  admin = (await signIn(service, DEMO_PEOPLE[0])).body.accessToken;
});
const forget = async () => {
  await forgetMessages();
  await sql(`DELETE FROM public."Configuration" WHERE code = 'OTP_POLICY'`);
};
beforeEach(forget);
afterEach(forget);
afterAll(() => service.stop());

async function createShop() {
  const { person, userId, workspace } = await createOwner(service, 1);
  const token = (await signIn(service, person)).body.accessToken as string;
  return { token, userId, person, merchantId: (workspace.branches[0] as TestBranch).id };
}
const policyOf = (merchantId: string | null, spendCeilingVnd = 1000) => ({
  code: 'OTP_POLICY',
  merchantId,
  data: { spendCeilingVnd },
});
const esms = { code: 'SMS_ESMS', data: ESMS, credential: ESMS_CREDENTIAL };

describe('a configuration over HTTP', () => {
  test('is written, and its credential goes in sealed and never comes out (M1, contract §5b)', async () => {
    const made = await send('POST', AT, admin, esms);
    expect(made.status).toBe(201);
    const { id } = made.body;
    expect(made.headers.get('location')).toMatch(new RegExp(`/configurations/${id}$`));
    expect(made.body).toMatchObject({
      code: 'SMS_ESMS',
      merchantId: null,
      credential: 'set',
      status: 'ACTIVE',
    });
    const changed = await send('PATCH', `${AT}/${id}`, admin, { data: { ...ESMS, smsType: '8' } });
    expect(changed.body.data).toEqual({ ...ESMS, smsType: '8' });
    const answers = [made, changed, await send('GET', `${AT}/${id}`, admin), await send('GET', AT, admin)];
    expect(answers.map(({ text }) => text).join()).not.toContain('canary');
    const [row] = await sql<{ credential: string }>(
      'SELECT credential FROM public."Configuration" WHERE id = $1',
      [id],
    );
    expect(row?.credential).not.toContain('canary');
    const place = { id, code: 'SMS_ESMS', merchantId: null, credential: row?.credential ?? null };
    expect(credentials().open(place, z.unknown())).toEqual(ESMS_CREDENTIAL);
    expect((await send('DELETE', `${AT}/${id}`, admin)).status).toBe(204);
    expect((await send('GET', `${AT}/${id}`, admin)).status).toBe(404);
    const trail = await sql(
      `SELECT action, after FROM identity."AuditEvent" WHERE subject_type = 'configuration' AND subject_id = $1
       ORDER BY created_at`,
      [id],
    );
    expect(trail).toMatchObject([
      { action: 'configuration.created', after: { fields: ['brandname'], credential: 'written' } },
      { action: 'configuration.changed', after: { fields: ['smsType'] } },
      { action: 'configuration.removed' },
    ]);
    expect(JSON.stringify(trail)).not.toContain('canary');
  });

  test('is there once for each code and merchant, however many write it at once (contract §9)', async () => {
    const { token, merchantId } = await createShop();
    const made = await Promise.all(
      Array.from({ length: 5 }, () => send('POST', AT, token, policyOf(merchantId))),
    );
    expect(made.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
    expect((await send('POST', AT, admin, policyOf(null))).status).toBe(201);
    expect(refusal(await send('POST', AT, admin, policyOf(null)))).toEqual([409, 'configuration.exists']);
  });

  test('of one owner is nothing to another, in path, query and body; the platform’s is nothing to either (faults)', async () => {
    const [one, other] = [await createShop(), await createShop()];
    const { id } = (await send('POST', AT, one.token, policyOf(one.merchantId))).body;
    const platforms = (await send('POST', AT, admin, policyOf(null))).body.id;
    const notFound = [404, 'request.not_found'];
    for (const theirs of [id, platforms]) {
      expect(refusal(await send('GET', `${AT}/${theirs}`, other.token))).toEqual(notFound);
      expect(refusal(await send('PATCH', `${AT}/${theirs}`, other.token, { status: 'SUSPENDED' }))).toEqual(
        notFound,
      );
      expect(refusal(await send('DELETE', `${AT}/${theirs}`, other.token))).toEqual(notFound);
      expect(refusal(await send('POST', `${AT}/${theirs}/test-send`, other.token, {}))).toEqual(notFound);
    }
    expect(refusal(await send('GET', `${AT}?merchantId=${one.merchantId}`, other.token))).toEqual(notFound);
    expect(refusal(await send('POST', AT, other.token, policyOf(one.merchantId)))).toEqual(notFound);
    expect(refusal(await send('POST', AT, admin, policyOf(newId())))).toEqual(notFound);
    expect(refusal(await send('POST', AT, other.token, policyOf(null)))).toEqual([
      403,
      'policy.not_administrator',
    ]);
    const ids = async (token: string) =>
      ((await send('GET', AT, token)).body as { id: string }[]).map((row) => row.id);
    expect(await ids(other.token)).toEqual([]);
    expect(await ids(one.token)).toEqual([id]);
    expect(await ids(admin)).toEqual([id, platforms].sort());
  });

  test('is no affair of somebody who administers nothing, nor written after an old sign-in (RFC 9470)', async () => {
    const cashier = (await signIn(service, DEMO_PEOPLE[2])).body.accessToken;
    for (const [method, body] of [['GET'], ['POST', policyOf(null)]] as const) {
      expect(refusal(await send(method, AT, cashier, body))).toEqual([403, 'policy.not_administrator']);
    }
    const { person, merchantId } = await createShop();
    const { accessToken, refreshToken, sessionId } = (await signIn(service, person)).body;
    expect(accessToken).toBeDefined();
    await sql(`UPDATE identity."AuthSession" SET auth_time = now() - interval '6 minutes' WHERE id = $1`, [
      sessionId,
    ]);
    const old = (await send('POST', '/auth/refresh', '', { refreshToken })).body.accessToken;
    const refused = await send('POST', AT, old, policyOf(merchantId));
    expect(refusal(refused)).toEqual([401, 'token.insufficient_user_authentication']);
    expect((await send('GET', AT, old)).status).toBe(200);
  });

  test('comes in pages, and of one code', async () => {
    const shops = await Promise.all([createShop(), createShop(), createShop()]);
    for (const { merchantId } of shops) await send('POST', AT, admin, policyOf(merchantId));
    await send('POST', AT, admin, esms);
    const seen: string[] = [];
    let path = `${AT}?code=OTP_POLICY&limit=2`;
    for (let page = 0; page < 2; page += 1) {
      const { body, headers } = await send('GET', path, admin);
      seen.push(...body.map(({ merchantId }: { merchantId: string }) => merchantId));
      path = /identity([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1] ?? '';
    }
    expect(seen.sort()).toEqual(shops.map(({ merchantId }) => merchantId).sort());
    expect(path).toBe('');
  });
});

describe('what a configuration says', () => {
  test('is checked by its code’s own schema, and a refusal names fields, never values (contract §9)', async () => {
    const { token, merchantId } = await createShop();
    const smtp = { host: 'mail.example', port: 587, from: 'no-reply@nx.test', brand: 'NX' };
    const mail = { code: 'MAIL_SMTP', merchantId, data: smtp, credential: ACCOUNT };
    const wrong: [object, string][] = [
      [{ ...esms, merchantId, data: {} }, 'data.brandname'],
      [{ ...esms, merchantId, data: { ...ESMS, apiKey: 'value-canary' } }, 'data'],
      [{ ...esms, merchantId, credential: { apiKey: 'value-canary' } }, 'credential.secretKey'],
      [{ code: 'SMS_ESMS', merchantId, data: ESMS }, 'credential'],
      [{ ...policyOf(merchantId), credential: { secret: 'value-canary' } }, 'credential'],
      [{ ...policyOf(merchantId), data: { lifetimeS: 86_400 } }, 'data.lifetimeS'],
      [{ ...mail, data: { ...smtp, port: 25 } }, 'data.port'],
      [{ ...mail, data: { ...smtp, security: 'none' } }, 'data.security'],
      [{ ...mail, credential: null }, 'credential'],
      [{ ...esms, code: 'SMS_OTHER', merchantId }, 'code'],
      [{ ...esms, merchantId, data: { brandname: 'x'.repeat(20_000) } }, 'data'],
    ];
    for (const [body, path] of wrong) {
      const refused = await send('POST', AT, token, body);
      expect([refused.status, refused.body.errors?.[0]?.path]).toEqual([422, path]);
      expect(refused.text).not.toContain('canary');
    }
    expect((await send('POST', AT, token, mail)).status).toBe(201);
    expect((await send('POST', AT, admin, { ...mail, merchantId: null, credential: null })).status).toBe(201);
  });

  test('never shows its credential to another host than the one it was given for (faults)', async () => {
    const { id } = (await send('POST', AT, admin, esms)).body;
    const elsewhere = { ...ESMS, url: 'https://listener.example/' };
    const change = (body: object) => send('PATCH', `${AT}/${id}`, admin, body);
    expect(refusal(await change({ data: elsewhere }))).toEqual([422, 'configuration.credential_needed']);
    expect((await change({ data: { ...ESMS, sandbox: true } })).status).toBe(200);
    expect((await change({ data: elsewhere, credential: ESMS_CREDENTIAL })).status).toBe(200);
  });

  test('lets an owner spend no more than the platform’s policy, unless an administrator has said so (O7)', async () => {
    await send('POST', AT, admin, policyOf(null, 20_000));
    const { token, merchantId } = await createShop();
    expect(refusal(await send('POST', AT, token, policyOf(merchantId, 20_001)))).toEqual([
      403,
      'configuration.above_platform',
    ]);
    const { id } = (await send('POST', AT, token, policyOf(merchantId, 20_000))).body;
    const change = (by: string, spendCeilingVnd: number) =>
      send('PATCH', `${AT}/${id}`, by, { data: { spendCeilingVnd } });
    expect((await change(token, 20_001)).status).toBe(403);
    expect((await change(admin, 50_000)).status).toBe(200);
    expect((await change(token, 50_000)).status).toBe(200);
    expect((await change(token, 50_001)).status).toBe(403);
    expect((await change(token, 10_000)).status).toBe(200);
  });

  test('takes effect on every replica within three seconds, and ends so too (M1)', async () => {
    const { token, merchantId } = await createShop();
    const database = createDatabase({
      url: testParts().postgres.appUrl,
      poolSize: 1,
      logger: createLogger({ level: 'silent' }),
    });
    let now = 0;
    const elsewhere = createReadConfiguration({
      sql: database,
      monotonicNow: () => now,
      logger: createLogger({ level: 'silent' }),
    });
    const schema = z.object({ spendCeilingVnd: z.number() });
    const ceiling = async () => {
      now += 3000;
      return (await elsewhere('OTP_POLICY', merchantId, schema))?.data.spendCeilingVnd;
    };
    expect(await ceiling()).toBeUndefined();
    const { id } = (await send('POST', AT, token, policyOf(merchantId, 1000))).body;
    expect(await ceiling()).toBe(1000);
    await send('PATCH', `${AT}/${id}`, token, { data: { spendCeilingVnd: 2000 } });
    expect(await ceiling()).toBe(2000);
    await send('PATCH', `${AT}/${id}`, token, { status: 'SUSPENDED' });
    expect(await ceiling()).toBeUndefined();
    await send('PATCH', `${AT}/${id}`, token, { status: 'ACTIVE' });
    expect(await ceiling()).toBe(2000);
    await send('DELETE', `${AT}/${id}`, token);
    expect(await ceiling()).toBeUndefined();
    await database.close();
  });
});

describe('test-send', () => {
  const trial = async (id: string, token = admin) =>
    (await send('POST', `${AT}/${id}/test-send`, token, {})).body;

  test('goes by that very mail server to the caller’s own address, and answers a class where it fails (M2)', async () => {
    const smtp = await startSmtp({ auth: ACCOUNT });
    const data = {
      host: '127.0.0.1',
      port: smtp.port,
      security: 'none',
      from: 'no-reply@nx.test',
      brand: 'NX',
    };
    const { id } = (
      await send('POST', AT, admin, { code: 'MAIL_SMTP', data, credential: ACCOUNT, status: 'SUSPENDED' })
    ).body;
    expect(await trial(id)).toEqual({ ok: true });
    expect(smtp.mails[0]?.envelopeTo).toEqual([DEMO_PEOPLE[0].email]);
    smtp.next = ['refuse'];
    expect(await trial(id)).toEqual({ ok: false, errorClass: 'refused' });
    await send('PATCH', `${AT}/${id}`, admin, { credential: { ...ACCOUNT, pass: 'wrong' } });
    expect(await trial(id)).toEqual({ ok: false, errorClass: 'authentication' });
    await smtp.close();
    expect(await trial(id)).toMatchObject({ ok: false });
    expect(smtp.mails).toHaveLength(1);
    const [last] = await sql<{ after: object }>(
      `SELECT after FROM identity."AuditEvent" WHERE action = 'configuration.tried' AND subject_id = $1
       ORDER BY created_at LIMIT 1`,
      [id],
    );
    expect(last?.after).toEqual({ code: 'MAIL_SMTP', merchantId: null, ok: true });
  });

  test('goes by that very SMS provider to the caller’s own number, to nobody without one (M1)', async () => {
    const vnpay = await startVnpay();
    const person = await createPerson();
    const { user } = (await signIn(service, person)).body;
    await assignRole(user.id, '900_admin', null);
    const token = (await signIn(service, person)).body.accessToken;
    const data = { url: vnpay.url, partnerCode: 'NX', sender: 'NX' };
    const draft = { code: 'SMS_VNPAY', data, credential: { secret: VNPAY_SECRET } };
    const { id } = (await send('POST', AT, token, draft)).body;
    expect(await trial(id, token)).toMatchObject({ code: 'configuration.no_proven_recipient' });
    const phone = `+849${String(Date.now()).slice(-8)}`;
    await sql(`INSERT INTO identity."Identifier" (scheme, value, user_id) VALUES ('phone', $1, $2)`, [
      phone,
      user.id,
    ]);
    expect(await trial(id, token)).toEqual({ ok: true });
    expect(vnpay.accepted.map(({ body }) => body.destination)).toEqual([phone.slice(1)]);
    expect(vnpay.accepted[0]?.body.shortMessage).toMatch(/^000000 /);
    vnpay.next = ['refuse'];
    expect(await trial(id, token)).toMatchObject({ ok: false });
    expect(vnpay.violations).toEqual([]);
    await vnpay.close();
    await sql(`DELETE FROM public."PolicyDefinition" WHERE subject_id = $1`, [user.id]);
  });

  test('calls no private host for a merchant, takes no address from the caller, and ends at ten an hour (faults)', async () => {
    const { token, merchantId } = await createShop();
    const data = { host: '127.0.0.1', port: 587, from: 'no-reply@nx.test', brand: 'NX' };
    const draft = { code: 'MAIL_SMTP', merchantId, data, credential: ACCOUNT };
    const { id } = (await send('POST', AT, token, draft)).body;
    expect(await trial(id, token)).toEqual({ ok: false, errorClass: 'address-refused' });
    const to = await send('POST', `${AT}/${id}/test-send`, token, { to: 'victim@example.test' });
    expect(to.status).toBe(422);
    const policy = (await send('POST', AT, token, policyOf(merchantId))).body;
    expect(await trial(policy.id, token)).toMatchObject({ code: 'configuration.sends_nothing' });
    const rest = [];
    for (let index = 0; index < 9; index += 1) {
      rest.push((await send('POST', `${AT}/${id}/test-send`, token, {})).status);
    }
    expect(rest).toEqual([...Array(8).fill(200), 429]);
  });
});

test('a sister reads configurations and never a credential (contract §9)', async () => {
  await send('POST', AT, admin, esms);
  const url = `${testParts().postgres.superUrl}?options=-c%20role%3Dnx_sister`;
  expect(await queryAs(url, `SELECT code FROM public."Configuration" WHERE code = 'SMS_ESMS'`)).toHaveLength(
    1,
  );
  await expect(queryAs(url, 'SELECT credential FROM public."Configuration"')).rejects.toThrow(
    /permission denied/,
  );
});
