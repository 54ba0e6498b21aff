import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEMO_PEOPLE } from '../../embedded/demo-data.js';
import { BASE, bearer, call, post, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { newId } from '../support/messages.js';
import { createPerson } from '../support/people.js';
import { newPhone, requestCode } from '../support/phones.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let token: string;
let adminId: string;
beforeAll(async () => {
  service = await startService();
  const { body } = await signIn(service, DEMO_PEOPLE[0]);
  token = body.accessToken;
  adminId = body.user.id;
});
afterAll(() => service.stop());

const list = (query = '', headers: Record<string, string> = bearer(token)) =>
  call(`${service.url}${BASE}/messages${query}`, { headers });
const replay = (id: string) => post(`${service.url}${BASE}/messages/${id}/replay`, {}, bearer(token));

/** A message that failed for good, with this long to its deadline. */
async function deadMessage(deadline: string): Promise<string> {
  await requestCode(service, newPhone());
  const [row] = await sql<{ id: string }>(
    `UPDATE identity."Message" SET status = 'dead', deadline_at = now() + $1::interval
     WHERE id = (SELECT id FROM identity."Message" ORDER BY created_at DESC LIMIT 1) RETURNING id`,
    [deadline],
  );
  return row?.id as string;
}

describe('the ledger of messages (M3)', () => {
  test('is for platform administrators: 401 without a token, 403 without the role', async () => {
    const person = (await signIn(service, await createPerson())).body.accessToken;
    expect((await list('', {})).status).toBe(401);
    expect((await list('', bearer(person))).status).toBe(403);
    const refused = await post(`${service.url}${BASE}/messages/1/replay`, {}, bearer(person));
    expect(refused.status).toBe(403);
  });

  test('tells what became of each message, masked, page by page, and that it was read (P12)', async () => {
    const phones = [newPhone(), newPhone(), newPhone(), newPhone()];
    for (const phone of phones) await requestCode(service, phone);
    const first = await list('?limit=2');
    expect(first.status).toBe(200);
    expect(first.body).toHaveLength(2);
    expect(first.body[0]).toMatchObject({
      status: 'withheld',
      errorClass: 'no_account',
      purpose: 'otp.phone-auth',
    });
    for (const phone of phones) expect(first.text).not.toContain(phone);
    const next = /^<(.+)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await call(`${service.url}${next}`, { headers: bearer(token) });
    const ids = [...first.body, ...second.body].map(({ id }: { id: string }) => id);
    expect(new Set(ids).size).toBe(4);
    const reads = await sql(
      `SELECT FROM identity."AuditEvent" WHERE action = 'message.read' AND actor_id = $1`,
      [adminId],
    );
    expect(reads.length).toBeGreaterThanOrEqual(2);
  });

  test('sends a dead message once more, and says in the trail who asked (M3, P12)', async () => {
    const id = await deadMessage('5 minutes');
    expect((await replay(id)).status).toBe(202);
    expect(await sql('SELECT status FROM identity."Message" WHERE id = $1', [id])).toEqual([
      { status: 'pending' },
    ]);
    const trail = await sql(
      `SELECT actor_type, actor_id FROM identity."AuditEvent" WHERE action = 'message.replayed' AND subject_id = $1`,
      [id],
    );
    expect(trail).toEqual([{ actor_type: 'admin', actor_id: adminId }]);
    const again = await replay(id);
    expect([again.status, again.body.code]).toEqual([409, 'message.not_dead']);
    await sql('DELETE FROM identity."Message" WHERE id = $1', [id]);
  });

  test('never sends a code past its life, and writes down no replay (M3)', async () => {
    const id = await deadMessage('-1 second');
    const late = await replay(id);
    expect([late.status, late.body.code]).toEqual([409, 'message.too_late']);
    const trail = await sql(
      `SELECT FROM identity."AuditEvent" WHERE action = 'message.replayed' AND subject_id = $1`,
      [id],
    );
    expect(trail).toEqual([]);
  });

  test.each([[newId()], ['0'], [randomUUID()], ['__proto__'], ['a'.repeat(2000)]])(
    'has nothing under %.20s: 404',
    async (id) => {
      expect((await replay(id)).status).toBe(404);
    },
  );
});
