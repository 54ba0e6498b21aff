import type { Sql } from '../database/database.js';
import { type Device, describeDevice } from './describe-device.js';

/** Somebody with more open sessions than this sees the ones used last. */
const MOST = 200;

export interface SessionSummary {
  id: string;
  clientId: string;
  device: Device;
  /** Where it was opened from, as the trusted hops said; null when nobody knows. */
  address: string | null;
  amr: string[];
  createdAt: string;
  lastUsedAt: string;
  expiresAt: string;
}

/** The open sessions of a person, the one used last first (S12). */
export type ListSessions = (userId: string) => Promise<SessionSummary[]>;

type Row = Omit<SessionSummary, 'device' | 'createdAt' | 'lastUsedAt' | 'expiresAt'> & {
  agent: string | null;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
};

/** An exchange refreshes nothing: Keycloak is asked each time. */
const LIST = `
  SELECT id, client_id AS "clientId", agent, address, amr, created_at AS "createdAt",
    GREATEST(refreshed_at, keycloak_checked_at) AS "lastUsedAt", expires_at AS "expiresAt"
  FROM identity."AuthSession" WHERE user_id = $1 AND ended_at IS NULL AND expires_at > now()
    AND (origin = 'exchange' OR refreshed_at > now() - make_interval(secs => $2))
  ORDER BY "lastUsedAt" DESC, id LIMIT ${MOST}`;

export function createListSessions(database: Sql, idleTtlS: number): ListSessions {
  return async (userId) => {
    const rows = await database.query<Row>(LIST, [userId, idleTtlS]);
    return rows.map(({ agent, createdAt, lastUsedAt, expiresAt, ...row }) => ({
      ...row,
      device: describeDevice(agent ?? ''),
      createdAt: createdAt.toISOString(),
      lastUsedAt: lastUsedAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    }));
  };
}
