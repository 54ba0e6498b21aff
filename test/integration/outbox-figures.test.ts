import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DEMO_PEOPLE } from '../../embedded/demo-data.js';
import { observeOutboxes } from '../../src/administration/observe-outboxes.js';
import { observeMessages } from '../../src/messaging/index.js';
import { createMetrics } from '../../src/telemetry/metrics.js';
import { sql, worker } from '../support/database.js';
import { forgetMessages, startPromising } from '../support/messages.js';

const [, owner] = DEMO_PEOPLE;
const messages = startPromising();

/** What the worker shows after it has looked, with its own rights in the database. */
async function figure(series: string): Promise<number> {
  const metrics = createMetrics();
  await observeOutboxes({ sql: worker, metrics }).refresh();
  await observeMessages({ sql: worker, queue: { depth: async () => 0 }, metrics }).refresh();
  const line = (await metrics.render()).body.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? Number.NaN : Number(line.slice(series.length));
}
const lag = (outbox: string) => figure(`nx_outbox_lag_seconds{outbox="${outbox}"}`);

async function forgetAll() {
  await forgetMessages();
  await sql('DELETE FROM identity."KeycloakEvent"');
  await sql('UPDATE identity."User" SET logout_due_at = NULL, others_logout_due_at = NULL');
  await sql(`UPDATE identity."AuthSession" SET keycloak_ended_at = now() WHERE ended_at IS NOT NULL`);
}
beforeEach(forgetAll);
afterEach(forgetAll);
afterAll(() => messages.close());

describe('the lag of an outbox', () => {
  test.each(['messages', 'keycloak_events', 'keycloak_logouts'])(
    '%s is 0 while nothing waits (R6)',
    async (outbox) => {
      expect(await lag(outbox)).toBe(0);
    },
  );

  test('of messages is that of the oldest that could be sent by now, not of one that waits for its next round (R6)', async () => {
    const [late, later] = [await messages.promise(), await messages.promise()];
    await sql(`UPDATE identity."Message" SET due_at = now() + interval '1 hour' WHERE id = $1`, [later]);
    await sql(`UPDATE identity."Message" SET due_at = now() - interval '500 seconds' WHERE id = $1`, [late]);
    expect(await lag('messages')).toBeGreaterThanOrEqual(500);
    await sql('DELETE FROM identity."Message" WHERE id = $1', [late]);
    expect(await lag('messages')).toBe(0);
  });

  test("of Keycloak's news counts from its arrival, however often it was tried (R6, D5)", async () => {
    await sql(`INSERT INTO identity."KeycloakEvent" (id, type, occurred_at, received_at, due_at, tries)
      VALUES ('lag', 'LOGOUT', now(), now() - interval '500 seconds', now() + interval '1 minute', 9)`);
    expect(await lag('keycloak_events')).toBeGreaterThanOrEqual(500);
    await sql(`UPDATE identity."KeycloakEvent" SET handled_at = now()`);
    expect(await lag('keycloak_events')).toBe(0);
  });

  test.each(['logout_due_at', 'others_logout_due_at'])(
    'of ends that Keycloak has not heard of counts %s (R6, S9)',
    async (column) => {
      await sql(`UPDATE identity."User" SET ${column} = now() - interval '500 seconds' WHERE id = $1`, [
        owner.id,
      ]);
      expect(await lag('keycloak_logouts')).toBeGreaterThanOrEqual(500);
    },
  );
});

describe('dead letters', () => {
  const dead = (channel: string) => figure(`nx_messages_dead{channel="${channel}"}`);

  test('count while they can be replayed: a code until its deadline, a mail without one for as long as it stays (R6, M3)', async () => {
    const code = await messages.promise();
    const mail = await messages.promise({ channel: 'mail', to: 'a@example.test' });
    await sql(`UPDATE identity."Message" SET deadline_at = NULL WHERE id = $1`, [mail]);
    expect([await dead('sms'), await dead('mail')]).toEqual([0, 0]);
    await sql(`UPDATE identity."Message" SET status = 'dead', finished_at = now()`);
    expect([await dead('sms'), await dead('mail')]).toEqual([1, 1]);
    await sql(`UPDATE identity."Message" SET deadline_at = now() WHERE id = $1`, [code]);
    expect([await dead('sms'), await dead('mail')]).toEqual([0, 1]);
  });
});
