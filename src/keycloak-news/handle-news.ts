import { KEYCLOAK } from '../audit/index.js';
import type { Database } from '../database/database.js';
import type { Visitor } from '../http/route.js';
import type { KeycloakAdmin, KeycloakStandings } from '../keycloak-gateway/index.js';
import type { EndSessions } from '../sessions/index.js';
import { LOOK, type Matter, matterOf, type News } from './news.js';
import type { AddNews } from './news-store.js';
import type { NotePassword } from './note-password.js';
import type { RefreshPerson } from './refresh-person.js';

export interface HandleNewsOptions {
  database: Database;
  keycloak: Pick<KeycloakStandings, 'ownId' | 'membersOf' | 'holdersOf' | 'sessionsBegunBy'>;
  admin: Pick<KeycloakAdmin, 'endSession'>;
  endSessions: Pick<EndSessions, 'endedByKeycloak'>;
  refreshPerson: RefreshPerson;
  notePassword: NotePassword;
  addNews: AddNews;
  /** There is more to be acted on. */
  onAdded: () => void;
}

const AT_ONCE = 200;

/** Acts on one event. Doing it twice, late or in another order ends in the same: only what stood then ends by it. */
export function createHandleNews(options: HandleNewsOptions): (news: News) => Promise<void> {
  const { keycloak } = options;
  return async (news) => {
    const matter = matterOf(news);
    // What our own account did, the service has done here already.
    if (!matter || (news.actorId !== undefined && news.actorId === (await keycloak.ownId()))) return;
    await act(options, matter, news);
  };
}

function act(options: HandleNewsOptions, matter: Matter, news: News): Promise<unknown> {
  const { keycloak, refreshPerson } = options;
  switch (matter.kind) {
    case 'person':
      return refreshPerson(matter.keycloakId, visitorOf(news));
    case 'session-over':
      return end(options, news, { sid: matter.sid });
    case 'person-out':
      return end(options, news, { keycloakId: matter.keycloakId, signedInBy: secondsOf(news) });
    case 'everybody-out':
      return endEverybody(options, news);
    case 'password-new':
      return endOldPassword(options, matter, news);
    case 'group':
      return lookAt(options, news, keycloak.membersOf(matter.groupId));
    case 'role':
      return lookAtRole(options, matter, news);
  }
}

/** Returns how many were open. */
async function end(
  { database, endSessions }: HandleNewsOptions,
  news: News,
  what: Parameters<EndSessions['endedByKeycloak']>[0],
): Promise<number> {
  const by = { actor: KEYCLOAK, visitor: visitorOf(news) };
  return database.transaction((sql) => endSessions.endedByKeycloak(what, sql, by));
}

/** A few at a time: each transaction is short, and one that fails has lost none before it. */
async function endEverybody(options: HandleNewsOptions, news: News): Promise<void> {
  const some = { everybody: true, signedInBy: secondsOf(news), atMost: AT_ONCE } as const;
  while ((await end(options, news, some)) === AT_ONCE);
}

/** Keycloak lets sessions live on that an old password opened: they end here and there, its other apps' included. */
async function endOldPassword(
  options: HandleNewsOptions,
  { keycloakId, keptSid }: Extract<Matter, { kind: 'password-new' }>,
  news: News,
): Promise<void> {
  const { database, keycloak, admin, notePassword } = options;
  const signedInBy = secondsOf(news);
  await end(options, news, { keycloakId, exceptSid: keptSid, signedInBy, stillInKeycloak: true });
  await database.transaction(async (sql) => {
    const [person] = await sql.query<{ id: string }>(
      'SELECT id FROM identity."User" WHERE keycloak_id = $1',
      [keycloakId],
    );
    if (person) await notePassword(sql, person.id, visitorOf(news));
  });
  for (const sid of await keycloak.sessionsBegunBy(keycloakId, signedInBy)) {
    if (sid !== keptSid) await admin.endSession(sid);
  }
}

/** Whoever has it from Keycloak now, and whoever is given it directly; what a composite brought is asked person by person. */
async function lookAtRole(
  options: HandleNewsOptions,
  { role }: Extract<Matter, { kind: 'role' }>,
  news: News,
): Promise<void> {
  const { database, keycloak } = options;
  const holders = await database.query<{ keycloak_id: string }>(HOLDERS);
  await lookAt(options, news, [holders.map(({ keycloak_id }) => keycloak_id)]);
  if (role) await lookAt(options, news, keycloak.holdersOf(role));
}

/** Each of them is an event of its own from then on: however many they are, none is forgotten half-way. */
async function lookAt(
  { database, addNews, onAdded }: HandleNewsOptions,
  { id, at }: News,
  people: AsyncIterable<string[]> | Iterable<string[]>,
): Promise<void> {
  for await (const page of people) {
    const known = await database.query<{ keycloak_id: string }>(
      'SELECT keycloak_id FROM identity."User" WHERE keycloak_id = ANY($1)',
      [page],
    );
    await addNews(
      database,
      known.map(({ keycloak_id: userId }) => ({ id: `${id}/${userId}`, at, type: LOOK, userId })),
    );
    onAdded();
  }
}

const HOLDERS = `
  SELECT keycloak_id FROM identity."User" WHERE id IN (
    SELECT subject_id FROM public."PolicyDefinition" WHERE origin = 'keycloak' AND subject_type = 'User')`;

const secondsOf = ({ at }: News): number => Math.floor(at / 1000);

/** The trail finds it by the event's id. */
const visitorOf = ({ id }: News): Visitor => ({ address: '', agent: '', requestId: id });
