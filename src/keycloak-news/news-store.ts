import type { Sql } from '../database/database.js';
import type { News } from './news.js';

/** Seconds that whoever takes an event has for it; after that another one takes it: a kill loses nothing. */
const LEASE_S = 30;
/** Seconds before the next try, by how many there were; the last one for all that follow. */
const PAUSES_S = [1, 5, 15, 60];

/** Writes down what was not known yet; once that is committed, it is acted on. */
export type AddNews = (sql: Sql, news: readonly News[]) => Promise<void>;

export interface TakenNews {
  news: News;
  tries: number;
}

export interface NewsStore {
  add: AddNews;
  /** The next event that is due, for one taker. */
  take(): Promise<TakenNews | undefined>;
  done(id: string): Promise<void>;
  /** To be tried again. */
  putOff(taken: TakenNews, errorClass: string): Promise<void>;
}

export function createNewsStore(sql: Sql): NewsStore {
  return {
    add: addNews,
    async take() {
      const [row] = await sql.query<Row>(TAKE, [LEASE_S]);
      return row && { news: toNews(row), tries: row.tries };
    },
    async done(id) {
      await sql.query(
        'UPDATE identity."KeycloakEvent" SET handled_at = now(), error_class = NULL WHERE id = $1',
        [id],
      );
    },
    async putOff({ news, tries }, errorClass) {
      const pauseS = PAUSES_S[Math.min(tries, PAUSES_S.length) - 1];
      await sql.query(
        `UPDATE identity."KeycloakEvent" SET due_at = now() + make_interval(secs => $2), error_class = $3
         WHERE id = $1 AND handled_at IS NULL`,
        [news.id, pauseS, errorClass],
      );
    },
  };
}

/** @see AddNews */
export const addNews: AddNews = async (sql, news) => {
  if (news.length > 0) await sql.query(ADD, [JSON.stringify(news)]);
};

interface Row {
  id: string;
  type: string;
  keycloak_user_id: string | null;
  keycloak_sid: string | null;
  path: string | null;
  actor_id: string | null;
  at: number;
  tries: number;
}

const toNews = (row: Row): News => ({
  id: row.id,
  at: row.at,
  type: row.type,
  userId: row.keycloak_user_id ?? undefined,
  sessionId: row.keycloak_sid ?? undefined,
  path: row.path ?? undefined,
  actorId: row.actor_id ?? undefined,
});

const ADD = `
  INSERT INTO identity."KeycloakEvent" (id, type, keycloak_user_id, keycloak_sid, path, actor_id, occurred_at)
  SELECT id, type, "userId", "sessionId", path, "actorId", to_timestamp(at / 1000.0)
  FROM jsonb_to_recordset($1::jsonb)
    AS news (id text, type text, "userId" text, "sessionId" text, path text, "actorId" text, at double precision)
  ON CONFLICT (id) DO NOTHING`;

const TAKE = `
  UPDATE identity."KeycloakEvent" SET due_at = now() + make_interval(secs => $1), tries = tries + 1
  WHERE id = (
    SELECT id FROM identity."KeycloakEvent" WHERE handled_at IS NULL AND due_at <= now()
    ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
  RETURNING id, type, keycloak_user_id, keycloak_sid, path, actor_id, tries,
    (extract(epoch FROM occurred_at) * 1000)::double precision AS at`;
