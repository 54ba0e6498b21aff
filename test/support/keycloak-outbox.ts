import type pg from 'pg';
import { testParts } from '../parts.js';
import { queryAs } from './database.js';

export interface OutboxRow extends pg.QueryResultRow {
  correlation_id: string;
  entry_kind: string;
  entry_type: string;
  status: string;
  attempts: number;
  payload: string;
}

/** One statement in Keycloak's own database, as the superuser. */
export function keycloakSql<Row extends pg.QueryResultRow>(
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const url = new URL(testParts().postgres.superUrl);
  url.pathname = '/keycloak';
  return queryAs<Row>(url.href, text, values);
}

/** What waits in Keycloak's outbox to be brought to the service, the newest first. */
export const outboxOf = (kind: string): Promise<OutboxRow[]> =>
  keycloakSql<OutboxRow>('SELECT * FROM outbox_entry WHERE entry_kind = $1 ORDER BY created_at DESC', [kind]);
