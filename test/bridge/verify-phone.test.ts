import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testParts } from '../parts.js';
import { atReplica, createBrowser, location } from '../support/browser.js';
import { sql } from '../support/database.js';
import { codeFromInbox } from '../support/inbox.js';
import { admin, createPerson, realm } from '../support/people.js';
import { askForCode, openSignIn, readForm } from '../support/phone-page.js';
import { createPhonePerson, letGoSilent, newPhone } from '../support/phones.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  const { internalPort } = testParts().service;
  service = await startService({ IDENTITY_INTERNAL_PORT: String(internalPort) }, { worker: true });
});
afterAll(() => service.stop());

const userOf = async (keycloakId: string) =>
  (await admin()).users.findOne({ realm: realm(), id: keycloakId });

/** Signs in by password, which leads to the page of the number. */
async function reachNumberPage(requiredActions = ['nx-verify-phone']) {
  const person = await createPerson({ requiredActions });
  const visit = await openSignIn(service);
  const number = await visit.page.post({ username: person.email, password: person.password });
  expect(number.answer.text).toContain('autocomplete="tel"');
  return { person, number, browser: visit.browser };
}

describe('the required action nx-verify-phone', () => {
  test('proves a number, which then signs in; nothing else of the person changes (D3)', async () => {
    const { person, number, browser } = await reachNumberPage();
    const before = await userOf(person.keycloakId);
    const phone = newPhone();
    const code = await number.post({ phone });
    const first = await codeFromInbox(service, phone);
    const back = await code.post({ code: first });
    expect(back.answer.status).toBe(302);
    const after = await userOf(person.keycloakId);
    expect(after?.attributes).toMatchObject({ phoneNumber: [phone], phoneNumberVerified: ['true'] });
    expect([after?.email, after?.firstName, after?.requiredActions]).toEqual([
      before?.email,
      before?.firstName,
      [],
    ]);
    await browser.visit(atReplica(service, location(back.answer).href));
    const [held] = await sql<{ keycloak_id: string }>(
      `SELECT keycloak_id FROM identity."Identifier" JOIN identity."User" ON id = user_id WHERE value = $1`,
      [phone],
    );
    expect(held?.keycloak_id).toBe(person.keycloakId);
    const visit = await askForCode(service, phone);
    const page = await visit.code.post({ code: await codeFromInbox(service, phone, first) });
    expect(page.answer.status).toBe(302);
  });

  test('a wrong code proves nothing', async () => {
    const { person, number } = await reachNumberPage();
    const code = await number.post({ phone: newPhone() });
    const refused = await code.post({ code: '000000' });
    expect(refused.error).toBe('The code is wrong or no longer valid.');
    expect((await userOf(person.keycloakId))?.attributes).toBeUndefined();
  });

  test('a number that somebody else has proven can’t be used (S2)', async () => {
    const owner = await createPhonePerson();
    const { person, number } = await reachNumberPage();
    const code = await number.post({ phone: owner.phone });
    const refused = await code.post({ code: await codeFromInbox(service, owner.phone) });
    expect(refused.error?.replaceAll('&#39;', "'")).toBe("This number can't be used. Enter another one.");
    expect(refused.answer.text).toContain('autocomplete="tel"');
    expect((await userOf(person.keycloakId))?.attributes).toBeUndefined();
  });

  test('a number that an account has let go silent goes to whoever proves it now (0015)', async () => {
    const silent = await createPhonePerson();
    await letGoSilent(silent.userId);
    const { person, number } = await reachNumberPage();
    const code = await number.post({ phone: silent.phone });
    const back = await code.post({ code: await codeFromInbox(service, silent.phone) });
    expect(back.answer.status).toBe(302);
    expect((await userOf(person.keycloakId))?.attributes).toMatchObject({ phoneNumber: [silent.phone] });
    expect((await userOf(silent.keycloakId))?.attributes).toBeUndefined();
    const held = await sql(
      `SELECT keycloak_id FROM identity."Identifier" JOIN identity."User" ON id = user_id WHERE value = $1`,
      [silent.phone],
    );
    expect(held).toEqual([{ keycloak_id: person.keycloakId }]);
  });

  test('is offered to apps, which learn that it was given up', async () => {
    const person = await createPerson();
    const { url } = testParts().keycloak;
    const browser = createBrowser();
    const opened = await browser.visit(
      `${url}/realms/${realm()}/protocol/openid-connect/auth?${new URLSearchParams({
        client_id: 'nx-spa',
        redirect_uri: `${testParts().realmUrls.spaOrigin}/back`,
        response_type: 'code',
        scope: 'openid',
        kc_action: 'nx-verify-phone',
        code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
        code_challenge_method: 'S256',
      })}`,
    );
    const page = readForm(browser, opened);
    const number = await page.post({ username: person.email, password: person.password });
    expect(number.answer.text).toContain('name="cancel-aia"');
    const cancelled = await number.post({ 'cancel-aia': '' });
    expect(location(cancelled.answer).searchParams.get('kc_action_status')).toBe('cancelled');
  });
});
