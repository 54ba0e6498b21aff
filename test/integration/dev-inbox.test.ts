import { createConnection } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { testParts } from '../parts.js';
import { call, post } from '../support/call.js';
import { inboxOf } from '../support/inbox.js';
import { startService, type TestService } from '../support/service.js';

const { inbox } = testParts();
let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

/** A mail client that waits for each answer. Answers the last line that the server said. */
function sendMail(to: readonly string[], lines: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(inbox.smtpUrl);
  const steps = [
    'EHLO test',
    'MAIL FROM:<no-reply@example.test>',
    ...to.map((address) => `RCPT TO:<${address}>`),
    'DATA',
    [...lines, '.'].join('\r\n'),
  ];
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: hostname, port: Number(port) });
    socket.setEncoding('utf8').on('error', reject);
    socket.on('data', (said: string) => {
      if (!/^\d{3} [^\n]*\n$/m.test(said)) return; // more of it is to come
      const next = steps.shift();
      if (next !== undefined) return void socket.write(`${next}\r\n`);
      socket.end();
      resolve(said.trim());
    });
  });
}

const stranger = (name: string) => `${name}-${process.hrtime.bigint()}@example.test`;

test('mail and SMS are shown in full, the newest first (contract §3)', async () => {
  const [one, two] = [stranger('one'), stranger('two')];
  const headers = ['From: a@b.test', 'Subject: Hi', 'MIME-Version: 1.0'];
  const said = await sendMail(
    [one, two],
    [
      ...headers,
      'Content-Type: multipart/alternative; boundary="x"',
      '',
      '--x',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'Xin ch=C3=A0o',
      '--x',
      'Content-Type: text/html',
      '',
      '<p>other</p>',
      '--x--',
    ],
  );
  expect(said).toMatch(/^250 /);
  for (const address of [one, two]) {
    expect(await inboxOf(service, address)).toEqual([
      {
        id: expect.any(String),
        channel: 'mail',
        to: address,
        text: expect.stringMatching(/^Xin chào\s*$/),
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      },
    ]);
  }
  await sendMail([one], [...headers, 'Content-Type: text/html', '', '<p>Only <b>HTML</b></p>']);
  const kept = await post(`${inbox.url}/messages`, { channel: 'sms', to: one, text: 'Your code is 123456' });
  expect([kept.status, kept.body]).toEqual([201, { id: expect.any(String) }]);
  expect((await inboxOf(service, one)).map(({ channel, text }) => [channel, text.trim()])).toEqual([
    ['sms', 'Your code is 123456'],
    ['mail', 'Only HTML'],
    ['mail', 'Xin chào'],
  ]);
});

test.each([
  ['another channel', JSON.stringify({ channel: 'fax', to: 'a', text: 'b' }), 422],
  ['no text', JSON.stringify({ channel: 'sms', to: 'a' }), 422],
  ['no JSON', '{"channel"', 400],
])('a message with %s is refused in words', async (_what, body, status) => {
  const headers = { 'content-type': 'application/json' };
  const refused = await call(`${inbox.url}/messages`, { method: 'POST', headers, body });
  expect([refused.status, refused.body]).toEqual([status, { error: expect.any(String) }]);
});

test('an inbox that is away is 503, and without development tools there is none (contract §3)', async () => {
  const away = await startService({ IDENTITY_DEV_INBOX_URL: 'http://127.0.0.1:9' });
  const production = await startService({ IDENTITY_DEV_TOOLS: '0' });
  const [lost, none] = [await call(`${away.url}/dev/inbox`), await call(`${production.url}/dev/inbox`)];
  await Promise.all([away.stop(), production.stop()]);
  expect([lost.status, lost.body.code, lost.headers.get('retry-after')]).toEqual([
    503,
    'dev_inbox.unavailable',
    '2',
  ]);
  expect([none.status, none.body.code]).toEqual([404, 'request.not_found']);
});
