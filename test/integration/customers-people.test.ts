import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEMO_MERCHANTS, DEMO_PEOPLE } from '../../embedded/demo-data.js';
import {
  addMember,
  createOwner,
  createWorkspace,
  dialect,
  newId,
  type TestBranch,
} from '../support/branches.js';
import { bearer, signIn } from '../support/call.js';
import { customersOf } from '../support/customers.js';
import { sql } from '../support/database.js';
import { createPerson } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

const [admin, owner, cashier] = DEMO_PEOPLE;
const [here, there] = DEMO_MERCHANTS as [TestBranch, TestBranch];

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const as = async (person: { email: string; password: string }) =>
  customersOf(service, bearer((await signIn(service, person)).body.accessToken));

/** A right of one person with customers at a place. */
async function grant(userId: string, action: string, effect: string, domain: string): Promise<void> {
  const permission = newId();
  await sql(
    `INSERT INTO identity."Permission" (id, code, name, subject, action) VALUES ($1, $1, $1, 'customer', $2)`,
    [permission, action],
  );
  await sql(
    `INSERT INTO public."PolicyDefinition" (id, variant, subject_type, subject_id, target_type, target_id, action, effect, domain)
     VALUES ($1, 'grant', 'User', $2, 'Permission', $1, $3, $4, $5)`,
    [permission, userId, action, effect, domain],
  );
}

describe('a person', () => {
  test('who is the cashier of one merchant creates, reads, updates and deletes its customers, and finds none at the other (P4)', async () => {
    const api = await as(cashier);
    const made = await api.create({ merchantId: here.id, displayName: 'Khách của Chi' });
    expect(made.status).toBe(201);
    const { id } = made.body;
    expect((await api.patch(id, { note: 'x' }, '"1"')).status).toBe(200);
    expect((await api.list({ merchantId: here.id, q: 'khach cua chi' })).body).toHaveLength(1);
    const theirs = (await (await as(owner)).create({ merchantId: there.id, displayName: 'Y' })).body;
    const answers = [
      await api.get(theirs.id),
      await api.patch(theirs.id, { note: 'x' }),
      await api.remove(theirs.id),
      await api.list({ merchantId: there.id }),
      await api.create({ merchantId: there.id, displayName: 'X' }),
      await api.act(id, 'merge', { otherId: theirs.id }),
      await api.export(there.id),
    ];
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(
      answers.map(() => [404, 'customer.not_found']),
    );
    expect((await api.remove(id)).status).toBe(204);
    const trail = await sql(
      `SELECT action, actor_type, actor_id FROM identity."AuditEvent" WHERE subject_id = $1 ORDER BY id`,
      [id],
    );
    expect(trail).toEqual(
      ['created', 'updated', 'deleted'].map((act) => ({
        action: `customer.${act}`,
        actor_type: 'user',
        actor_id: cashier.id,
      })),
    );
  });

  test('who administers the platform alone sees no customer of anybody', async () => {
    expect((await (await as(admin)).list({ merchantId: here.id })).status).toBe(404);
  });

  test('with a branch’s token acts in that branch alone, whatever else they may (T9)', async () => {
    const { person, userId, workspace } = await createOwner(service, 2);
    const [one, two] = workspace.branches as [TestBranch, TestBranch];
    await grant(userId, 'manage', 'allow', `Organizer_${workspace.id}`);
    const api = dialect(service);
    const { body } = await api.login(person);
    const { accessToken } = (await api.select(body.accountAccessToken, one.id)).body;
    const inOne = customersOf(service, bearer(accessToken));
    expect((await inOne.create({ merchantId: one.id, displayName: 'X' })).status).toBe(201);
    expect((await inOne.create({ merchantId: two.id, displayName: 'X' })).status).toBe(404);
    const everywhere = await as(person);
    expect((await everywhere.create({ merchantId: two.id, displayName: 'X' })).status).toBe(201);
    const account = customersOf(service, bearer(body.accountAccessToken));
    expect((await account.list({ merchantId: one.id })).body.code).toBe('token.wrong_kind');
  });

  test('may do what is granted, less what is denied; what they may not at a merchant that they may read is 403 (P2)', async () => {
    const person = await createPerson();
    const { user } = (await signIn(service, person)).body;
    const workspace = await createWorkspace(1);
    const [branch] = workspace.branches as [TestBranch];
    await addMember(user.id, workspace);
    const domain = `Merchant_${branch.id}`;
    const api = await as(person);
    const make = () => api.create({ merchantId: branch.id, displayName: 'X' });
    /** Rights are a second old at the most. */
    const turns = (ask: typeof make, status: number) =>
      until(`it is never ${status}`, async () => {
        const answer = await ask();
        return answer.status === status && answer;
      });
    expect((await make()).status).toBe(404); // a place, and no right
    await grant(user.id, 'read', 'allow', domain);
    expect((await turns(make, 403)).body.code).toBe('customer.not_permitted');
    await grant(user.id, 'write', 'allow', domain);
    const { id } = (await turns(make, 201)).body;
    await grant(user.id, 'delete', 'deny', domain);
    await turns(async () => api.remove((await make()).body.id), 403);
    expect((await api.patch(id, { note: 'x' })).status).toBe(200);
    await sql(`DELETE FROM public."PolicyDefinition" WHERE subject_id = $1`, [user.id]);
    await turns(() => api.get(id), 404);
  });
});
