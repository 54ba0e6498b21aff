import type { Sql } from '../database/database.js';
import type { EmitToUser } from '../redis/emit-to-user.js';
import type { Logger } from '../telemetry/logger.js';
import type { StatusPlace } from '../tokens/index.js';

/** Tells people's open apps that a session of theirs is over (contract §10), whoever ended it. Best effort: never throws. */
export function createAnnounceEnds(options: {
  database: Sql;
  emitToUser: EmitToUser;
  logger: Pick<Logger, 'info'>;
}): (places: readonly StatusPlace[]) => Promise<void> {
  const { database, emitToUser, logger } = options;
  return async (places) => {
    if (places.length === 0) return;
    try {
      const ended = await database.query<{ id: string; user_id: string }>(ENDED, [
        places.map(({ list }) => list),
        places.map(({ idx }) => idx),
      ]);
      for (const { id, user_id } of ended) emitToUser(user_id, 'identity.session-ended', { sessionId: id });
    } catch (error) {
      logger.info({ err: error }, 'ended sessions were not announced');
    }
  };
}

const ENDED = `
  SELECT id, user_id FROM identity."AuthSession"
  WHERE (status_list, status_idx) IN (SELECT * FROM unnest($1::integer[], $2::integer[])) AND ended_at IS NOT NULL`;
