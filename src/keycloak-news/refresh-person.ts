import { type Audit, KEYCLOAK } from '../audit/index.js';
import type { Database, Sql } from '../database/database.js';
import type { Visitor } from '../http/route.js';
import type { KeycloakStandings, Standing } from '../keycloak-gateway/index.js';
import { followStanding, type KeycloakStatus, type UpdateProfile } from '../people/index.js';
import type { SyncRoles } from '../policies/index.js';
import type { EndSessions } from '../sessions/index.js';
import type { SettlePhone } from './settle-phone.js';

/** Makes a person here what they are in Keycloak now; whoever never arrived here is nobody's matter. */
export type RefreshPerson = (keycloakId: string, visitor: Visitor) => Promise<void>;

/** One at a time for a person, so that of two looks the later one is what stays. */
const IN_TURN = `SELECT pg_advisory_xact_lock(hashtext('keycloak-news'), hashtext($1))`;
const AUDITED = { ACTIVE: 'user.enabled', DISABLED: 'user.disabled', DELETED: 'user.deleted' } as const;

/** @param mapped platform roles by the Keycloak roles that stand for them */
export function createRefreshPerson(options: {
  database: Database;
  keycloak: Pick<KeycloakStandings, 'standingOf'>;
  updateProfile: UpdateProfile;
  settlePhone: SettlePhone;
  syncRoles: SyncRoles;
  mapped: ReadonlyMap<string, string>;
  endSessions: Pick<EndSessions, 'endedByKeycloak'>;
  audit: Pick<Audit, 'record'>;
}): RefreshPerson {
  const { database, keycloak, updateProfile, settlePhone, syncRoles, mapped, endSessions, audit } = options;

  async function follow(sql: Sql, person: Person, status: KeycloakStatus, visitor: Visitor): Promise<void> {
    const before = await followStanding(sql, person.userId, status);
    if (status !== 'ACTIVE') {
      const all = { keycloakId: person.keycloakId, stillInKeycloak: status === 'DISABLED' };
      await endSessions.endedByKeycloak(all, sql, { actor: KEYCLOAK, visitor });
    }
    if (before === undefined) return;
    const subject = { type: 'user', id: person.userId } as const;
    const action = AUDITED[status];
    await audit.record(sql, {
      actor: KEYCLOAK,
      action,
      subject,
      before: { status: before },
      after: { status },
      visitor,
    });
  }

  return (keycloakId, visitor) =>
    database.transaction(async (sql) => {
      await sql.query(IN_TURN, [keycloakId]);
      const [known] = await sql.query<{ id: string }>(
        'SELECT id FROM identity."User" WHERE keycloak_id = $1',
        [keycloakId],
      );
      if (!known) return;
      const person = { userId: known.id, keycloakId };
      const standing = await keycloak.standingOf(keycloakId);
      await follow(sql, person, statusOf(standing), visitor);
      await syncRoles(sql, person.userId, platformRoles(standing, mapped), visitor);
      if (!standing) return;
      await updateProfile(
        sql,
        keycloakId,
        await settlePhone(sql, person, standing.profile, visitor),
        visitor,
      );
    });
}

interface Person {
  userId: string;
  keycloakId: string;
}

const statusOf = (standing: Standing | undefined): KeycloakStatus =>
  !standing ? 'DELETED' : standing.enabled ? 'ACTIVE' : 'DISABLED';

const platformRoles = (standing: Standing | undefined, mapped: ReadonlyMap<string, string>): string[] => [
  ...new Set((standing?.roles ?? []).flatMap((name) => mapped.get(name) ?? [])),
];
