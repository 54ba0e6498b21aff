import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEMO_PEOPLE } from '../../embedded/demo-data.js';
import { api } from '../support/api.js';
import { assignRole, createWorkspace } from '../support/branches.js';
import { signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { recipientIndex } from '../support/ledger.js';
import { createPhonePerson, newPhone, requestCode } from '../support/phones.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let clientId: string;
let here: string;
let sibling: string;
let organizer: string;
const people: string[] = [];

beforeAll(async () => {
  service = await startService();
  const workspace = await createWorkspace(2);
  [here, sibling] = workspace.branches.map(({ id }) => id) as [string, string];
  organizer = workspace.id;
  clientId = `app-${randomBytes(6).toString('hex')}`;
  const admin = (await signIn(service, DEMO_PEOPLE[0])).body.accessToken;
  await api(service)('POST', '/clients', admin, { id: clientId, name: 'An app', merchantId: here });
});
afterAll(async () => {
  await sql('DELETE FROM public."PolicyDefinition" WHERE subject_id = ANY($1)', [people]);
  await service.stop();
});

/** Whose provider the newest message to a number goes by. */
async function senderOf(phone: string): Promise<string | null | undefined> {
  const [row] = await sql<{ merchant_id: string | null }>(
    'SELECT merchant_id FROM identity."Message" WHERE recipient_index = $1 ORDER BY created_at DESC, id DESC LIMIT 1',
    [recipientIndex(phone)],
  );
  return row?.merchant_id;
}

async function codeFor(...roles: [string, string | null][]) {
  const { phone, userId } = await createPhonePerson();
  people.push(userId);
  for (const [role, domain] of [['010_user', null] as const, ...roles])
    await assignRole(userId, role, domain);
  const { status } = await requestCode(service, phone, { clientId });
  return { status, sender: await senderOf(phone) };
}

describe('a code asked for through a merchant’s app', () => {
  test('goes by the merchant’s own provider, for whoever is nobody elsewhere (M1)', async () => {
    expect(await codeFor()).toEqual({ status: 202, sender: here });
    expect(await codeFor(['100_cashier', `Merchant_${here}`])).toEqual({ status: 202, sender: here });
    const unknown = newPhone();
    expect((await requestCode(service, unknown, { clientId })).status).toBe(202);
    expect(await senderOf(unknown)).toBe(here);
  });

  test('is never seen by that provider when it opens more than that merchant (faults)', async () => {
    for (const role of [
      ['900_admin', null],
      ['500_owner', `Organizer_${organizer}`],
      ['100_cashier', `Merchant_${sibling}`],
    ] as [string, string | null][]) {
      expect([role, await codeFor(role)]).toEqual([role, { status: 202, sender: null }]);
    }
  });
});
