import type { MigrationInterface, QueryRunner } from 'typeorm';
import { SUBJECT_SNAPSHOT } from './1763700003000-snapshot.js';

/** Everything that a subject's rights are made of, read by one statement, and the version of just that (D6). */
export class PolicyReach1763700140000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [POLICY_VERSION, SUBJECT_POLICIES]) await runner.query(statement);
    await runner.query('CREATE INDEX "PolicyEpoch_epoch" ON identity."PolicyEpoch" (epoch)');
    // For lists of what counts inside an organizer, in the words of `src/policies/policy-store.ts`.
    await runner.query(`
      CREATE INDEX "PolicyDefinition_place" ON public."PolicyDefinition" ((
        CASE WHEN variant = 'join_domain' THEN target_type || '_' || target_id
        ELSE coalesce(nullif(domain_type, '') || '_' || domain_id, domain) END))`);
    // One notion of what reaches a person, for tokens and for checks.
    await runner.query(
      SUBJECT_SNAPSHOT.replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION').replace(
        /'policyVersion', coalesce\(.*, 0\)\)/,
        `'policyVersion', identity.policy_version('User', p_user_id))`,
      ),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(SUBJECT_SNAPSHOT.replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION'));
    await runner.query('DROP INDEX identity."PolicyEpoch_epoch", public."PolicyDefinition_place"');
    await runner.query('DROP FUNCTION identity.subject_policies, identity.policy_version');
  }
}

/** Steps of inheritance that count, as casbin's role manager counts them; it also ends what goes in circles. */
const DEEPEST = 10;

/**
 * The roles of a subject, what is granted to them and to itself, and the domains that these name and reach down to.
 * `reached`: whatever a change of which changes these rights, in domains above too, and the platform for everybody.
 */
const REACH = `
  WITH RECURSIVE role (id, depth) AS (
    (SELECT p_id, 0 WHERE p_type = 'Role'
    UNION ALL
    SELECT target_id, 1 FROM public."PolicyDefinition"
    WHERE variant IN ('assign_role', 'group') AND p_type <> 'Role' AND subject_type = p_type AND subject_id = p_id
      AND target_type = 'Role')
    UNION
    SELECT inherited.target_id, role.depth + 1
    FROM role JOIN public."PolicyDefinition" AS inherited
      ON inherited.variant = 'role_inherits' AND inherited.subject_type = 'Role' AND inherited.subject_id = role.id
      AND inherited.target_type = 'Role'
    WHERE role.depth < ${DEEPEST}
  ), holder (type, id) AS (
    SELECT p_type, p_id UNION SELECT 'Role', role.id FROM role
  ), granted AS MATERIALIZED (
    SELECT policy.*, permission.subject AS object, permission.action AS permitted
    FROM holder
    JOIN public."PolicyDefinition" AS policy ON policy.variant IN ('grant', 'policy')
      AND policy.subject_type = holder.type AND policy.subject_id = holder.id AND policy.target_type = 'Permission'
    JOIN identity."Permission" AS permission ON permission.id = policy.target_id
  ), own AS MATERIALIZED (
    SELECT * FROM public."PolicyDefinition"
    WHERE variant IN ('assign_role', 'group', 'join_domain') AND subject_type = p_type AND subject_id = p_id
  ), mentioned (type, id) AS (
    SELECT coalesce(nullif(domain_type, ''), split_part(domain, '_', 1)),
      coalesce(domain_id, substr(domain, strpos(domain, '_') + 1))
    FROM (SELECT domain, domain_type, domain_id FROM own UNION SELECT domain, domain_type, domain_id FROM granted) AS row
    UNION
    SELECT target_type, target_id FROM own WHERE variant = 'join_domain'
  ), below (type, id, depth) AS (
    SELECT type, id, 0 FROM mentioned WHERE type IS NOT NULL AND id IS NOT NULL
    UNION
    SELECT child.subject_type, child.subject_id, below.depth + 1
    FROM below JOIN public."PolicyDefinition" AS child ON child.variant = 'domain_inherits'
      AND child.target_type = below.type AND child.target_id = below.id
    WHERE below.depth < ${DEEPEST}
  ), above (type, id, depth) AS (
    (SELECT DISTINCT type, id, 0 FROM below)
    UNION
    SELECT parent.target_type, parent.target_id, above.depth + 1
    FROM above JOIN public."PolicyDefinition" AS parent ON parent.variant = 'domain_inherits'
      AND parent.subject_type = above.type AND parent.subject_id = above.id
    WHERE above.depth < ${DEEPEST}
  ), reached (subject_type, subject_id) AS MATERIALIZED (
    SELECT type, id FROM holder UNION SELECT type, id FROM above UNION SELECT 'Platform', '*'
  ), version (epoch) AS (
    SELECT coalesce(max(epoch), 0) FROM reached JOIN identity."PolicyEpoch" USING (subject_type, subject_id)
  )`;

/** Compiling such a statement takes longer than running it. */
const POLICY_VERSION = `
  CREATE FUNCTION identity.policy_version(p_type text, p_id text) RETURNS bigint LANGUAGE sql STABLE SET jit = off AS $$
  ${REACH}
  SELECT epoch FROM version
  $$`;

/**
 * { known, active, roles, rows, reach, version, asOf } of one subject; `asOf` is the newest epoch of all. A row is an
 * array: the columns by which it counts, then its permission's subject and action.
 */
const SUBJECT_POLICIES = `
  CREATE FUNCTION identity.subject_policies(p_type text, p_id text) RETURNS jsonb LANGUAGE sql STABLE SET jit = off AS $$
  ${REACH}, object (name, depth) AS (
    (SELECT DISTINCT object, 0 FROM granted)
    UNION
    SELECT part.subject_id, object.depth + 1
    FROM object JOIN public."PolicyDefinition" AS part
      ON part.variant = 'resource_inherits' AND part.target_id = object.name
    WHERE object.depth < ${DEEPEST}
  ), row AS (
    SELECT id, variant, subject_type, subject_id, target_type, target_id, action, effect, domain, domain_type,
      domain_id, object, permitted FROM granted
    UNION ALL
    SELECT id, variant, subject_type, subject_id, target_type, target_id, action, effect, domain, domain_type,
      domain_id, NULL, NULL
    FROM (
      SELECT * FROM own
      UNION ALL
      SELECT * FROM public."PolicyDefinition" WHERE variant = 'role_inherits' AND subject_type = 'Role'
        AND subject_id IN (SELECT role.id FROM role)
      UNION ALL
      SELECT edge.* FROM (SELECT DISTINCT type, id FROM below) AS parent
      JOIN public."PolicyDefinition" AS edge ON edge.variant = 'domain_inherits'
        AND edge.target_type = parent.type AND edge.target_id = parent.id
      UNION ALL
      SELECT * FROM public."PolicyDefinition" WHERE variant = 'resource_inherits'
        AND target_id IN (SELECT name FROM object)
      UNION ALL
      SELECT * FROM public."PolicyDefinition" WHERE variant = 'action_inherits'
    ) AS other
  ), person AS (
    SELECT status FROM identity."User" WHERE p_type = 'User' AND id = p_id
    UNION ALL SELECT status FROM identity."Role" WHERE p_type = 'Role' AND id = p_id
  )
  SELECT jsonb_build_object(
    'known', EXISTS (SELECT FROM person) OR (p_type NOT IN ('User', 'Role') AND EXISTS (SELECT FROM row
      WHERE row.subject_type = p_type AND row.subject_id = p_id)),
    'active', coalesce((SELECT status = 'ACTIVE' FROM person), true),
    'roles', coalesce((SELECT jsonb_agg(jsonb_build_object('id', held.id, 'identifier', held.identifier,
        'priority', held.priority))
      FROM identity."Role" AS held WHERE held.status = 'ACTIVE' AND held.id IN (SELECT role.id FROM role)), '[]'),
    'rows', coalesce((SELECT jsonb_agg(jsonb_build_array(row.id, variant, subject_type, subject_id, target_type,
      target_id, action, effect, domain, domain_type, domain_id, object, permitted)) FROM row), '[]'),
    'reach', (SELECT jsonb_agg(subject_type || '_' || subject_id) FROM reached),
    'version', (SELECT epoch FROM version),
    'asOf', coalesce((SELECT max(epoch) FROM identity."PolicyEpoch"), 0))
  $$`;
