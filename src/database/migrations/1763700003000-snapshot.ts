import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Policy epochs (D6) and the snapshot that goes into a token (T3).
 * Writers of PolicyDefinition take one advisory lock, so that epochs become visible in the order of their numbers.
 */
export class Snapshot1763700003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE identity."PolicyEpoch" (
        subject_type text NOT NULL,
        subject_id text NOT NULL,
        epoch bigint NOT NULL,
        PRIMARY KEY (subject_type, subject_id)
      )`);
    await runner.query('CREATE SEQUENCE identity.policy_epoch');
    await runner.query('GRANT SELECT ON identity."PolicyEpoch" TO nx_app');
    // SECURITY DEFINER: whoever writes a policy, a sister or an operator included, moves the epoch.
    await runner.query(`
      CREATE FUNCTION identity.move_policy_epoch(p_type text, p_id text) RETURNS void
      LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
        INSERT INTO identity."PolicyEpoch" VALUES (p_type, p_id, nextval('identity.policy_epoch'))
        ON CONFLICT (subject_type, subject_id) DO UPDATE SET epoch = excluded.epoch
      $$`);
    // The reader of a row is its subject. A domain's parent reaches down too; resources and actions reach everybody.
    await runner.query(`
      CREATE FUNCTION identity.on_policy_change() RETURNS trigger
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
      DECLARE
        changed public."PolicyDefinition";
      BEGIN
        PERFORM pg_advisory_xact_lock(hashtext('identity.policy_epoch'));
        FOREACH changed IN ARRAY CASE TG_OP
          WHEN 'INSERT' THEN ARRAY[NEW] WHEN 'DELETE' THEN ARRAY[OLD] ELSE ARRAY[OLD, NEW] END
        LOOP
          PERFORM identity.move_policy_epoch(changed.subject_type, changed.subject_id);
          IF changed.variant = 'domain_inherits' THEN
            PERFORM identity.move_policy_epoch(changed.target_type, changed.target_id);
          ELSIF changed.variant IN ('resource_inherits', 'action_inherits') THEN
            PERFORM identity.move_policy_epoch('Platform', '*');
          END IF;
        END LOOP;
        RETURN NULL;
      END $$`);
    await runner.query(`
      CREATE TRIGGER policy_epoch AFTER INSERT OR UPDATE OR DELETE ON public."PolicyDefinition"
      FOR EACH ROW EXECUTE FUNCTION identity.on_policy_change()`);
    await runner.query(SUBJECT_SNAPSHOT);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION identity.subject_snapshot');
    await runner.query('DROP TRIGGER policy_epoch ON public."PolicyDefinition"');
    await runner.query('DROP FUNCTION identity.on_policy_change, identity.move_policy_epoch');
    await runner.query('DROP SEQUENCE identity.policy_epoch');
    await runner.query('DROP TABLE identity."PolicyEpoch"');
  }
}

/**
 * What a user is on the platform, in one call: { roles, organizers, merchants, policyVersion }.
 * A role held at an organizer reaches its merchants; a place at a merchant shows its organizer.
 * At most 51 of each: a token carries 50, and the 51st says that there are more (contract §1).
 */
export const SUBJECT_SNAPSHOT = `
  CREATE FUNCTION identity.subject_snapshot(p_user_id text) RETURNS jsonb LANGUAGE sql STABLE AS $$
  WITH RECURSIVE assignment AS (
    SELECT target_id AS role_id,
      coalesce(domain_type, split_part(domain, '_', 1)) AS domain_type,
      coalesce(domain_id, substr(domain, strpos(domain, '_') + 1)) AS domain_id
    FROM public."PolicyDefinition"
    WHERE variant IN ('assign_role', 'group') AND subject_type = 'User' AND subject_id = p_user_id
      AND target_type = 'Role'
    UNION
    SELECT inherited.target_id, assignment.domain_type, assignment.domain_id
    FROM assignment JOIN public."PolicyDefinition" AS inherited
      ON inherited.variant = 'role_inherits' AND inherited.subject_type = 'Role'
      AND inherited.subject_id = assignment.role_id AND inherited.target_type = 'Role'
  ), held_role AS (
    SELECT DISTINCT role.id, role.identifier, role.priority
    FROM assignment JOIN identity."Role" AS role ON role.id = assignment.role_id AND role.status = 'ACTIVE'
  ), held AS (
    SELECT DISTINCT assignment.domain_type, assignment.domain_id
    FROM assignment JOIN held_role ON held_role.id = assignment.role_id
  ), joined AS (
    SELECT target_type AS domain_type, target_id AS domain_id FROM public."PolicyDefinition"
    WHERE variant = 'join_domain' AND subject_type = 'User' AND subject_id = p_user_id
  ), merchant AS (
    SELECT domain_id AS id FROM held WHERE domain_type = 'Merchant'
    UNION
    SELECT domain_id FROM joined WHERE domain_type = 'Merchant'
    UNION
    SELECT child.subject_id
    FROM held JOIN public."PolicyDefinition" AS child
      ON held.domain_type = 'Organizer' AND child.variant = 'domain_inherits' AND child.target_type = 'Organizer'
      AND child.target_id = held.domain_id AND child.subject_type = 'Merchant'
  ), organizer AS (
    SELECT domain_id AS id FROM held WHERE domain_type = 'Organizer'
    UNION
    SELECT domain_id FROM joined WHERE domain_type = 'Organizer'
    UNION
    SELECT parent.target_id
    FROM merchant JOIN public."PolicyDefinition" AS parent
      ON parent.variant = 'domain_inherits' AND parent.subject_type = 'Merchant'
      AND parent.subject_id = merchant.id AND parent.target_type = 'Organizer'
  ), reached AS (
    SELECT 'User' AS subject_type, p_user_id AS subject_id
    UNION SELECT 'Role', role_id FROM assignment
    UNION SELECT 'Organizer', id FROM organizer
    UNION SELECT 'Merchant', id FROM merchant
    UNION SELECT 'Platform', '*'
  )
  SELECT jsonb_build_object(
    'roles', coalesce((SELECT jsonb_agg(jsonb_build_object('id', id, 'identifier', identifier, 'priority', priority)
      ORDER BY priority DESC, identifier)
      FROM (SELECT * FROM held_role ORDER BY priority DESC, identifier LIMIT 51) AS first_roles), '[]'),
    'organizers', coalesce((SELECT jsonb_agg(id ORDER BY id)
      FROM (SELECT id FROM organizer ORDER BY id LIMIT 51) AS first_organizers), '[]'),
    'merchants', coalesce((SELECT jsonb_agg(id ORDER BY id)
      FROM (SELECT id FROM merchant ORDER BY id LIMIT 51) AS first_merchants), '[]'),
    'policyVersion', coalesce((SELECT max(epoch) FROM reached JOIN identity."PolicyEpoch" USING (subject_type, subject_id)), 0))
  $$`;
