import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createMessageRelay, createMessageStore } from '../../src/messaging/index.js';
import { createIdQueue } from '../../src/queues/id-queue.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { testParts } from '../parts.js';
import { startInbox } from '../stand-ins/inbox.js';
import { startSmtp } from '../stand-ins/smtp.js';
import { sql } from '../support/database.js';
import {
  attemptsOf,
  forgetMessages,
  messageRow,
  otpSms,
  startPromising,
  untilStatus,
} from '../support/messages.js';

type Stop = { stop(): Promise<void> };
let inbox: Awaited<ReturnType<typeof startInbox>>;
let smtp: Awaited<ReturnType<typeof startSmtp>>;
let messages: ReturnType<typeof startPromising>;
let workers: Stop[] = [];

beforeAll(async () => {
  inbox = await startInbox();
  smtp = await startSmtp();
  messages = startPromising({
    IDENTITY_DEV_INBOX_URL: inbox.origin,
    IDENTITY_DEV_INBOX_SMTP_URL: smtp.url,
  });
});
beforeEach(async () => {
  await forgetMessages();
  inbox.reset();
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  workers = [];
});
afterAll(async () => {
  await forgetMessages();
  await Promise.all([inbox.close(), smtp.close(), messages.close()]);
});

const attempt = {
  number: 1,
  replay: 0,
  round: 1,
  provider: 'p',
  providerMessageId: 'i',
  segments: 1,
  cost: 0,
};

const startWorker = () => workers.push(messages.startWorker());

describe('a promised message', () => {
  test('is sent by the worker, its code first, and the code is erased with the acceptance (M3, D7)', async () => {
    startWorker();
    const id = await messages.promise(otpSms('482913'));
    const row = await untilStatus(id, 'accepted');
    expect(inbox.accepted.map(({ body }) => body)).toEqual([
      { channel: 'sms', to: '+84901000001', text: expect.stringMatching(/^482913 la ma xac thuc/) },
    ]);
    expect(row.sealed_secret).toBeNull();
  });

  test('that was rolled back is never sent (D7)', async () => {
    startWorker();
    const rolledBack = messages.infrastructure.database.transaction(async (one) => {
      await messages.promiseMessage(one, otpSms());
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    await untilStatus(await messages.promise(), 'accepted');
    expect(inbox.received).toHaveLength(1);
  });

  test('goes out once, with two workers and a job that comes twice (faults)', async () => {
    startWorker();
    startWorker();
    const queue = createIdQueue({
      name: 'messages',
      urls: [testParts().redis.url],
      cluster: false,
      logger: createLogger({ level: 'silent' }),
    });
    const ids = await Promise.all(Array.from({ length: 30 }, () => messages.promise()));
    await queue.add(ids).catch(() => undefined); // may come before the connection: then it is only one job each
    for (const id of ids) await untilStatus(id, 'accepted');
    await queue.close();
    expect(inbox.received).toHaveLength(30);
  });

  test('past its deadline is never sent, and its code is erased (M3)', async () => {
    const id = await messages.promise();
    await sql(`UPDATE identity."Message" SET deadline_at = now() - interval '1 second'`);
    startWorker();
    const row = await untilStatus(id, 'expired');
    expect(row.sealed_secret).toBeNull();
    expect(inbox.received).toEqual([]);
  });

  test('whose deadline passes between the queue and the worker is not sent (M3)', async () => {
    const id = await messages.promise();
    await sql(`UPDATE identity."Message" SET deadline_at = now() + interval '1 hour', due_at = now()`);
    const store = createMessageStore(messages.infrastructure.database);
    expect(await store.claim(id, 'mine')).toMatchObject({ isLate: false });
    await sql(`UPDATE identity."Message" SET deadline_at = now()`);
    expect(await store.begin(id, 'mine', attempt)).toBeUndefined();
    expect(await attemptsOf(id)).toEqual([]);
  });

  test('is found again when Redis has lost the queue (faults)', async () => {
    const id = await messages.promise();
    const relay = createMessageRelay({
      database: messages.infrastructure.database,
      enqueue: async () => undefined, // as a Redis that was flushed right after
    });
    expect(await relay.relayDue()).toBe(1);
    expect(await relay.relayDue()).toBe(0);
    await sql(`UPDATE identity."Message" SET enqueued_until = now() - interval '1 second'`);
    startWorker();
    await untilStatus(id, 'accepted');
    expect(inbox.received).toHaveLength(1);
  });

  test('that the queue cannot take is due as before (L0)', async () => {
    const id = await messages.promise();
    const relay = (enqueue: (ids: string[]) => Promise<void>) =>
      createMessageRelay({ database: messages.infrastructure.database, enqueue });
    await expect(relay(() => Promise.reject(new Error('away'))).relayDue()).rejects.toThrow('away');
    const relayed: string[] = [];
    await relay(async (ids) => void relayed.push(...ids)).relayDue();
    expect(relayed).toEqual([id]);
  });

  test('is in the hands of one worker, until that one has been gone for a while (faults)', async () => {
    const id = await messages.promise();
    const store = createMessageStore(messages.infrastructure.database);
    const claims = await Promise.all(['a', 'b', 'c'].map((lease) => store.claim(id, lease)));
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
    await sql(`UPDATE identity."Message" SET leased_until = now() - interval '1 second'`);
    expect(await store.claim(id, 'd')).toMatchObject({ id });
    expect(await store.begin(id, 'a', attempt)).toBeUndefined();
    expect(await store.begin(id, 'd', attempt)).toBeDefined();
  });
});

describe('what is promised', () => {
  test.each<[string, object]>([
    ['a number that is not E.164', { to: '0901000001' }],
    ['an address with a name', { channel: 'mail', to: 'A <a@b.test>' }],
    ['an address with a line break', { channel: 'mail', to: 'a@b.test\r\nBcc: c@d.test' }],
    ["a stranger's words in an SMS", { variables: { minutes: 'call me' } }],
    ['a variable too many', { variables: { minutes: '5', name: 'x' } }],
    ['a code that is none', { secret: { code: 'abc' } }],
    ['a template that is not for this channel', { template: 'rendered' }],
  ])('%s is refused before anything is written (M1)', async (_what, wrong) => {
    await expect(messages.promise(wrong)).rejects.toThrow(TypeError);
    expect(await sql('SELECT FROM identity."Message"')).toEqual([]);
  });

  test('a mail arrives in the language of the person, its code in text and HTML (M2)', async () => {
    startWorker();
    const id = await messages.promise({ channel: 'mail', to: 'otp@demo.test', language: 'vi' });
    await untilStatus(id, 'accepted');
    const [mail] = smtp.mails.slice(-1);
    expect(mail?.envelopeTo).toEqual(['otp@demo.test']);
    expect(mail?.source.match(/482913/g)).toHaveLength(2);
    expect(mail?.source).toMatch(/^Subject: =\?UTF-8\?/m);
    expect((await messageRow(id)).sealed_secret).toBeNull();
  });
});
