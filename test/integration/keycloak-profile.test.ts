import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventsOf } from '../support/audit.js';
import { sql } from '../support/database.js';
import { openSession, startListening, type TestService, untilHandled } from '../support/news.js';
import { admin, createPerson, realm, type TestPerson } from '../support/people.js';
import { createPhonePerson, newPhone } from '../support/phones.js';
import { until } from '../support/until.js';

let service: TestService;
beforeAll(async () => {
  service = await startListening();
});
afterAll(() => service.stop());

const self = ({ keycloakId }: TestPerson) => ({ realm: realm(), id: keycloakId });

interface Kept {
  display_name: string;
  email: string | null;
  phone: string | null;
  phone_verified: boolean;
  last_login_at: Date | null;
  held: string[];
}
async function kept({ keycloakId }: TestPerson): Promise<Kept> {
  const [row] = await sql<Kept & Record<string, unknown>>(
    `SELECT *, (SELECT coalesce(array_agg(value ORDER BY scheme), '{}') FROM identity."Identifier" WHERE user_id = id) AS held
     FROM identity."User" WHERE keycloak_id = $1`,
    [keycloakId],
  );
  if (!row) throw new Error('nobody');
  return row;
}

/** As an administrator types a number into the console. */
async function typePhone(person: TestPerson, phone: string, verified = 'true') {
  const { users } = await admin();
  const user = await users.findOne(self(person));
  const attributes = { ...user?.attributes, phoneNumber: [phone], phoneNumberVerified: [verified] };
  const before = (await untilHandled(`users/${person.keycloakId}`, 0)).length;
  await users.update(self(person), { ...user, attributes });
  await untilHandled(`users/${person.keycloakId}`, before + 1);
}
const phoneInKeycloak = async (person: TestPerson) =>
  (await (await admin()).users.findOne(self(person)))?.attributes?.phoneNumber ?? [];

test('a name and an address that are changed in the console are ours at once, and that is no visit (D5)', async () => {
  const person = await createPerson();
  await openSession(service, person);
  const before = await kept(person);
  const email = `moved-${person.email}`;
  const user = await (await admin()).users.findOne(self(person));
  await (await admin()).users.update(self(person), { ...user, firstName: 'Moved', lastName: 'On', email });
  await until('not moved', async () => (await kept(person)).email === email);
  expect(await kept(person)).toMatchObject({
    display_name: 'Moved On',
    held: [email],
    last_login_at: before.last_login_at,
  });
});

test('a phone typed in the console is applied when it is free (D3)', async () => {
  const person = await createPerson();
  await openSession(service, person);
  const phone = newPhone();
  await typePhone(person, phone);
  expect(await kept(person)).toMatchObject({ phone, phone_verified: true, held: [person.email, phone] });
});

test('a phone typed in the console that somebody else has proven is put back, and that is written down (D3)', async () => {
  const [owner, other] = [await createPhonePerson(), await createPhonePerson()];
  await typePhone(other, owner.phone);
  expect(await kept(other)).toMatchObject({ phone: other.phone, held: [other.email, other.phone] });
  expect(await kept(owner)).toMatchObject({ phone: owner.phone, held: [owner.email, owner.phone] });
  expect(await phoneInKeycloak(other)).toEqual([other.phone]);
  const events = await eventsOf(service.infrastructure.database, other.userId);
  expect(events.filter(({ action }) => action === 'user.phone_put_back')).toEqual([
    expect.objectContaining({
      actor: { type: 'system', id: 'keycloak' },
      after: { reason: 'taken' },
      personal: expect.objectContaining({ 'asked.phone': owner.phone, 'after.phone': other.phone }),
    }),
  ]);
});

test('a phone that is somebody else’s is taken away from whoever had none (D3)', async () => {
  const [owner, other] = [await createPhonePerson(), await createPerson()];
  await openSession(service, other);
  await typePhone(other, owner.phone);
  expect(await kept(other)).toMatchObject({ phone: null, held: [other.email] });
  expect(await phoneInKeycloak(other)).toEqual([]);
});
