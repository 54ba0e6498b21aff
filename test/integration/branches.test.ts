import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { Secret, TOTP } from 'otpauth';
import { DEMO_MERCHANTS, DEMO_ORGANIZER, DEMO_PEOPLE } from '../../embedded/demo-data.js';
import {
  addMember,
  assignRole,
  createOwner,
  createWorkspace,
  dialect,
  newId,
  setStatus,
  type TestBranch,
} from '../support/branches.js';
import { BASE, bearer, call, post, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { createPerson, TOTP_CREDENTIAL, TOTP_SECRET } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { startSister } from '../support/sister.js';

let service: TestService;
let replica: TestService;
beforeAll(async () => {
  service = await startService();
  replica = await startService();
});
afterAll(() => Promise.all([service.stop(), replica.stop()]));

const api = () => dialect(service);
const [, owner, cashier] = DEMO_PEOPLE;
const [hoGuom, benThanh] = DEMO_MERCHANTS as [TestBranch, TestBranch];
const identifiers = (claims: object) =>
  (claims as { roles: { identifier: string }[] }).roles.map(({ identifier }) => identifier);

const ACCOUNT = {
  token_type: 'account',
  token_scope: 'ACCOUNT',
  typ: 'Bearer',
  account_type: 'user',
  roles: [],
  organizers: [],
  merchants: [],
};
const BRANCH = { token_type: 'workspace', token_scope: 'BRANCH', typ: 'Bearer', account_type: 'user' };

test('a script logs in, selects a branch, calls a sister, refreshes, goes back, selects the other and logs out (S5, S6, T8, T9)', async () => {
  const sister = await startSister(service);
  const sisterTakes = async (token: string) => (await call(sister.url, { headers: bearer(token) })).status;
  try {
    const login = await api().login(owner);
    expect(login.status).toBe(200);
    const place = {
      workspaceId: DEMO_ORGANIZER.id,
      workspaceName: DEMO_ORGANIZER.name,
      tenantId: DEMO_ORGANIZER.tenantId,
      memberId: '290000000000000030',
      roles: [
        expect.objectContaining({ identifier: '500_owner' }),
        expect.objectContaining({ identifier: '010_user' }),
      ],
    };
    expect(login.body).toEqual({
      accountAccessToken: expect.any(String),
      refreshToken: expect.any(String),
      expiresIn: 900,
      branches: [
        { ...benThanh, ...place },
        { ...hoGuom, ...place },
      ],
      nextAction: { type: 'select_branch' },
    });
    const account = decodeJwt(login.body.accountAccessToken);
    const person = { sub: owner.id, userId: owner.id, account_id: owner.id, session_id: account.session_id };
    expect(account).toMatchObject({ ...ACCOUNT, ...person, amr: ['pwd'], auth_time: expect.any(Number) });
    expect(account).not.toHaveProperty('workspace_id');
    expect(await sisterTakes(login.body.accountAccessToken)).toBe(401);

    const selected = await api().select(login.body.accountAccessToken, hoGuom.id);
    expect(selected.body).toEqual({
      accessToken: expect.any(String),
      expiresIn: 900,
      nextAction: { type: 'load_current_context' },
    });
    const inBranch = (branch: { id: string }) => ({
      ...BRANCH,
      ...person,
      workspace_id: DEMO_ORGANIZER.id,
      tenant_id: DEMO_ORGANIZER.tenantId,
      member_id: '290000000000000030',
      active_branch_id: branch.id,
      branch_ids: [benThanh.id, hoGuom.id],
      organizers: [DEMO_ORGANIZER.id],
      merchants: [branch.id],
    });
    const first = decodeJwt(selected.body.accessToken);
    expect(first).toMatchObject(inBranch(hoGuom));
    expect(identifiers(first)).toEqual(['500_owner', '010_user']);
    expect(await sisterTakes(selected.body.accessToken)).toBe(200);

    const refreshed = await api().refresh(login.body.refreshToken);
    expect(Object.keys(refreshed.body).sort()).toEqual([
      'accessToken',
      'expiresIn',
      'nextAction',
      'refreshToken',
    ]);
    expect(refreshed.body.nextAction).toEqual({ type: 'load_current_context' });
    expect(decodeJwt(refreshed.body.accessToken)).toMatchObject(inBranch(hoGuom));

    const back = await api().refresh(refreshed.body.refreshToken, { scope: 'account' });
    expect(back.body).toMatchObject({ branches: login.body.branches, nextAction: { type: 'select_branch' } });
    expect(decodeJwt(back.body.accountAccessToken)).toMatchObject({ ...ACCOUNT, ...person });

    const other = await api().select(back.body.accountAccessToken, benThanh.id);
    expect(decodeJwt(other.body.accessToken)).toMatchObject(inBranch(benThanh));
    expect(await sisterTakes(other.body.accessToken)).toBe(200);

    expect((await api().logout(other.body.accessToken)).status).toBe(204);
    expect((await api().context(other.body.accessToken)).body.code).toBe('session.ended');
    expect((await api().refresh(back.body.refreshToken)).body.code).toBe('session.ended');
  } finally {
    await sister.stop();
  }
});

describe('login', () => {
  test('with one active branch leads into it, and tells of that branch alone (S5)', async () => {
    const { status, body, headers } = await api().login(cashier);
    expect(status).toBe(200);
    expect(Object.keys(body).sort()).toEqual(['accessToken', 'expiresIn', 'nextAction', 'refreshToken']);
    expect(body.nextAction).toEqual({ type: 'load_current_context' });
    const claims = decodeJwt(body.accessToken);
    expect(claims).toMatchObject({
      ...BRANCH,
      active_branch_id: hoGuom.id,
      branch_ids: [hoGuom.id],
      merchants: [hoGuom.id],
    });
    expect(identifiers(claims)).toEqual(['100_cashier', '010_user']);
    expect(headers.get('set-cookie')).toMatch(
      new RegExp(
        `^nx_refresh=${body.refreshToken}; Max-Age=\\d+; Path=/api/auth; .*HttpOnly; SameSite=Strict$`,
      ),
    );
    const [row] = await sql(
      'SELECT dialect, workspace_id, member_id, active_branch_id FROM identity."AuthSession" WHERE id = $1',
      [claims.session_id],
    );
    expect(row).toEqual({
      dialect: 'workspace',
      workspace_id: DEMO_ORGANIZER.id,
      member_id: '290000000000000031',
      active_branch_id: hoGuom.id,
    });
  });

  test('without a branch gives an account token and says so (S5)', async () => {
    const { status, body } = await api().login(await createPerson());
    expect(status).toBe(200);
    expect(body).toMatchObject({ branches: [], nextAction: { type: 'no_branch' } });
    expect(decodeJwt(body.accountAccessToken)).toMatchObject(ACCOUNT);
  });

  test.each(['+84901000002', '090 100 0002', '0084901000002', 'CASHIER@demo.test'])(
    'knows somebody by %s (contract §4)',
    async (identifier) => {
      const { body } = await post(api().at('login'), { identifier, password: cashier.password });
      expect(decodeJwt(body.accessToken).userId).toBe(cashier.id);
    },
  );

  test('counts only active branches of active workspaces and memberships where the person has a place (S5)', async () => {
    const { person, userId, memberId, workspace } = await createOwner(service, 3);
    const [open, closed, lost] = workspace.branches as [TestBranch, TestBranch, TestBranch];
    await setStatus('Merchant', closed.id, 'SUSPENDED');
    await sql(`DELETE FROM public."PolicyDefinition" WHERE variant = 'domain_inherits' AND subject_id = $1`, [
      lost.id,
    ]);
    // A role at somebody's branch does not make a member.
    const foreign = await createWorkspace(1);
    await assignRole(userId, '500_owner', `Merchant_${foreign.branches[0]?.id}`);
    expect(decodeJwt((await api().login(person)).body.accessToken)).toMatchObject({ branch_ids: [open.id] });
    await setStatus('Member', memberId, 'SUSPENDED');
    expect((await api().login(person)).body.branches).toEqual([]);
    await setStatus('Member', memberId, 'ACTIVE');
    await setStatus('Organizer', workspace.id, 'SUSPENDED');
    expect((await api().login(person)).body.branches).toEqual([]);
  });

  test('answers a wrong password, an unknown person and a bent body as sign-in does (S5)', async () => {
    const { body } = await api().login({ ...cashier, password: 'wrong' });
    expect([body.status, body.code]).toEqual([401, 'sign_in.refused']);
    const unknown = await api().login({ email: 'nobody@example.test', password: 'wrong' });
    expect({ ...unknown.body, requestId: body.requestId }).toEqual(body);
    const bent = await post(api().at('login'), { identifier: ['a'], password: 'b' });
    expect([bent.status, bent.body.code]).toEqual([422, 'request.validation_failed']);
  });

  test('gives no token without a second factor or with an action pending, and takes a TOTP as a parameter (S14)', async () => {
    const person = await createPerson({ credentials: [TOTP_CREDENTIAL] });
    const { status, body } = await api().login(person);
    expect([status, body.code]).toEqual([403, 'sign_in.continue_on_hosted_page']);
    expect(body.nextAction).toMatchObject({ type: 'continue_hosted', accepts: ['totp'] });
    expect(JSON.stringify(body)).not.toContain('ccessToken');
    const totp = new TOTP({ secret: Secret.fromUTF8(TOTP_SECRET) }).generate();
    expect((await api().login(person, { totp })).status).toBe(200);
    const pending = await api().login(await createPerson({ requiredActions: ['UPDATE_PASSWORD'] }));
    expect([pending.status, pending.body.code]).toEqual([403, 'sign_in.continue_on_hosted_page']);
  });

  test('shares the limit of an identifier with sign-in, over all spellings (contract)', async () => {
    const strict = await startService({ IDENTITY_LIMIT_SIGN_IN_PER_IDENTIFIER: '2' });
    const { email } = await createPerson();
    try {
      await signIn(strict, { email, password: 'wrong' });
      await dialect(strict).login({ email: ` ${email.toUpperCase()}`, password: 'wrong' });
      const third = await dialect(strict).login({ email, password: 'wrong' });
      expect([third.status, third.body.code]).toEqual([429, 'request.too_many']);
    } finally {
      await strict.stop();
    }
  });

  test('ignores what it does not know (contract, introduction)', async () => {
    const answer = await api().login(cashier, { remember: true, clientId: 'nobody', roles: ['900_admin'] });
    expect(answer.status).toBe(200);
    expect(identifiers(decodeJwt(answer.body.accessToken))).not.toContain('900_admin');
  });
});

describe('select-branch', () => {
  test('stays in one session, and another device stays in its branch (S6)', async () => {
    const { person, workspace } = await createOwner(service, 2);
    const [one, two] = workspace.branches as [TestBranch, TestBranch];
    const [phone, till] = [(await api().login(person)).body, (await api().login(person)).body];
    const first = decodeJwt((await api().select(phone.accountAccessToken, one.id)).body.accessToken);
    await dialect(replica).select(till.accountAccessToken, two.id);
    const again = decodeJwt((await api().select(phone.accountAccessToken, two.id)).body.accessToken);
    expect([first.active_branch_id, again.active_branch_id]).toEqual([one.id, two.id]);
    expect(again.session_id).toBe(first.session_id);
    await api().select(phone.accountAccessToken, one.id);
    const [onPhone, onTill] = [
      decodeJwt((await api().refresh(phone.refreshToken)).body.accessToken),
      decodeJwt((await api().refresh(till.refreshToken)).body.accessToken),
    ];
    expect([onPhone.active_branch_id, onTill.active_branch_id]).toEqual([one.id, two.id]);
    expect(onPhone.session_id).not.toBe(onTill.session_id);
  });

  test('refuses a branch that is not theirs, is closed or is nobody’s, and leaves the session where it was (S6)', async () => {
    const { person, workspace } = await createOwner(service, 3);
    const stranger = await createOwner(service, 1);
    const [mine, closed] = workspace.branches as [TestBranch, TestBranch];
    await setStatus('Merchant', closed.id, 'SUSPENDED');
    const { body } = await api().login(person);
    await api().select(body.accountAccessToken, mine.id);
    for (const id of [stranger.workspace.branches[0]?.id as string, closed.id, newId(), workspace.id, '*']) {
      const refused = await api().select(body.accountAccessToken, id);
      expect([refused.status, refused.body.code]).toEqual([403, 'branch.not_selectable']);
    }
    const { accessToken } = (await api().refresh(body.refreshToken)).body;
    expect(decodeJwt(accessToken).active_branch_id).toBe(mine.id);
  });

  test('takes an account token alone (contract §4)', async () => {
    const branch = (await api().login(cashier)).body.accessToken;
    const platform = (await signIn(service, cashier)).body.accessToken;
    for (const token of [branch, platform]) {
      const refused = await api().select(token, hoGuom.id);
      expect([refused.status, refused.body.code]).toEqual([403, 'token.wrong_kind']);
    }
    const nobody = await post(api().at('select-branch'), { branchId: hoGuom.id });
    expect([nobody.status, nobody.body.code]).toEqual([401, 'token.missing']);
  });

  test('carries the roles of that branch and no other, and of its workspace’s branches alone (T9)', async () => {
    const { person, userId, workspace } = await createOwner(service, 1);
    const second = await createWorkspace(2);
    await addMember(userId, second);
    const [here, there] = second.branches as [TestBranch, TestBranch];
    await assignRole(userId, '100_cashier', `Merchant_${here.id}`);
    const { body } = await api().login(person);
    expect(body.branches.map(({ id }: { id: string }) => id).sort()).toEqual(
      [here.id, workspace.branches[0]?.id].sort(),
    );
    const claims = decodeJwt((await api().select(body.accountAccessToken, here.id)).body.accessToken);
    expect(claims).toMatchObject({ workspace_id: second.id, branch_ids: [here.id], organizers: [second.id] });
    expect(identifiers(claims)).toEqual(['100_cashier', '010_user']);
    expect((await api().select(body.accountAccessToken, there.id)).status).toBe(403);
  });

  test('is in the audit trail (P12)', async () => {
    const { person, userId, workspace } = await createOwner(service, 2);
    const branchId = workspace.branches[0]?.id as string;
    const { body } = await api().login(person);
    await api().select(body.accountAccessToken, branchId);
    const acts = await sql(
      `SELECT actor_id, after FROM identity."AuditEvent" WHERE action = 'session.branch_selected' AND subject_id = $1`,
      [userId],
    );
    const { session_id: sessionId } = decodeJwt(body.accountAccessToken);
    expect(acts).toEqual([{ actor_id: userId, after: { sessionId, branchId } }]);
  });
});

describe('context', () => {
  test('tells workspace, branch, member, roles and what the member may do there (contract §4)', async () => {
    const { person, userId, memberId, workspace } = await createOwner(service, 2);
    const [here, there] = workspace.branches as [TestBranch, TestBranch];
    const subject = `thing-${newId()}`;
    const grant = async (to: [string, string], action: string, effect: string, domain: string | null) => {
      const permission = newId();
      await sql(
        'INSERT INTO identity."Permission" (id, code, name, subject, action) VALUES ($1, $1, $1, $2, $3)',
        [permission, subject, action],
      );
      await sql(
        `INSERT INTO public."PolicyDefinition"
           (id, variant, subject_type, subject_id, target_type, target_id, action, effect, domain)
         VALUES ($1, 'grant', $2, $3, 'Permission', $1, $4, $5, $6)`,
        [permission, ...to, action, effect, domain],
      );
    };
    await grant(['User', userId], 'write', 'allow', `Organizer_${workspace.id}`);
    await grant(['User', userId], 'read', 'allow', `Merchant_${there.id}`);
    await grant(['User', userId], 'delete', 'deny', `Merchant_${here.id}`);
    const { body } = await api().login(person);
    const inBranch = async (id: string) => {
      const { accessToken } = (await api().select(body.accountAccessToken, id)).body;
      return (await api().context(accessToken)).body;
    };
    const ofThing = (body: { permissions: { object: string }[] }) =>
      body.permissions.filter(({ object }) => object === subject);
    const context = await inBranch(here.id);
    expect({ ...context, permissions: ofThing(context) }).toEqual({
      workspace: { id: workspace.id, name: `Org ${workspace.id}`, tenantId: workspace.tenantId },
      branch: { id: here.id, name: here.name },
      member: { id: memberId, accountId: userId, displayName: expect.stringContaining('Test') },
      roles: [
        expect.objectContaining({ identifier: '500_owner' }),
        expect.objectContaining({ identifier: '010_user' }),
      ],
      permissions: [
        { object: subject, action: 'create' },
        { object: subject, action: 'update' },
      ],
    });
    expect(ofThing(await inBranch(there.id))).toEqual([
      { object: subject, action: 'create' },
      { object: subject, action: 'delete' },
      { object: subject, action: 'read' },
      { object: subject, action: 'update' },
    ]);
  });

  test('is refused once the branch is closed, though the token still lives (S6)', async () => {
    const { person, workspace } = await createOwner(service, 1);
    const { accessToken } = (await api().login(person)).body;
    expect((await api().context(accessToken)).status).toBe(200);
    await setStatus('Merchant', workspace.branches[0]?.id as string, 'SUSPENDED');
    expect((await api().context(accessToken)).body.code).toBe('branch.not_selectable');
  });
});

describe('refresh', () => {
  test('of a session whose branch was closed falls back to selection, and does not return by itself (contract §4)', async () => {
    const { person, workspace } = await createOwner(service, 2);
    const [one, two] = workspace.branches as [TestBranch, TestBranch];
    const { body } = await api().login(person);
    await api().select(body.accountAccessToken, one.id);
    await setStatus('Merchant', one.id, 'SUSPENDED');
    const fallen = (await api().refresh(body.refreshToken)).body;
    expect(fallen).toMatchObject({ branches: [{ id: two.id }], nextAction: { type: 'select_branch' } });
    expect(decodeJwt(fallen.accountAccessToken)).toMatchObject(ACCOUNT);
    await setStatus('Merchant', one.id, 'ACTIVE');
    const next = (await api().refresh(fallen.refreshToken)).body;
    expect(next.nextAction).toEqual({ type: 'select_branch' });
    expect(next.branches).toHaveLength(2);
  });

  test('of a session whose place was taken away falls back too, and takes new roles otherwise (T3)', async () => {
    const { person, userId, workspace } = await createOwner(service, 2);
    const [one] = workspace.branches as [TestBranch];
    const { body } = await api().login(person);
    await api().select(body.accountAccessToken, one.id);
    await assignRole(userId, '100_cashier', `Merchant_${one.id}`);
    const kept = (await api().refresh(body.refreshToken)).body;
    expect(identifiers(decodeJwt(kept.accessToken))).toEqual(['500_owner', '100_cashier', '010_user']);
    await sql(`DELETE FROM public."PolicyDefinition" WHERE variant = 'assign_role' AND subject_id = $1`, [
      userId,
    ]);
    const lost = (await api().refresh(kept.refreshToken)).body;
    expect(lost).toMatchObject({ branches: [], nextAction: { type: 'no_branch' } });
  });

  test('asked again after a lost answer gives the same refresh token, kind and branch (S10)', async () => {
    const { person, workspace } = await createOwner(service, 2);
    const { body } = await api().login(person);
    await api().select(body.accountAccessToken, workspace.branches[1]?.id as string);
    const [first, again] = [
      (await api().refresh(body.refreshToken)).body,
      (await dialect(replica).refresh(body.refreshToken)).body,
    ];
    expect(again.refreshToken).toBe(first.refreshToken);
    expect(decodeJwt(again.accessToken).active_branch_id).toBe(workspace.branches[1]?.id);
  });

  test('takes the cookie of its own path, from our own origins alone (S7)', async () => {
    const { refreshToken } = (await api().login(cashier)).body;
    const cookie = `nx_refresh=${refreshToken}`;
    for (const path of ['refresh', 'logout']) {
      const foreign = await post(api().at(path), {}, { cookie, origin: 'https://evil.example' });
      expect([foreign.status, foreign.body.code]).toEqual([403, 'session.foreign_origin']);
    }
    const own = await post(api().at('refresh'), {}, { cookie });
    expect(own.status).toBe(200);
    expect(own.headers.get('set-cookie')).toContain('Path=/api/auth;');
  });

  test('under BASE leads a platform session to an account token, and no way back (contract §4)', async () => {
    const { person, workspace } = await createOwner(service, 2);
    const refresh = (refreshToken: string, extra: object = {}) =>
      post(`${service.url}${BASE}/auth/refresh`, { refreshToken, ...extra });
    const { body } = await signIn(service, person);
    const account = await refresh(body.refreshToken, { scope: 'account' });
    expect(account.status).toBe(200);
    expect(Object.keys(account.body).sort()).toEqual([
      'accountAccessToken',
      'branches',
      'expiresIn',
      'nextAction',
      'refreshToken',
    ]);
    expect(account.body.nextAction).toEqual({ type: 'select_branch' });
    expect(account.headers.get('set-cookie')).toContain(`Path=${BASE}/auth;`);
    const claims = decodeJwt(account.body.accountAccessToken);
    expect(claims).toMatchObject({ ...ACCOUNT, session_id: body.sessionId });
    const kept = await refresh(account.body.refreshToken);
    expect(decodeJwt(kept.body.accountAccessToken)).toMatchObject(ACCOUNT);
    await api().select(account.body.accountAccessToken, workspace.branches[0]?.id as string);
    const inBranch = await refresh(kept.body.refreshToken);
    expect(inBranch.body).toMatchObject({
      sessionId: body.sessionId,
      nextAction: { type: 'load_current_context' },
    });
    expect(decodeJwt(inBranch.body.accessToken)).toMatchObject(BRANCH);
    expect((await refresh(inBranch.body.refreshToken, { scope: 'platform' })).status).toBe(422);
  });

  test('keeps a platform session what it is (contract §4)', async () => {
    const { body } = await signIn(service, cashier);
    const answer = await api().refresh(body.refreshToken);
    expect(decodeJwt(answer.body.accessToken)).toMatchObject({
      token_type: 'platform',
      token_scope: 'PLATFORM',
    });
    expect(answer.body.nextAction).toEqual({ type: 'none' });
  });
});

describe('logout', () => {
  test.each([
    ['the branch token', (body: { accessToken: string }) => [{}, bearer(body.accessToken)]],
    ['the refresh token', (body: { refreshToken: string }) => [{ refreshToken: body.refreshToken }, {}]],
    ['the cookie', (body: { refreshToken: string }) => [{}, { cookie: `nx_refresh=${body.refreshToken}` }]],
  ] as const)('ends the session of %s, and clears the cookie (S8)', async (_what, shown) => {
    const { body } = await api().login(cashier);
    const [sent, headers] = shown(body) as [object, Record<string, string>];
    const answer = await post(api().at('logout'), sent, headers);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('set-cookie')).toMatch(/^nx_refresh=; Max-Age=0; Path=\/api\/auth;/);
    expect((await api().refresh(body.refreshToken)).body.code).toBe('session.ended');
  });

  test('is nobody’s without any of them, and an account token is none (contract §1)', async () => {
    const nobody = await post(api().at('logout'), {});
    expect([nobody.status, nobody.body.code]).toEqual([401, 'session.ended']);
    const { body } = await api().login(owner);
    const account = await api().logout(body.accountAccessToken);
    expect([account.status, account.body.code]).toEqual([403, 'token.wrong_kind']);
    expect((await api().refresh(body.refreshToken)).status).toBe(200);
  });
});
