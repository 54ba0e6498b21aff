import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createCredentials } from '../../src/configurations/index.js';
import { createSealedText } from '../../src/database/sealed-text.js';
import type { NewMessage } from '../../src/messaging/index.js';
import { startSmtp } from '../stand-ins/smtp.js';
import { sql } from '../support/database.js';
import {
  attemptsOf,
  configurationKey,
  configure,
  forgetMessages,
  messageRow,
  startPromising,
  untilStatus,
} from '../support/messages.js';

const ACCOUNT = { user: 'nx', pass: 'smtp-password-canary-94' };
let smtp: Awaited<ReturnType<typeof startSmtp>>;
let messages: ReturnType<typeof startPromising>;
let worker: { stop(): Promise<void> };

beforeAll(async () => {
  smtp = await startSmtp({ auth: ACCOUNT });
});
beforeEach(async () => {
  await forgetMessages();
  smtp.mails.length = 0;
  smtp.next = [];
  messages = startPromising();
  worker = messages.startWorker();
});
afterEach(async () => {
  await worker.stop();
  await messages.close();
});
afterAll(async () => {
  await forgetMessages();
  await smtp.close();
});

const notice: Partial<NewMessage> = {
  channel: 'mail',
  to: 'owner@demo.test',
  template: 'security-notice',
  language: 'en',
  variables: { event: 'new-device', at: '21/11/2026 20:00', where: 'Firefox' },
  secret: { link: 'https://id.example/it-was-not-me?t=abc' },
  purpose: 'notice.new-device',
};
const settings = () => ({
  host: '127.0.0.1',
  port: smtp.port,
  security: 'none',
  from: 'no-reply@nx.test',
  brand: 'Nạp Xu',
});
const promise = async (extra: Partial<NewMessage> = {}) => {
  const { deadline: _none, ...message } = { ...notice, deadline: undefined, ...extra };
  const { id } = await messages.infrastructure.database.transaction((one) =>
    messages.promiseMessage(one, { merchantId: null, ...message } as NewMessage),
  );
  return id;
};
const hasten = (id: string) => sql('UPDATE identity."Message" SET due_at = now() WHERE id = $1', [id]);
const untilRound = async (id: string, round: number) => {
  while ((await messageRow(id)).rounds < round) await new Promise(setImmediate);
};
const headersOf = (source = '') => source.slice(0, source.indexOf('\r\n\r\n'));

describe('mail', () => {
  test("leaves by the platform's server, in text and HTML, with a link that is erased afterwards (M2)", async () => {
    await configure('MAIL_SMTP', settings(), ACCOUNT);
    const id = await promise();
    expect((await untilStatus(id, 'accepted')).sealed_secret).toBeNull();
    const [mail] = smtp.mails;
    expect(mail?.envelopeTo).toEqual(['owner@demo.test']);
    expect(headersOf(mail?.source)).toMatch(/^Message-ID: <nx\d+a1@nx\.test>/m);
    expect(headersOf(mail?.source)).toMatch(/^Auto-Submitted: auto-generated/m);
    expect(mail?.source).toMatch(/text\/plain/);
    expect(mail?.source).toMatch(/text\/html/);
  });

  test('shows what a stranger typed escaped in HTML, and never in a header (faults)', async () => {
    await configure('MAIL_SMTP', settings(), ACCOUNT);
    const id = await promise({
      variables: { event: 'new-device', where: '<img src=x onerror=alert(1)> {{link}}' },
    });
    await untilStatus(id, 'accepted');
    const source = smtp.mails[0]?.source.replaceAll('=\r\n', '').replaceAll('=3D', '=') ?? '';
    const html = source.slice(source.indexOf('text/html'));
    expect(html).toContain('&lt;img src');
    expect(html).not.toContain('<img');
    expect(headersOf(source)).not.toContain('img');
  });

  test.each([
    ['CR LF', 'a\r\nBcc: victim@example.test'],
    ['an escape code', 'a\u001b[31m'],
    ['U+2028', 'a\u2028b'],
  ])('%s in a variable is refused before anything is written (faults)', async (_what, where) => {
    await expect(promise({ variables: { event: 'new-device', where } })).rejects.toThrow(TypeError);
    await expect(
      promise({ template: 'rendered', variables: {}, secret: { subject: where, text: 'x' } }),
    ).rejects.toThrow(TypeError);
  });

  test('that is refused for a while is sent later, under the same recipient and with a new id (faults)', async () => {
    await configure('MAIL_SMTP', settings(), ACCOUNT);
    smtp.next = ['later'];
    const id = await promise();
    await untilRound(id, 1);
    await hasten(id);
    await untilStatus(id, 'accepted');
    expect(await attemptsOf(id)).toMatchObject([
      { status: 'refused', error_class: 'busy', provider_status: '451' },
      { status: 'accepted' },
    ]);
  });

  test('that is refused for good is in the ledger at once, without the words of the server (faults)', async () => {
    await configure('MAIL_SMTP', settings(), ACCOUNT);
    smtp.next = ['refuse'];
    const id = await promise();
    expect((await untilStatus(id, 'dead')).error_class).toBe('refused');
    expect(JSON.stringify(await attemptsOf(id))).not.toContain('banner');
  });

  test('whose server hangs after the data is sent again with the same Message-ID (D1)', async () => {
    await configure('MAIL_SMTP', settings(), ACCOUNT);
    smtp.next = ['hang'];
    const id = await promise();
    await untilRound(id, 1);
    await hasten(id);
    await untilStatus(id, 'accepted');
    const attempts = await attemptsOf(id);
    expect(attempts.map(({ status }) => status)).toEqual(['unclear', 'accepted']);
    expect(new Set(attempts.map(({ provider_message_id }) => provider_message_id)).size).toBe(1);
  });

  test('with a wrong password waits and is tried again: somebody may put it right (M3)', async () => {
    await configure('MAIL_SMTP', settings(), { ...ACCOUNT, pass: 'wrong' });
    const id = await promise();
    await untilRound(id, 1);
    expect(await messageRow(id)).toMatchObject({ status: 'pending', error_class: 'authentication' });
  });
});

describe("a merchant's own mail server", () => {
  const merchant = { merchantId: 'merchant-5' };
  const own = (extra: object) =>
    configure(
      'MAIL_SMTP',
      { ...settings(), security: 'starttls', port: 587, ...extra },
      ACCOUNT,
      'merchant-5',
    );

  test.each([
    ['loopback', { host: '127.0.0.1' }],
    ['loopback by name', { host: 'localhost' }],
    ['loopback in IPv6', { host: '::1' }],
    ['loopback, mapped', { host: '::ffff:127.0.0.1' }],
    ['a private network', { host: '10.1.2.3' }],
    ['a private network in IPv6', { host: 'fd00::1' }],
    ['link-local: the metadata of a cloud', { host: '169.254.169.254' }],
    ['no address at all', { host: '0.0.0.0' }],
    ['a shared network (RFC 6598)', { host: '100.64.0.1' }],
    ['another port', { host: '8.8.8.8', port: 25 }],
    ['no encryption', { host: '8.8.8.8', security: 'none' }],
  ])(
    'on %s is refused, told as a class, and nothing is sent by the platform instead (M2, faults)',
    async (_what, extra) => {
      await configure('MAIL_SMTP', settings(), ACCOUNT);
      await own(extra);
      const id = await promise(merchant);
      await untilRound(id, 1);
      expect(await messageRow(id)).toMatchObject({ status: 'dead', error_class: 'address-refused' });
      expect(smtp.mails).toEqual([]);
    },
  );
});

describe('a credential', () => {
  const credentials = () => createCredentials(createSealedText(configurationKey()));

  test("with a byte flipped, or another tenant's in its place, is an error in the ledger, never a sign-in elsewhere (faults)", async () => {
    const mine = await configure('MAIL_SMTP', settings(), ACCOUNT);
    const [row] = await sql<{ credential: string }>(
      'SELECT credential FROM public."Configuration" WHERE id = $1',
      [mine],
    );
    const sealed = row?.credential ?? '';
    const flipped = `${sealed.slice(0, -2)}${sealed.at(-2) === 'A' ? 'B' : 'A'}${sealed.at(-1)}`;
    const theirs = credentials().seal({ id: 'theirs', code: 'MAIL_SMTP', merchantId: 'them' }, ACCOUNT);
    const sameRowOtherMerchant = credentials().seal(
      { id: mine, code: 'MAIL_SMTP', merchantId: 'them' },
      ACCOUNT,
    );
    for (const credential of [flipped, theirs, sameRowOtherMerchant, 'garbage', `${sealed}x.y`]) {
      await sql('UPDATE public."Configuration" SET credential = $2 WHERE id = $1', [mine, credential]);
      await restart();
      expect((await untilStatus(await promise(), 'dead')).error_class).toBe('configuration');
    }
    expect(smtp.mails).toEqual([]);
  });

  /** A process that has nothing cached. */
  async function restart() {
    await worker.stop();
    await messages.close();
    messages = startPromising();
    worker = messages.startWorker();
  }
});
