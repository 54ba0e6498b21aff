import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tokens of a session can be made invalid while it goes on: its place is revoked, and it gets another one (S8, P3). */
export class RightsTaken1763700162000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE identity."StatusList" ADD COLUMN held_until timestamptz');
    await runner.query(REVOKE_TOKENS);
    await runner.query(RENEWED_PLACE);
    await runner.query(
      'REVOKE EXECUTE ON FUNCTION identity.revoke_tokens, identity.renewed_place FROM PUBLIC',
    );
    await runner.query('GRANT EXECUTE ON FUNCTION identity.revoke_tokens, identity.renewed_place TO nx_app');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION identity.renewed_place, identity.revoke_tokens');
    await runner.query('ALTER TABLE identity."StatusList" DROP COLUMN held_until');
  }
}

/**
 * Revokes what the open sessions of these people have issued. The rows are locked: a refresh under way ends before, and
 * one that comes later still issues under the place that is revoked here, unless it sees what was taken.
 */
const REVOKE_TOKENS = `
  CREATE FUNCTION identity.revoke_tokens(p_user_ids text[]) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    WITH open AS (
      SELECT status_list, status_idx FROM "AuthSession"
      WHERE user_id = ANY(p_user_ids) AND ended_at IS NULL AND expires_at > now() AND status_list IS NOT NULL
      ORDER BY id FOR UPDATE)
    INSERT INTO "Revocation" (list_id, idx)
    SELECT open.status_list, open.status_idx FROM open JOIN "StatusList" AS list ON list.id = open.status_list
    ON CONFLICT DO NOTHING
  $$`;

/**
 * The place to go on with. Whether the old one is revoked is the caller's to say, by the same snapshot as the rights that
 * the token will carry. The list of the old one is kept until no token can point to it (an hour at most).
 */
const RENEWED_PLACE = `
  CREATE FUNCTION identity.renewed_place(p_list integer, p_idx integer, p_is_revoked boolean,
    OUT list_id integer, OUT idx integer)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
  BEGIN
    list_id := p_list;
    idx := p_idx;
    IF p_is_revoked THEN
      SELECT taken.list_id, taken.idx INTO STRICT list_id, idx FROM take_status_indices(1) AS taken;
      UPDATE "StatusList" SET held_until = now() + interval '1 hour' WHERE id = p_list;
    END IF;
  END $$`;
