import type { Sql } from '../database/database.js';
import type { Metrics } from '../telemetry/metrics.js';

/** Figures of what was promised and is not done yet: read every so often, shown as they were then. */
export interface OutboxFigures {
  refresh(): Promise<void>;
}

const OUTBOXES = ['messages', 'keycloak_events', 'keycloak_logouts'] as const;

/**
 * `nx_outbox_lag_seconds`: how long the oldest entry that could be done by now has waited. `messages`: to be sent, without
 * those that wait for their next round; `keycloak_events`: news of Keycloak to be acted on; `keycloak_logouts`: ends of
 * sessions that Keycloak has not heard of.
 */
export function observeOutboxes(options: { sql: Sql; metrics: Pick<Metrics, 'observe'> }): OutboxFigures {
  const { sql, metrics } = options;
  let lags: Record<string, number> = Object.fromEntries(OUTBOXES.map((outbox) => [outbox, 0]));
  metrics.observe({
    name: 'nx_outbox_lag_seconds',
    help: 'How long the oldest entry that could be done by now has waited',
    label: 'outbox',
    read: () => lags,
  });
  return {
    async refresh() {
      const rows = await sql.query<{ outbox: string; lag: number }>(LAGS);
      lags = Object.fromEntries(rows.map(({ outbox, lag }) => [outbox, lag]));
    },
  };
}

/** Each by an index over what is open alone. */
const LAGS = `
  SELECT outbox, greatest(0, coalesce(extract(epoch FROM now() - oldest), 0))::double precision AS lag FROM (
    SELECT 'messages' AS outbox, min(due_at) AS oldest FROM identity."Message" WHERE status = 'pending'
    UNION ALL
    SELECT 'keycloak_events', min(received_at) FROM identity."KeycloakEvent" WHERE handled_at IS NULL
    UNION ALL
    SELECT 'keycloak_logouts', least(
      (SELECT min(ended_at) FROM identity."AuthSession" WHERE ended_at IS NOT NULL AND keycloak_ended_at IS NULL),
      (SELECT min(logout_due_at) FROM identity."User" WHERE logout_due_at IS NOT NULL),
      (SELECT min(others_logout_due_at) FROM identity."User" WHERE others_logout_due_at IS NOT NULL))
  ) AS open`;
