import { testParts } from '../parts.js';
import { queryAs } from './database.js';

export interface OutboxRow {
  correlation_id: string;
  entry_kind: string;
  entry_type: string;
  status: string;
  attempts: number;
  payload: string;
}

/** Keycloak's own database, as the superuser. */
function keycloakDatabase(): string {
  const url = new URL(testParts().postgres.superUrl);
  url.pathname = '/keycloak';
  return url.href;
}

/** What waits in Keycloak's outbox to be brought to the service, the newest first. */
export const outboxOf = (kind: string): Promise<OutboxRow[]> =>
  queryAs<OutboxRow>(
    keycloakDatabase(),
    'SELECT * FROM outbox_entry WHERE entry_kind = $1 ORDER BY created_at DESC',
    [kind],
  );
