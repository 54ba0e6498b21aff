import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEMO_SERVICE } from '../../embedded/demo-data.js';
import { serviceEnvironment } from '../../embedded/service-environment.js';
import { testParts } from '../parts.js';
import { type Answer, post } from '../support/call.js';
import { sql } from '../support/database.js';
import { inboxOf, textsTo } from '../support/inbox.js';
import { outboxOf } from '../support/keycloak-outbox.js';
import { recipientIndex } from '../support/ledger.js';
import { admin, createPerson, realm } from '../support/people.js';
import { spawnService } from '../support/process.js';
import { linkIn } from '../support/registration.js';
import { startService, type TestService } from '../support/service.js';
import { basic } from '../support/services.js';
import { until } from '../support/until.js';

const parts = testParts();

interface Row {
  status: string;
  purpose: string;
  seconds: number | null;
  row: string;
}

/** What the ledger has of mails to this address. */
const messagesTo = (email: string): Promise<Row[]> =>
  sql<Row & Record<string, unknown>>(
    `SELECT status, purpose, extract(epoch FROM deadline_at - created_at)::float AS seconds, to_jsonb(m)::text AS row
     FROM identity."Message" AS m WHERE recipient_index = $1`,
    [recipientIndex(email)],
  );

const newestMail = async () => (await outboxOf('nx-mail'))[0];

describe('a mail of Keycloak’s', () => {
  test('waits sealed while the service is away, and arrives once when it is back, in clear nowhere on its way (M3, D7)', async () => {
    const person = await createPerson({ emailVerified: false });
    await (await admin()).users.sendVerifyEmail({ realm: realm(), id: person.keycloakId });
    const waiting = await until('no try was made', async () => {
      const entry = await newestMail();
      return entry && entry.attempts > 0 && entry;
    });
    expect(waiting).toMatchObject({ status: 'PENDING', entry_type: 'MAIL' });
    expect(await messagesTo(person.email)).toEqual([]);

    const environment = { ...serviceEnvironment(parts), LOG_LEVEL: 'trace' };
    const service = spawnService(environment);
    await service.says('"listening"');
    const [text = ''] = await textsTo(parts.service, person.email, 1);
    await until(
      'the entry stays',
      async () => !(await outboxOf('nx-mail')).some((row) => row.correlation_id === waiting.correlation_id),
    );
    service.kill('SIGTERM');
    await service.exit;

    const key = new URL(linkIn(text)).searchParams.get('key') ?? '';
    expect(key.split('.')).toHaveLength(3);
    const messages = await messagesTo(person.email);
    expect(messages).toMatchObject([{ status: 'accepted', purpose: 'keycloak.mail' }]);
    const places = [
      waiting.payload,
      Buffer.from(waiting.payload, 'base64').toString('latin1'),
      messages[0]?.row ?? '',
      service.output(),
      readFileSync(parts.keycloak.logFile, 'utf8'),
    ];
    for (const canary of [key, person.email]) {
      expect(places.map((place) => place.includes(canary))).toEqual(places.map(() => false));
    }
  }, 120_000);
});

describe('the call that brings mails', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService(
      { IDENTITY_INTERNAL_PORT: String(parts.service.internalPort) },
      { worker: true },
    );
  });
  afterAll(() => service.stop());

  const newMail = (extra: Record<string, unknown> = {}) => ({
    id: randomUUID(),
    to: `${randomUUID()}@example.test`,
    subject: 'Xác minh địa chỉ',
    text: 'a link',
    html: '<p>a link</p>',
    ...extra,
  });
  const bridge = () => basic('keycloak-bridge', parts.keycloak.bridgeSecret);
  const bring = (mail: object, as = bridge()): Promise<Answer> =>
    post(`${service.internalUrl}/mail`, mail, as);
  const outcome = ({ status, body }: Answer) => [status, body?.code];

  test('promises a mail once, however often and at once the same entry comes (D7)', async () => {
    const mail = newMail();
    const answers = await Promise.all(Array.from({ length: 10 }, () => bring(mail)));
    expect(answers.map(({ status, body }) => [status, body])).toEqual(
      answers.map(() => [202, { id: mail.id }]),
    );
    expect(await textsTo(service, mail.to, 1)).toHaveLength(1);
    expect(await messagesTo(mail.to)).toHaveLength(1);
  });

  test('takes what themes write, and no more than it can hold', async () => {
    const large = newMail({ html: `<p>${'ư'.repeat(300_000)}</p>` });
    expect((await bring(large)).status).toBe(202);
    expect(outcome(await bring(newMail({ html: 'x'.repeat(1024 * 1024) })))).toEqual([
      413,
      'request.too_large',
    ]);
  });

  test('never sends a link that is over (M3)', async () => {
    const late = newMail({ validForS: 0 });
    expect((await bring(late)).status).toBe(202);
    await until('not expired', async () => (await messagesTo(late.to))[0]?.status === 'expired');
    expect(await inboxOf(service, late.to)).toEqual([]);
  });

  test.each<[string, Record<string, unknown>]>([
    ['two addresses', { to: 'a@example.test, b@example.test' }],
    ['a name beside the address', { to: 'A <a@example.test>' }],
    ['a header in the address', { to: 'a@example.test\r\nBcc: b@example.test' }],
    ['a header in the subject', { subject: 'a\r\nBcc: b@example.test' }],
    ['an id of its own making', { id: '1' }],
    ['an end before the beginning', { validForS: -1 }],
    ['more than it is asked for', { from: 'a@example.test' }],
  ])('refuses %s (hostile input)', async (_name, extra) => {
    expect(outcome(await bring(newMail(extra)))).toEqual([422, 'request.validation_failed']);
  });

  test('is for the bridge alone (P7)', async () => {
    const sale = basic(DEMO_SERVICE.name, DEMO_SERVICE.secret);
    expect(outcome(await bring(newMail(), sale))).toEqual([403, 'service.call_not_granted']);
  });

  test('is told how long a link lives, by the link itself', async () => {
    const person = await createPerson();
    const { users } = await admin();
    const asked = { realm: realm(), id: person.keycloakId, actions: ['UPDATE_PASSWORD'] };
    await users.executeActionsEmail({ ...asked, lifespan: 1800 });
    await textsTo(service, person.email, 1);
    const [message] = await messagesTo(person.email);
    expect(message?.seconds).toBeGreaterThan(1700);
    expect(message?.seconds).toBeLessThanOrEqual(1800);
  });

  test('brings the console’s test mail too, whatever settings it tests', async () => {
    const keycloak = await admin();
    const [self] = await keycloak.users.find({
      realm: 'master',
      username: `service-account-${parts.keycloak.adminClientId}`,
    });
    const email = `${randomUUID()}@example.test`;
    await keycloak.users.update({ realm: 'master', id: self?.id ?? '' }, { ...self, email });
    const settings = { host: 'nowhere.invalid', from: 'a@example.test' };
    await keycloak.realms.testSMTPConnection({ realm: realm() }, settings);
    expect(await textsTo(service, email, 1)).toHaveLength(1);
  });
});
