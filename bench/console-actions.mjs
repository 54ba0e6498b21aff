/**
 * `npm run bench:console [-- --count 20]`: how long what an administrator does in Keycloak's console takes to end refresh
 * and to show in the status list, and a role or a group to be missing in the next token (S9). Milliseconds from
 * Keycloak's answer, seen by asking every 20 ms. Nothing here is asserted.
 */
import { parseArgs } from 'node:util';
import { getListFromStatusListJWT } from '@sd-jwt/jwt-status-list';
import { decodeJwt } from 'jose';
import { median } from './measure.mjs';
import { BASE, startService } from './start-service.mjs';

const { adminClient } = await import('../dist/embedded/seed-keycloak-people.js');
const { values } = parseArgs({ options: { count: { type: 'string', default: '20' } } });
const COUNT = Number(values.count);
const PASSWORD = 'a-Console-horse-8';
const LONGEST_MS = 60_000;
const ROLE = 'platform-admin';
const lifted = ['SIGN_IN_PER_ADDRESS', 'REFRESH_PER_SESSION', 'REFRESH_PER_ADDRESS'];

const service = await startService({
  lifted,
  environment: () => ({ RUN_MODE: 'all', IDENTITY_KEYCLOAK_TIMEOUT_MS: '20000' }),
});
const { parts, url } = service;
const { realm } = parts.keycloak;
/** Signs in anew: no token of an administrator lasts for all. */
const signInAdmin = () => adminClient(parts.keycloak);
const admin = await signInAdmin();
const role = await admin.roles.findOneByName({ realm, name: ROLE });
const group = await admin.groups.create({ realm, name: `console-${Date.now()}` });
await admin.groups.addRealmRoleMappings({ realm, id: group.id, roles: [role] });

const post = (path, body) =>
  fetch(`${url}${BASE}/auth/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

async function openSession(prepare = async () => undefined) {
  const admin = await signInAdmin();
  const email = `console-${crypto.randomUUID()}@bench.test`;
  const { id } = await admin.users.create({
    realm,
    username: email,
    email,
    emailVerified: true,
    enabled: true,
    firstName: 'Console',
    lastName: 'Bench',
    credentials: [{ type: 'password', value: PASSWORD, temporary: false }],
  });
  const self = { realm, id };
  await prepare({ admin, self });
  const answer = await post('sign-in', {
    identifier: { scheme: 'email', value: email },
    credential: { scheme: 'password', value: PASSWORD },
  });
  if (answer.status !== 200) throw new Error(`a sign-in was answered by ${answer.status}`);
  return { admin, self, session: await answer.json() };
}

async function isListed({ accessToken }) {
  const { idx, uri } = decodeJwt(accessToken).status.status_list;
  const list = await (await fetch(url + new URL(uri).pathname)).text();
  return getListFromStatusListJWT(list).getStatus(idx) === 1;
}
const isRefused = async ({ refreshToken }) => (await post('refresh', { refreshToken })).status === 401;
const isRefreshedWithout = async (session) => {
  Object.assign(session, await (await post('refresh', session)).json());
  return roleIsGone(session.accessToken);
};

async function ends(act) {
  const opened = await openSession();
  await act(opened);
  const began = performance.now();
  const listed = await since(began, () => isListed(opened.session));
  return { listed, refused: await since(began, () => isRefused(opened.session)) };
}
async function changes(give, take) {
  const opened = await openSession(give);
  if (roleIsGone(opened.session.accessToken))
    await since(0, async () => !(await isRefreshedWithout(opened.session)));
  await take(opened);
  const began = performance.now();
  return { refreshed: await since(began, () => isRefreshedWithout(opened.session)) };
}

const ended = {
  'disables a person': ({ admin, self }) => admin.users.update(self, { enabled: false }),
  'deletes a person': ({ admin, self }) => admin.users.del(self),
  'resets a password': ({ admin, self }) =>
    admin.users.resetPassword({
      ...self,
      credential: { type: 'password', value: 'Another-horse-8', temporary: false },
    }),
  'ends a session': async ({ admin, self }) => {
    const [{ id }] = await admin.users.listSessions(self);
    await admin.realms.deleteSession({ realm: self.realm, session: id, isOffline: false });
  },
  'signs a person out': ({ admin, self }) => admin.users.logout(self),
  'signs everybody out': ({ admin, self }) => admin.realms.logoutAll({ realm: self.realm }),
};

const roleIsGone = (accessToken) => !JSON.stringify(decodeJwt(accessToken).roles).includes('900_admin');

try {
  print('who', 'until', []);
  for (const [name, act] of Object.entries(ended)) await repeat(name, () => ends(act));
  await repeat('takes a role away', () =>
    changes(
      ({ admin, self }) => admin.users.addRealmRoleMappings({ ...self, roles: [role] }),
      ({ admin, self }) => admin.users.delRealmRoleMappings({ ...self, roles: [role] }),
    ),
  );
  await repeat('takes out of a group', () =>
    changes(
      ({ admin, self }) => admin.users.addToGroup({ ...self, groupId: group.id }),
      ({ admin, self }) => admin.users.delFromGroup({ ...self, groupId: group.id }),
    ),
  );
} finally {
  await (await signInAdmin()).groups.del({ realm, id: group.id });
  await service.stop();
}
process.exit(0);

async function since(began, isSo) {
  while (!(await isSo())) {
    if (performance.now() - began > LONGEST_MS) throw new Error('not within a minute');
    await new Promise((done) => setTimeout(done, 20));
  }
  return performance.now() - began;
}

async function repeat(name, measure) {
  const times = new Map();
  for (let n = 0; n < COUNT; n += 1)
    for (const [what, ms] of Object.entries(await measure()))
      times.set(what, [...(times.get(what) ?? []), ms]);
  for (const [what, list] of times) print(name, what, list);
}

function print(name, what, list) {
  const columns =
    list.length > 0 ? [median(list), Math.max(...list)].map((ms) => ms.toFixed(0)) : ['median', 'longest'];
  console.log(`${name.padEnd(24)} ${what.padEnd(10)} ${columns.map((text) => text.padStart(8)).join('')}`);
}
