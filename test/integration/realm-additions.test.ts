import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { keep, ownerOf, paths, portrait } from '../support/kept-realm.js';

const realm = `own-${randomBytes(4).toString('hex')}`;
const keycloak = ownerOf(realm);

beforeAll(async () => {
  await keep(realm);
  await keycloak.clients.create({
    clientId: 'admins-app',
    redirectUris: ['https://app.test/*'],
    secret: 'x'.repeat(20),
  });
  await keycloak.roles.create({ name: 'admins-role' });
  await keycloak.groups.create({ name: 'admins-group' });
  await keycloak.users.create({ username: 'admins-friend', enabled: true });
  await keycloak.clientScopes.create({ name: 'admins-scope', protocol: 'openid-connect' });
  await keycloak.identityProviders.create({
    alias: 'admins-idp',
    providerId: 'google',
    config: { clientId: 'a' },
  });
  await addToWhatIsOurs();
  await addFlow();
}, 60_000);
afterAll(() => keycloak.realms.del({ realm }));

/** In places where the declaration says nothing, of things that it does name. */
async function addToWhatIsOurs() {
  const live = await keycloak.realms.findOne({ realm });
  await keycloak.realms.update(
    { realm },
    {
      attributes: { ...live?.attributes, 'admins.attribute': 'kept' },
      supportedLocales: ['vi', 'en', 'ja'],
      eventsListeners: ['jboss-logging', 'nx-events', 'email'],
      accountTheme: 'keycloak.v3',
    },
  );
  const [role, spa] = await Promise.all([
    keycloak.roles.findOneByName({ name: 'admins-role' }),
    keycloak.clients.find({ clientId: 'nx-spa' }),
  ]);
  await keycloak.roles.createComposite({ roleId: live?.defaultRole?.id ?? '' }, [role ?? {}]);
  await keycloak.clients.addProtocolMapper(
    { id: spa[0]?.id ?? '' },
    {
      name: 'admins-mapper',
      protocol: 'openid-connect',
      protocolMapper: 'oidc-hardcoded-claim-mapper',
      config: { 'claim.name': 'a', 'claim.value': 'b', 'access.token.claim': 'true' },
    },
  );
  const profile = await keycloak.users.getProfile();
  const nickname = { name: 'nickname', permissions: { view: ['admin'], edit: ['admin'] } };
  await keycloak.users.updateProfile({ ...profile, attributes: [...(profile.attributes ?? []), nickname] });
}

async function addFlow() {
  await keycloak.authenticationManagement.createFlow({
    alias: 'admins flow',
    providerId: 'basic-flow',
    topLevel: true,
    builtIn: false,
  });
  await keycloak.authenticationManagement.addExecutionToFlow({
    flow: 'admins flow',
    provider: 'auth-cookie',
  });
}

test("an administrator's additions are no drift", async () => {
  expect(paths(await keep(realm))).toEqual([]);
});

test("they survive the repair of what they stand in: the realm's settings, a client, the profile, what everybody is given", async () => {
  const before = await portrait(realm);
  const live = await keycloak.realms.findOne({ realm });
  await keycloak.realms.update({ realm }, { failureFactor: 99, supportedLocales: ['en', 'ja'] });
  const [{ protocolMappers: _, ...spa } = {}] = await keycloak.clients.find({ clientId: 'nx-spa' });
  await keycloak.clients.update({ id: spa.id ?? '' }, { ...spa, directAccessGrantsEnabled: true });
  const profile = await keycloak.users.getProfile();
  const withoutPhone = (profile.attributes ?? []).filter(({ name }) => name !== 'phoneNumber');
  await keycloak.users.updateProfile({ ...profile, attributes: withoutPhone });
  const offline = await keycloak.roles.findOneByName({ name: 'offline_access' });
  await keycloak.roles.createComposite({ roleId: live?.defaultRole?.id ?? '' }, [offline ?? {}]);
  expect(paths(await keep(realm)).sort()).toEqual([
    'clients.nx-spa.directAccessGrantsEnabled',
    'defaultRole.offline_access',
    'failureFactor',
    'supportedLocales',
    'userProfile.attributes.phoneNumber',
  ]);
  expect(await portrait(realm)).toEqual(before);
  expect(await keycloak.users.find({ username: 'admins-friend', exact: true })).toHaveLength(1);
});
