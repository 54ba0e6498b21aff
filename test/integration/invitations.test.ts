import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { pino } from 'pino';
import { BASE, post } from '../support/call.js';
import { sql } from '../support/database.js';
import { codeFromInbox, textsTo } from '../support/inbox.js';
import {
  administration,
  createShop,
  createSignedIn,
  refusal,
  rowsOf,
  signInAgain,
} from '../support/organizations.js';
import { createPhonePerson, verifyCode } from '../support/phones.js';
import { createRole } from '../support/policies.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

let service: TestService;
const lines: string[] = [];

beforeAll(async () => {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  service = await startService({}, { worker: true, logger: pino({ level: 'trace' }, stream) });
});
afterAll(() => service.stop());

const newEmail = () => `guest-${randomBytes(6).toString('hex')}@example.test`;

/** A shop whose owner may invite, and a role to invite to. */
async function createInviting() {
  const shop = await createShop(service);
  const role = await createRole();
  const { api } = shop.owner;
  await until('not an owner', async () => (await api.get('organizers')).status === 200);
  const { organizerId, merchantId } = shop;
  const invite = (value: string, extra: object = {}) =>
    api.post('invitations', {
      organizerId,
      merchantId,
      roleId: role.id,
      identifier: { scheme: value.includes('@') ? 'email' : 'phone', value },
      ...extra,
    });
  return { ...shop, role, api, invite };
}

const tokenTo = async (address: string, messages = 1): Promise<string> => {
  const [text = ''] = await textsTo(service, address, messages);
  return /invitation\?invitation=([\w-]{22})/.exec(text)?.[1] ?? '';
};
const membersOf = (organizerId: string) =>
  sql('SELECT user_id FROM identity."Member" WHERE organizer_id = $1', [organizerId]);

describe('an invitation', () => {
  test('leads whoever has proven the address to the role at the merchant, in their next token (contract §5b)', async () => {
    const { invite, role, organizerId, merchantId, owner } = await createInviting();
    const guest = await createSignedIn(service);
    const made = await invite(guest.email.toUpperCase());
    expect([made.status, made.body]).toMatchObject([
      201,
      { organizerId, merchantId, roleId: role.id, identifier: { scheme: 'email', value: guest.email } },
    ]);
    expect(made.text).not.toMatch(/token/i);
    const accepted = await guest.api.post(`invitations/${await tokenTo(guest.email)}/accept`);
    expect([accepted.status, accepted.body]).toEqual([
      200,
      { organizerId, merchantId, memberId: expect.any(String) },
    ]);
    const place = `Merchant_${merchantId}`;
    expect(await rowsOf(guest.userId)).toEqual([
      { variant: 'assign_role', place, target: `Role_${role.id}` },
      { variant: 'join_domain', place: null, target: place },
    ]);
    expect(decodeJwt((await signInAgain(service, guest)).token)).toMatchObject({
      organizers: [organizerId],
      merchants: [merchantId],
      roles: expect.arrayContaining([expect.objectContaining({ identifier: role.identifier })]),
    });
    const trail = await sql<{ action: string; actor_id: string }>(
      `SELECT action, actor_id FROM identity."AuditEvent" WHERE subject_id IN ($1, $2) ORDER BY id`,
      [made.body.id, accepted.body.memberId],
    );
    expect(trail).toEqual([
      { action: 'invitation.created', actor_id: owner.userId },
      { action: 'member.added', actor_id: guest.userId },
      { action: 'invitation.accepted', actor_id: guest.userId },
    ]);
  });

  test('by SMS is one part with the link, and nothing that anybody typed (contract §5b)', async () => {
    const { invite, organizerId } = await createInviting();
    const guest = await createPhonePerson();
    expect((await invite(guest.phone.replace('+84', '0'))).status).toBe(201);
    const token = await tokenTo(guest.phone);
    const { api } = await signInAgain(service, guest);
    expect((await api.post(`invitations/${token}/accept`)).status).toBe(200);
    expect(await membersOf(organizerId)).toHaveLength(2);
    const landline = await invite('+842838222222');
    expect(refusal(landline)).toEqual([422, 'invitation.not_served']);
  });

  test('finds somebody new too: they sign up by the invited address, then accept (contract §5b)', async () => {
    const { invite, merchantId } = await createInviting();
    const value = newEmail();
    await invite(value);
    const token = await tokenTo(value);
    const asked = await post(`${service.url}${BASE}/auth/sign-up`, {
      identifier: { scheme: 'email', value },
      credential: { scheme: 'password', value: 'Correct-horse-7' },
    });
    const { challengeId } = asked.body;
    const code = await codeFromInbox(service, value);
    const { body } = await verifyCode(service, { namespace: 'verify-email', challengeId, code });
    const accepted = await administration(service, body.accessToken).post(`invitations/${token}/accept`);
    expect([accepted.status, accepted.body.merchantId]).toEqual([200, merchantId]);
  });

  test('accepted twice at once makes one membership, and once more answers the same (contract §5b)', async () => {
    const { invite, organizerId } = await createInviting();
    const guest = await createSignedIn(service);
    await invite(guest.email);
    const accept = `invitations/${await tokenTo(guest.email)}/accept`;
    const answers = await Promise.all([guest.api.post(accept), guest.api.post(accept)]);
    const again = await guest.api.post(accept);
    for (const answer of [...answers, again])
      expect([answer.status, answer.body]).toEqual([200, answers[0]?.body]);
    expect(await membersOf(organizerId)).toHaveLength(2);
    expect(await rowsOf(guest.userId)).toHaveLength(2);
  });

  test('is nobody else’s: whoever has its link without the proven address finds nothing (P9)', async () => {
    const { invite, organizerId } = await createInviting();
    const [guest, thief] = [await createSignedIn(service), await createSignedIn(service)];
    await invite(guest.email);
    const token = await tokenTo(guest.email);
    const unknown = randomBytes(16).toString('base64url');
    for (const one of [token, unknown])
      expect(refusal(await thief.api.post(`invitations/${one}/accept`))).toEqual([
        404,
        'invitation.not_found',
      ]);
    await sql(`DELETE FROM identity."Identifier" WHERE user_id = $1`, [guest.userId]);
    expect((await guest.api.post(`invitations/${token}/accept`)).status).toBe(404);
    expect(await membersOf(organizerId)).toHaveLength(1);
  });

  test('is over when it is withdrawn, replaced by another link, or seven days old (contract §5b)', async () => {
    const { invite, api } = await createInviting();
    const guest = await createSignedIn(service);
    const { id } = (await invite(guest.email)).body;
    const first = await tokenTo(guest.email);
    expect(refusal(await invite(guest.email))).toEqual([409, 'invitation.exists']);
    expect(refusal(await api.post(`invitations/${id}/resend`))).toEqual([429, 'invitation.too_soon']);
    await sql(`UPDATE identity."Invitation" SET sent_at = now() - interval '2 minutes' WHERE id = $1`, [id]);
    expect((await api.post(`invitations/${id}/resend`)).status).toBe(200);
    const second = await tokenTo(guest.email, 2);
    expect(second).not.toBe(first);
    expect((await guest.api.post(`invitations/${first}/accept`)).status).toBe(404);
    await sql(`UPDATE identity."Invitation" SET expires_at = now() - interval '1 second' WHERE id = $1`, [
      id,
    ]);
    expect(refusal(await guest.api.post(`invitations/${second}/accept`))).toEqual([
      409,
      'invitation.not_open',
    ]);
    const next = await invite(guest.email);
    expect(next.status).toBe(201);
    const third = await tokenTo(guest.email, 3);
    expect((await api.remove(`invitations/${next.body.id}`)).status).toBe(204);
    expect(refusal(await guest.api.post(`invitations/${third}/accept`))).toEqual([
      409,
      'invitation.not_open',
    ]);
    expect(await rowsOf(guest.userId)).toEqual([]);
  });

  test('gives no more than whoever invited holds, when it is sent and when it is accepted (P1)', async () => {
    const { invite, owner, organizerId } = await createInviting();
    const guest = await createSignedIn(service);
    const higher = await createRole(600);
    expect(refusal(await invite(guest.email, { roleId: higher.id }))).toEqual([403, 'policy.more_than_held']);
    await invite(guest.email);
    const token = await tokenTo(guest.email);
    await sql(`DELETE FROM public."PolicyDefinition" WHERE subject_id = $1 AND target_id = '2'`, [
      owner.userId,
    ]);
    expect(refusal(await guest.api.post(`invitations/${token}/accept`))).toEqual([
      409,
      'invitation.not_open',
    ]);
    expect(await membersOf(organizerId)).toHaveLength(1);
  });

  test('is promised alike for known and unknown addresses, and kept without its token (O5)', async () => {
    const { invite, organizerId } = await createInviting();
    const guest = await createSignedIn(service);
    const [known, unknown] = [await invite(guest.email), await invite(newEmail())];
    expect([known.status, Object.keys(known.body)]).toEqual([unknown.status, Object.keys(unknown.body)]);
    const token = await tokenTo(guest.email);
    await guest.api.post(`invitations/${token}/accept`);
    const stored = JSON.stringify([
      await sql('SELECT * FROM identity."Invitation" WHERE organizer_id = $1', [organizerId]),
      await sql('SELECT * FROM identity."AuditEvent" WHERE tenant_id = $1', [organizerId]),
    ]);
    expect(stored).not.toContain(token);
    expect(lines.join('')).toContain('/invitations/{token}/accept');
    expect(lines.join('')).not.toContain(token);
  });
});
