import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { serviceEnvironment } from '../../embedded/service-environment.js';
import { testParts } from '../parts.js';
import { call } from '../support/call.js';
import { sql } from '../support/database.js';
import { jobEnvironment, keep, ownerOf, paths, portrait } from '../support/kept-realm.js';
import { spawnService } from '../support/process.js';

const folder = mkdtempSync(join(tmpdir(), 'keeper-'));
const made: string[] = [];
const newName = (): string => {
  const name = `kept-${randomBytes(4).toString('hex')}`;
  made.push(name);
  return name;
};

/** A realm as declared, made by the job. */
async function keptRealm() {
  const realm = newName();
  await keep(realm);
  return { realm, keycloak: ownerOf(realm) };
}

afterAll(async () => {
  rmSync(folder, { recursive: true });
  for (const realm of made)
    await ownerOf(realm)
      .realms.del({ realm })
      .catch(() => {});
});

describe('a realm that is kept', () => {
  test('made from nothing is the same as the imported one, down to every flow and role', async () => {
    const { realm, keycloak } = await keptRealm();
    const names = async (of: typeof keycloak) =>
      (await of.clients.find()).map(({ clientId = '' }) => clientId);
    const here = await names(keycloak);
    const ofOtherTests = (await names(ownerOf('nx'))).filter((name) => !here.includes(name));
    expect(await portrait(realm)).toEqual(await portrait('nx', ofOtherTests));
  });

  test('the imported realm is as declared: import and reconciler read one declaration', async () => {
    expect(paths(await keep('nx', { dryRun: true }))).toEqual([]);
  });

  test('made by hand and empty it becomes as declared, flows, clients and all', async () => {
    const realm = newName();
    await ownerOf(realm).realms.create({ realm, enabled: true });
    expect(paths(await keep(realm))).toEqual(
      expect.arrayContaining(['flows.nx browser', 'clients.nx-identity']),
    );
    expect(paths(await keep(realm, { dryRun: true }))).toEqual([]);
    const [byHand, imported] = (await Promise.all([portrait(realm), portrait('nx')])) as Record<
      string,
      unknown
    >[];
    for (const section of ['authenticationFlows', 'requiredActions', 'passwordPolicy', 'browserFlow']) {
      expect(byHand?.[section]).toEqual(imported?.[section]);
    }
  });

  test('once as declared, it is written to no more: no admin event, and one line that says so', async () => {
    const { realm, keycloak } = await keptRealm();
    const before = await keycloak.realms.findAdminEvents({ realm, max: 1000 });
    const lines = await keep(realm);
    expect(lines.map(({ msg }) => msg)).toEqual(['realm: nothing changed, it is as declared']);
    expect(await keycloak.realms.findAdminEvents({ realm, max: 1000 })).toEqual(before);
  });

  test('two jobs at once both end well, and one of them repairs', async () => {
    const { realm, keycloak } = await keptRealm();
    await keycloak.realms.update({ realm }, { failureFactor: 99 });
    const jobs = [0, 1].map(() => spawnService(jobEnvironment(realm)));
    for (const job of jobs) expect({ ...(await job.exit), log: job.output() }).toMatchObject({ code: 0 });
    const repaired = jobs.filter((job) => job.output().includes('realm: repaired'));
    expect(repaired).toHaveLength(1);
    expect((await keycloak.realms.findOne({ realm }))?.failureFactor).toBe(10);
    // The realm was made in this process, which records nothing; the jobs do, one row a repair (P12).
    const told = await sql('SELECT * FROM identity."AuditEvent" WHERE subject_id = $1', [realm]);
    expect(told).toMatchObject([
      {
        actor_type: 'system',
        actor_id: 'migrate',
        action: 'realm.repaired',
        before: { path: 'failureFactor', value: '99' },
        after: { path: 'failureFactor', value: '10' },
      },
    ]);
  });
});

describe('RUN_MODE=realm-diff', () => {
  test('tells the differences, writes nothing, and ends with 2; with 0 when there are none', async () => {
    const { realm, keycloak } = await keptRealm();
    const diff = async () => {
      const job = spawnService(jobEnvironment(realm, { RUN_MODE: 'realm-diff', DATABASE_URL: '' }));
      return { ...(await job.exit), log: job.output() };
    };
    expect(await diff()).toMatchObject({ code: 0, log: expect.stringContaining('nothing changed') });
    await keycloak.realms.update({ realm }, { failureFactor: 99 });
    const before = await keycloak.realms.findAdminEvents({ realm, max: 1000 });
    const { code, log } = await diff();
    expect(code).toBe(2);
    expect(log).toMatch(/"path":"failureFactor","from":"99","to":"10","msg":"realm: differs"/);
    expect(await keycloak.realms.findAdminEvents({ realm, max: 1000 })).toEqual(before);
    const gone = newName();
    expect(paths(await keep(gone, { dryRun: true }))).toEqual(['realm']);
    expect(await ownerOf(gone).realms.findOne({ realm: gone })).toBeNull();
  });
});

describe('secrets and settings', () => {
  test('a missing placeholder is refused by name before anything is written', async () => {
    const realm = newName();
    const job = spawnService(
      jobEnvironment(realm, { NX_SPA_ORIGIN: '', NX_KEYCLOAK_CLIENT_SECRET_FILE: '' }),
    );
    expect((await job.exit).code).toBe(1);
    expect(job.output()).toMatch(/needs NX_KEYCLOAK_CLIENT_SECRET, NX_SPA_ORIGIN: set each/);
    expect(await ownerOf(realm).realms.findOne({ realm })).toBeNull();
  });

  test('a client secret changed in the console is told without its value and left, until it is to be set', async () => {
    const { realm, keycloak } = await keptRealm();
    const [client] = await keycloak.clients.find({ clientId: 'nx-identity' });
    const id = client?.id ?? '';
    const ours = testParts().keycloak.clientSecret;
    expect((await keycloak.clients.getClientSecret({ id })).value).toBe(ours);
    const { value: other = '' } = await keycloak.clients.generateNewClientSecret({ id });
    const outputs: string[] = [];
    const run = async (extra: Record<string, string> = {}) => {
      const job = spawnService(jobEnvironment(realm, { LOG_LEVEL: 'trace', ...extra }));
      expect({ ...(await job.exit), log: job.output() }).toMatchObject({ code: 0 });
      outputs.push(job.output());
      return (await keycloak.clients.getClientSecret({ id })).value;
    };
    expect(await run()).toBe(other);
    expect(outputs[0]).toMatch(/"path":"clients.nx-identity.secret","from":"\[secret\]".*left as it is/);
    expect(await run({ IDENTITY_REALM_SET_SECRETS: '1' })).toBe(ours);
    await keycloak.realms.update({ realm }, { displayName: `was ${ours}` });
    await run();
    for (const secret of [ours, other, testParts().keycloak.adminClientSecret]) {
      for (const output of outputs) expect(output).not.toContain(secret);
    }
    expect(outputs[2]).toContain('was [secret]');
  });

  test("the realm's session times follow ours where these are longer (D4)", async () => {
    const { realm, keycloak } = await keptRealm();
    const longer = { IDENTITY_SESSION_ABSOLUTE_TTL_S: '86400', IDENTITY_KEYCLOAK_RECHECK_S: '1800' };
    expect(paths(await keep(realm, { extra: { ...longer, IDENTITY_KEYCLOAK_RECHECK_S: '300' } }))).toEqual([
      'ssoSessionMaxLifespan',
    ]);
    expect(await keycloak.realms.findOne({ realm })).toMatchObject({ ssoSessionMaxLifespan: 86_400 });
    expect(paths(await keep(realm, { extra: longer }))).toEqual([]); // 7200 s is four times 1800 s
  });

  test("a service account of the realm's own, with realm-admin, can keep it too", async () => {
    const { realm, keycloak } = await keptRealm();
    const { id } = await keycloak.clients.create({
      clientId: 'keeper',
      secret: 'a-secret-of-the-keeper',
      serviceAccountsEnabled: true,
      standardFlowEnabled: false,
    });
    const account = await keycloak.clients.getServiceAccountUser({ id });
    const [management] = await keycloak.clients.find({ clientId: 'realm-management' });
    const clientUniqueId = management?.id ?? '';
    const role = await keycloak.clients.findRole({ id: clientUniqueId, roleName: 'realm-admin' });
    const roles = [{ id: role?.id ?? '', name: 'realm-admin' }];
    await keycloak.users.addClientRoleMappings({ id: account.id ?? '', clientUniqueId, roles });
    await keycloak.realms.update({ realm }, { failureFactor: 99 });
    const file = join(folder, 'keeper');
    writeFileSync(file, 'a-secret-of-the-keeper');
    const extra = {
      IDENTITY_REALM_ADMIN_REALM: realm,
      IDENTITY_REALM_ADMIN_CLIENT_ID: 'keeper',
      IDENTITY_REALM_ADMIN_CLIENT_SECRET_FILE: file,
    };
    expect(paths(await keep(realm, { extra }))).toEqual(['failureFactor']);
  });

  test('without a credential the realm is left alone, with one line; half of one is refused', async () => {
    const alone = { IDENTITY_REALM_ADMIN_CLIENT_ID: '', IDENTITY_REALM_ADMIN_CLIENT_SECRET_FILE: '' };
    const job = spawnService(jobEnvironment('nx', alone));
    expect((await job.exit).code).toBe(0);
    expect(job.output().match(/realm:.*/g)).toHaveLength(1);
    const half = spawnService(jobEnvironment('nx', { IDENTITY_REALM_ADMIN_CLIENT_ID: '' }));
    expect((await half.exit).code).toBe(1);
    expect(half.output()).toContain('IDENTITY_REALM_ADMIN_CLIENT_ID');
  });

  test("the server refuses to start with the migration job's credential", async () => {
    const service = spawnService({
      ...serviceEnvironment(testParts()),
      IDENTITY_REALM_ADMIN_CLIENT_SECRET_FILE: testParts().keycloak.adminClientSecretFile,
    });
    expect((await service.exit).code).toBe(1);
    expect(service.output()).toContain('for RUN_MODE=migrate only');
  });
});

describe('what the declaration gives people', () => {
  let url: string;
  let keycloak: ReturnType<typeof ownerOf>;
  beforeAll(async () => {
    const kept = await keptRealm();
    keycloak = kept.keycloak;
    url = `${testParts().keycloak.url}/realms/${kept.realm}`;
  });

  test('a common password is refused, whatever its case', async () => {
    const { id } = await keycloak.users.create({ username: 'someone', enabled: true });
    const set = (value: string) =>
      keycloak.users.resetPassword({ id, credential: { type: 'password', value, temporary: false } });
    await expect(set('Iloveyou1')).rejects.toMatchObject({ response: { status: 400 } });
    await expect(set('QWERTYUIOP')).rejects.toMatchObject({ response: { status: 400 } });
    await set('seven-Otters-8');
  });

  test('TOTP, security keys, passkeys and recovery codes can be set up; passkeys sign in', async () => {
    const actions = await keycloak.authenticationManagement.getRequiredActions();
    const enabled = actions.filter((action) => action.enabled).map(({ alias }) => alias);
    expect(enabled).toEqual(
      expect.arrayContaining([
        'CONFIGURE_TOTP',
        'webauthn-register',
        'webauthn-register-passwordless',
        'CONFIGURE_RECOVERY_AUTHN_CODES',
      ]),
    );
    const realm = await keycloak.realms.findOne({ realm: url.split('/').at(-1) ?? '' });
    expect(realm).toMatchObject({ webAuthnPolicyRpId: '', webAuthnPolicyPasswordlessPasskeysEnabled: true });
  });

  test('the account console is there, and its sign-in page speaks Vietnamese, or English when asked', async () => {
    const account = await call(`${url}/account/`);
    expect([account.status, account.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('html'),
    ]);
    const page = (language: string) =>
      call(
        `${url}/protocol/openid-connect/auth?${new URLSearchParams({
          client_id: 'account-console',
          redirect_uri: `${url}/account/`,
          response_type: 'code',
          scope: 'openid',
          code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
          code_challenge_method: 'S256',
          ...(language ? { ui_locales: language } : {}),
        })}`,
      );
    expect((await page('')).text).toContain('lang="vi"');
    expect((await page('en')).text).toContain('lang="en"');
  });
});
