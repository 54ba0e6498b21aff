import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { testParts } from '../parts.js';
import { createBrowser, signInHosted } from '../support/browser.js';
import { type Answer, call, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { codeFromInbox, textsTo } from '../support/inbox.js';
import { createPhonePerson, requestCode, verifyCode } from '../support/phones.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  // Where Keycloak sends browsers back to.
  service = await startService({ IDENTITY_PORT: String(testParts().service.port) }, { worker: true });
});
afterAll(() => service.stop());

type Person = Awaited<ReturnType<typeof createPhonePerson>>;
const HOME = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/120.0';
const from = (agent: string, cookie = '') => ({ headers: { 'user-agent': agent, cookie } });
const written = async () =>
  (await sql(`SELECT FROM identity."Message" WHERE purpose = 'notice.new-device'`)).length;
let earlier = 0;
beforeEach(async () => {
  earlier = await written();
});
/** In this test. */
const notices = async () => (await written()) - earlier;
const deviceCookie = ({ headers }: Answer): string =>
  (headers.getSetCookie().find((line) => line.startsWith('nx_device=')) ?? '').split(';')[0] ?? '';

async function signInFrom(person: Person, agent: string, cookie?: string): Promise<string> {
  const answer = await signIn(service, person, from(agent, cookie));
  expect(answer.status).toBe(200);
  return deviceCookie(answer);
}

describe('a sign-in from a new device', () => {
  test('is told by mail, with a link for whoever it was not; the first device ever is not', async () => {
    const person = await createPhonePerson();
    await signInFrom(person, HOME);
    expect(await notices()).toBe(0);
    await signInFrom(person, 'curl/8.5.0');
    const [text] = await textsTo(service, person.email, 1);
    const link = /http\S+\/auth\/not-me\?token=[\w.-]+/.exec(text ?? '')?.[0] ?? '';
    expect((await call(link)).status).toBe(200);
  });

  test('goes by SMS, which carries no link, to whoever has proven no address', async () => {
    const { phone } = await createPhonePerson({ email: '' });
    let code: string | undefined;
    for (const agent of [HOME, 'curl/8.5.0']) {
      const { challengeId } = (await requestCode(service, phone)).body;
      code = await codeFromInbox(service, phone, code);
      const { status } = await verifyCode(service, { challengeId, code }, from(agent).headers);
      expect(status).toBe(200);
    }
    expect((await textsTo(service, phone, 3))[0]).toContain('tren mot thiet bi moi');
  });

  test('is not told from a place that the person uses: clients without cookies are a new device each time', async () => {
    const person = await createPhonePerson();
    await signInFrom(person, HOME);
    await signInFrom(person, HOME);
    await signInFrom(person, HOME.replace('120.0', '121.0'));
    expect(await notices()).toBe(0);
    await sql(
      `UPDATE identity."SignInPlace" SET last_seen_at = now() - interval '91 days' WHERE user_id = $1`,
      [person.userId],
    );
    await signInFrom(person, HOME);
    expect(await notices()).toBe(1);
  });

  test('is not told when the browser brings the device’s cookie, wherever it is', async () => {
    const person = await createPhonePerson();
    const cookie = await signInFrom(person, HOME);
    await signInFrom(person, 'another/1.0', cookie);
    expect(await notices()).toBe(0);
  });

  test('is told once a day, though many come at the same instant', async () => {
    const person = await createPhonePerson();
    await signInFrom(person, HOME);
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((agent) => signInFrom(person, `${agent}/1`)));
    expect(await notices()).toBe(1);
    await sql(`UPDATE identity."User" SET device_notice_at = now() - interval '25 hours' WHERE id = $1`, [
      person.userId,
    ]);
    await signInFrom(person, 'f/1');
    expect(await notices()).toBe(2);
  });

  test('stands though its notice can’t be written', async () => {
    const person = await createPhonePerson();
    await signInFrom(person, HOME);
    await sql(`CREATE FUNCTION identity.refuse_notice() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'no room'; END $$`);
    await sql(`CREATE TRIGGER refuse_notice BEFORE INSERT ON identity."Message" FOR EACH ROW
      WHEN (NEW.purpose = 'notice.new-device') EXECUTE FUNCTION identity.refuse_notice()`);
    try {
      await signInFrom(person, 'curl/8.5.0');
    } finally {
      await sql('DROP FUNCTION identity.refuse_notice() CASCADE');
    }
    await signInFrom(person, 'curl/8.5.0');
    expect(await notices()).toBe(1);
  });

  test('on Keycloak’s pages is one too: the browser gets the cookie, and is known by it', async () => {
    const person = await createPhonePerson();
    await signInFrom(person, HOME);
    const browser = createBrowser();
    await signInHosted(service, person, { browser });
    expect(await notices()).toBe(1);
    const cookie = browser.cookies(new URL(service.url).hostname).get('nx_device');
    expect(cookie).toEqual(expect.any(String));
    const devices = () => sql('SELECT FROM identity."Device" WHERE user_id = $1', [person.userId]);
    expect(await devices()).toHaveLength(2);
    await signInFrom(person, 'somewhere/1.0', `nx_device=${cookie}`);
    expect(await devices()).toHaveLength(2);
  });

  test('leaves no address and no agent behind, and its place is forgotten in time (X3)', async () => {
    const person = await createPhonePerson();
    await signInFrom(person, 'a-canary-of-an-agent/1.0');
    const rows = await sql('SELECT * FROM identity."SignInPlace" WHERE user_id = $1', [person.userId]);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toMatch(/canary|127\.0\.0/);
  });
});
