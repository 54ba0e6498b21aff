import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { keep, type Line, ownerOf, paths, portrait } from '../support/kept-realm.js';

const realm = `drift-${randomBytes(4).toString('hex')}`;
const keycloak = ownerOf(realm);
const { authenticationManagement: flows } = keycloak;

const clientUuid = async (clientId: string) => (await keycloak.clients.find({ clientId }))[0]?.id ?? '';
const managementRole = async (roleName: string) => {
  const { id = '', name = '' } = (await keycloak.clients.findRole({
    id: await clientUuid('realm-management'),
    roleName,
  })) as { id?: string; name?: string };
  return { id, name };
};
const step = async (flow: string, name: string) => {
  const found = (await flows.getExecutions({ flow })).find(
    ({ providerId, displayName }) => providerId === name || displayName === name,
  );
  if (!found?.id) throw new Error(`no ${name} in ${flow}`);
  return { ...found, id: found.id };
};
const changeStep = async (flow: string, name: string, change: object) =>
  flows.updateExecution({ flow }, { ...(await step(flow, name)), ...change });
const serviceAccount = async () =>
  (await keycloak.clients.getServiceAccountUser({ id: await clientUuid('nx-identity') })).id ?? '';

/** What happens to a realm in the console, and the paths that the job then tells. */
const DRIFTS: [what: string, make: () => Promise<unknown>, told: string[]][] = [
  [
    'settings',
    () =>
      keycloak.realms.update(
        { realm },
        { failureFactor: 30, bruteForceProtected: false, ssoSessionIdleTimeout: 60, eventsEnabled: false },
      ),
    ['failureFactor', 'bruteForceProtected', 'ssoSessionIdleTimeout', 'eventsEnabled'],
  ],
  [
    'policies of passwords, one-time codes and passkeys',
    () =>
      keycloak.realms.update({ realm }, {
        passwordPolicy: 'length(4)',
        otpPolicyType: 'totp',
        otpPolicyAlgorithm: 'HmacSHA1',
        otpPolicyDigits: 8,
        otpPolicyPeriod: 30,
        otpPolicyLookAheadWindow: 1,
        otpPolicyInitialCounter: 0,
        webAuthnPolicyPasswordlessRpEntityName: 'x',
        webAuthnPolicyPasswordlessPasskeysEnabled: false,
      } as object),
    [
      'passwordPolicy',
      'otpPolicyDigits',
      'webAuthnPolicyPasswordlessRpEntityName',
      'webAuthnPolicyPasswordlessPasskeysEnabled',
    ],
  ],
  [
    'languages',
    () => keycloak.realms.update({ realm }, { supportedLocales: ['en'], defaultLocale: 'en' }),
    ['supportedLocales', 'defaultLocale'],
  ],
  [
    'an attribute of the realm',
    () => keycloak.realms.update({ realm }, { attributes: { 'nx.first-party.flow': 'browser' } }),
    [
      'attributes.adminEventsExpiration',
      'attributes.nx.first-party.flow',
      'attributes.nx.first-party.verify-flow',
    ],
  ],
  [
    'another browser flow',
    () => keycloak.realms.update({ realm }, { browserFlow: 'browser' }),
    ['browserFlow'],
  ],
  [
    "a client's switches and addresses",
    async () => {
      const { protocolMappers: _, ...client } =
        (await keycloak.clients.find({ clientId: 'nx-identity' }))[0] ?? {};
      await keycloak.clients.update(
        { id: client.id ?? '' },
        {
          ...client,
          directAccessGrantsEnabled: true,
          redirectUris: ['https://elsewhere.test/*'],
          attributes: {
            ...client.attributes,
            'pkce.code.challenge.method': '',
            'client.session.max.lifespan': '60',
          },
        },
      );
    },
    [
      'clients.nx-identity.directAccessGrantsEnabled',
      'clients.nx-identity.redirectUris',
      'clients.nx-identity.attributes.pkce.code.challenge.method',
      'clients.nx-identity.attributes.client.session.max.lifespan',
    ],
  ],
  [
    "a client's mappers",
    async () => {
      const id = await clientUuid('nx-identity');
      const [amr, audience] = (await keycloak.clients.listProtocolMappers({ id })).sort((a, b) =>
        (a.name ?? '') < (b.name ?? '') ? -1 : 1,
      );
      await keycloak.clients.delProtocolMapper({ id, mapperId: amr?.id ?? '' });
      const changed = { ...audience, config: { ...audience?.config, 'introspection.token.claim': 'false' } };
      await keycloak.clients.updateProtocolMapper({ id, mapperId: audience?.id ?? '' }, changed);
    },
    [
      'clients.nx-identity.protocolMappers.amr',
      'clients.nx-identity.protocolMappers.audience nx-identity.config.introspection.token.claim',
    ],
  ],
  [
    "a client's scopes",
    async () => {
      const id = await clientUuid('nx-identity');
      const scope = async (name: string) => (await keycloak.clientScopes.findOneByName({ name }))?.id ?? '';
      await keycloak.clients.delDefaultClientScope({ id, clientScopeId: await scope('email') });
      await keycloak.clients.addOptionalClientScope({ id, clientScopeId: await scope('email') });
      await keycloak.clients.addOptionalClientScope({ id, clientScopeId: await scope('address') });
    },
    [
      'clients.nx-identity.defaultClientScopes.email',
      'clients.nx-identity.optionalClientScopes.email',
      'clients.nx-identity.optionalClientScopes.address',
    ],
  ],
  [
    'a client that is gone',
    async () => keycloak.clients.del({ id: await clientUuid('nx-spa') }),
    ['clients.nx-spa'],
  ],
  [
    'what everybody is given',
    async () => {
      const id = (await keycloak.realms.findOne({ realm }))?.defaultRole?.id ?? '';
      const offline = await keycloak.roles.findOneByName({ name: 'offline_access' });
      const roles = [offline ?? {}, await managementRole('manage-users')];
      await keycloak.roles.createComposite({ roleId: id }, roles);
    },
    ['defaultRole.offline_access', 'defaultRole.realm-management/manage-users'],
  ],
  [
    'what a client may pass on',
    async () => {
      const client = await clientUuid('realm-management');
      const roles = [await managementRole('realm-admin')];
      await keycloak.clients.addClientScopeMappings({ id: await clientUuid('nx-identity'), client }, roles);
    },
    ['scopeMappings.nx-identity.realm-management/realm-admin'],
  ],
  [
    "our service account's rights",
    async () => {
      const account = { id: await serviceAccount(), clientUniqueId: await clientUuid('realm-management') };
      await keycloak.users.delClientRoleMappings({ ...account, roles: [await managementRole('view-users')] });
      await keycloak.users.addClientRoleMappings({
        ...account,
        roles: [await managementRole('realm-admin')],
      });
    },
    [
      'serviceAccounts.nx-identity.realm-management/view-users',
      'serviceAccounts.nx-identity.realm-management/realm-admin',
    ],
  ],
  [
    'a client scope that is gone',
    async () => {
      const scope = await keycloak.clientScopes.findOneByName({ name: 'offline_access' });
      await keycloak.clientScopes.del({ id: scope?.id ?? '' });
    },
    ['clientScopes.offline_access', 'scopeMappings.offline_access.offline_access'],
  ],
  [
    'a second factor switched off in a flow',
    () => changeStep('nx browser forms', 'nx browser second factor', { requirement: 'DISABLED' }),
    ['flows.nx browser forms.nx browser second factor.requirement'],
  ],
  [
    'a step moved, one added, one removed',
    async () => {
      await changeStep('nx first party', 'nx-hosted-only-gate', { priority: 90 });
      await flows.addExecutionToFlow({ flow: 'nx first party', provider: 'direct-grant-validate-username' });
      await flows.delExecution({ id: (await step('nx first party', 'user-session-limits')).id });
    },
    [
      'flows.nx first party.nx-hosted-only-gate.priority',
      'flows.nx first party.direct-grant-validate-username',
      'flows.nx first party.user-session-limits',
    ],
  ],
  [
    "a step's settings changed, and others removed",
    async () => {
      const limits = await step('nx browser forms', 'user-session-limits');
      const config = await flows.getConfig({ id: limits.authenticationConfig ?? '' });
      await flows.updateConfig({
        ...config,
        id: config.id ?? '',
        config: { ...config.config, userRealmLimit: '999' },
      });
      const password = await step('nx first party', 'direct-grant-validate-password');
      await flows.delConfig({ id: password.authenticationConfig ?? '' });
    },
    [
      'flows.nx browser forms.user-session-limits.config.config.userRealmLimit',
      'flows.nx first party first factor.direct-grant-validate-password.config',
    ],
  ],
  [
    'the browser flow as it was before codes by SMS',
    async () => {
      const forms = 'nx browser forms';
      const { id: before } = await step(forms, 'nx browser first factor');
      await flows.delExecution({ id: before });
      await flows.addExecutionToFlow({ flow: forms, provider: 'auth-username-password-form' });
      await changeStep(forms, 'auth-username-password-form', { requirement: 'REQUIRED', priority: 10 });
      const { id } = await step(forms, 'auth-username-password-form');
      await flows.createConfig({ id, alias: 'nx browser password', config: {} });
      await flows.deleteRequiredAction({ alias: 'nx-verify-phone' });
    },
    [
      'requiredActions.nx-verify-phone',
      'flows.nx browser forms.nx browser first factor',
      'flows.nx browser forms.auth-username-password-form',
    ],
  ],
  [
    'a whole flow that is gone',
    async () => {
      const flow = (await flows.getFlows()).find(({ alias }) => alias === 'nx first party verify');
      await flows.deleteFlow({ flowId: flow?.id ?? '' });
    },
    ['flows.nx first party verify'],
  ],
  [
    'required actions',
    async () => {
      const action = (await flows.getRequiredActions()).find(({ alias }) => alias === 'CONFIGURE_TOTP');
      await flows.updateRequiredAction({ alias: 'CONFIGURE_TOTP' }, { ...action, enabled: false });
      await flows.deleteRequiredAction({ alias: 'webauthn-register' });
    },
    ['requiredActions.CONFIGURE_TOTP.enabled', 'requiredActions.webauthn-register'],
  ],
  [
    "a person's own phone number",
    async () => {
      const profile = await keycloak.users.getProfile();
      const kept = (profile.attributes ?? []).filter(({ name }) => name !== 'phoneNumberVerified');
      const open = kept.map((attribute) =>
        attribute.name === 'phoneNumber'
          ? { ...attribute, permissions: { view: ['admin', 'user'], edit: ['admin', 'user'] } }
          : attribute,
      );
      await keycloak.users.updateProfile({ ...profile, attributes: open });
    },
    ['userProfile.attributes.phoneNumber.permissions.edit', 'userProfile.attributes.phoneNumberVerified'],
  ],
];

let before: unknown;
let untouched: unknown;
let drifted: unknown;
let dry: Line[];
let repaired: Line[];
beforeAll(async () => {
  await keep(realm);
  before = await portrait(realm);
  for (const [, make] of DRIFTS) await make();
  drifted = await portrait(realm);
  dry = await keep(realm, { dryRun: true });
  untouched = await portrait(realm);
  repaired = await keep(realm);
}, 120_000);
afterAll(() => keycloak.realms.del({ realm }));

describe('drift', () => {
  test.each(DRIFTS)('%s: told by a line each', (_what, _make, told) => {
    expect(paths(repaired)).toEqual(expect.arrayContaining(told));
  });

  test('nothing else is told, and each line says what was and what is', () => {
    expect(paths(repaired).sort()).toEqual(DRIFTS.flatMap(([, , told]) => told).sort());
    const { from, to } = repaired.find(({ path }) => path === 'clients.nx-identity.redirectUris') ?? {};
    expect([from, to]).toEqual(['["https://elsewhere.test/*"]', expect.stringContaining('/auth/callback"]')]);
  });

  test('is repaired: the realm is what it was, in every detail', async () => {
    expect(drifted).not.toEqual(before);
    expect(await portrait(realm)).toEqual(before);
  });

  test('is only told by a dry run', () => {
    expect(untouched).toEqual(drifted);
    // What a scope that is gone should hold is told once the scope is there.
    expect([...paths(dry), 'scopeMappings.offline_access.offline_access'].sort()).toEqual(
      paths(repaired).sort(),
    );
    expect(new Set(dry.map(({ msg }) => msg))).toEqual(
      new Set(['realm: differs', 'realm: not as declared; nothing was written']),
    );
  });
});
