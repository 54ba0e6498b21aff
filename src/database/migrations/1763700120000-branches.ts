import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sessions of C's dialect stand in a branch, and whoever signs in by it is told which they may select (S5, S6). */
export class Branches1763700120000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE identity."AuthSession"
        ADD COLUMN dialect text NOT NULL DEFAULT 'platform' CHECK (dialect IN ('platform', 'workspace')),
        ADD COLUMN workspace_id text,
        ADD COLUMN member_id text,
        ADD COLUMN active_branch_id text,
        ADD CONSTRAINT "AuthSession_branch" CHECK (
          num_nonnulls(workspace_id, member_id, active_branch_id) IN (0, 3)
          AND (active_branch_id IS NULL OR dialect = 'workspace'))`);
    await runner.query(`
      COMMENT ON COLUMN identity."AuthSession".dialect IS
      'platform: its tokens carry everything the person has; workspace: those of active_branch_id, or none without one'`);
    for (const [table, policy] of Object.entries(OWN_ROWS)) {
      await runner.query(`CREATE POLICY own ON identity."${table}" FOR SELECT TO nx_app USING (${policy})`);
    }
    await runner.query(HELD_ROLES);
    await runner.query(SELECTABLE_BRANCHES);
    await runner.query(BRANCH_PERMISSIONS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP FUNCTION identity.branch_permissions, identity.selectable_branches, identity.held_roles',
    );
    for (const table of Object.keys(OWN_ROWS)) await runner.query(`DROP POLICY own ON identity."${table}"`);
    await runner.query(`
      ALTER TABLE identity."AuthSession" DROP CONSTRAINT "AuthSession_branch",
        DROP COLUMN dialect, DROP COLUMN workspace_id, DROP COLUMN member_id, DROP COLUMN active_branch_id`);
  }
}

const OWN_MEMBER = `user_id = current_setting('app.user_id', true)`;
const OWN_ORGANIZERS = `(SELECT member.organizer_id FROM identity."Member" AS member WHERE member.${OWN_MEMBER})`;

/** Before a tenant is known: a person's own places, and what they are in (D12). */
const OWN_ROWS = {
  Member: OWN_MEMBER,
  Organizer: `id IN ${OWN_ORGANIZERS}`,
  Merchant: `organizer_id IN ${OWN_ORGANIZERS}`,
};

/** The active roles of a user, inherited ones included, and where each is held: without a domain everywhere. */
const HELD_ROLES = `
  CREATE FUNCTION identity.held_roles(p_user_id text)
  RETURNS TABLE (role_id text, domain_type text, domain_id text) LANGUAGE sql STABLE AS $$
  WITH RECURSIVE assignment AS (
    SELECT target_id AS role_id,
      coalesce(nullif(domain_type, ''), nullif(split_part(domain, '_', 1), ''), 'Platform') AS domain_type,
      coalesce(domain_id, substr(domain, strpos(domain, '_') + 1)) AS domain_id
    FROM public."PolicyDefinition"
    WHERE variant IN ('assign_role', 'group') AND subject_type = 'User' AND subject_id = p_user_id
      AND target_type = 'Role'
    UNION
    SELECT inherited.target_id, assignment.domain_type, assignment.domain_id
    FROM assignment JOIN public."PolicyDefinition" AS inherited
      ON inherited.variant = 'role_inherits' AND inherited.subject_type = 'Role'
      AND inherited.subject_id = assignment.role_id AND inherited.target_type = 'Role'
  )
  SELECT assignment.role_id, assignment.domain_type, assignment.domain_id
  FROM assignment JOIN identity."Role" AS role ON role.id = assignment.role_id AND role.status = 'ACTIVE'
  $$`;

/**
 * The branches that a user may select: active merchants of active organizers whose active member they are, where they
 * have a place: a role held at the merchant, or at its organizer and handed down by domain_inherits, or join_domain.
 * With each the roles held there, those held everywhere included; at most 51, as the snapshot has it.
 */
const SELECTABLE_BRANCHES = `
  CREATE FUNCTION identity.selectable_branches(p_user_id text)
  RETURNS TABLE (id text, name text, workspace_id text, workspace_name text, tenant_id text, member_id text, roles jsonb)
  LANGUAGE plpgsql AS $$
  #variable_conflict use_column
  BEGIN
    PERFORM set_config('app.user_id', p_user_id, true);
    RETURN QUERY
    WITH branch AS MATERIALIZED (
      SELECT merchant.id, merchant.name, organizer.id AS workspace_id, organizer.name AS workspace_name,
        organizer.tenant_id, member.id AS member_id,
        EXISTS (SELECT FROM public."PolicyDefinition" AS parent
          WHERE parent.variant = 'domain_inherits' AND parent.subject_type = 'Merchant'
            AND parent.subject_id = merchant.id AND parent.target_type = 'Organizer'
            AND parent.target_id = organizer.id) AS inherits
      FROM identity."Member" AS member
      JOIN identity."Organizer" AS organizer ON organizer.id = member.organizer_id AND organizer.status = 'ACTIVE'
      JOIN identity."Merchant" AS merchant ON merchant.organizer_id = organizer.id AND merchant.status = 'ACTIVE'
      WHERE member.user_id = p_user_id AND member.status = 'ACTIVE'
    ), held AS MATERIALIZED (
      SELECT branch.id AS branch_id, role.role_id, role.domain_type
      FROM branch JOIN identity.held_roles(p_user_id) AS role ON role.domain_type = 'Platform'
        OR (role.domain_type = 'Merchant' AND role.domain_id = branch.id)
        OR (role.domain_type = 'Organizer' AND role.domain_id = branch.workspace_id AND branch.inherits)
    )
    SELECT branch.id, branch.name, branch.workspace_id, branch.workspace_name, branch.tenant_id, branch.member_id,
      coalesce((
        SELECT jsonb_agg(jsonb_build_object('id', one.id, 'identifier', one.identifier, 'priority', one.priority)
          ORDER BY one.priority DESC, one.identifier)
        FROM (SELECT DISTINCT role.priority, role.identifier, role.id
          FROM held JOIN identity."Role" AS role ON role.id = held.role_id WHERE held.branch_id = branch.id
          ORDER BY role.priority DESC, role.identifier LIMIT 51) AS one), '[]')
    FROM branch
    WHERE EXISTS (SELECT FROM held WHERE held.branch_id = branch.id AND held.domain_type <> 'Platform')
      OR EXISTS (SELECT FROM public."PolicyDefinition" AS joined
        WHERE joined.variant = 'join_domain' AND joined.subject_type = 'User' AND joined.subject_id = p_user_id
          AND joined.target_type = 'Merchant' AND joined.target_id = branch.id);
    -- What follows in the same transaction sees no more than its tenant.
    PERFORM set_config('app.user_id', '', true);
  END $$`;

/**
 * What a user may do in a branch, as pairs of object and single action: what grants reach it by the user, the roles held
 * there and the domain, less what is denied of the object or of what it belongs to (resource_inherits).
 * The lattice of actions is the framework's: manage is all, write is create, update and delete.
 */
const BRANCH_PERMISSIONS = `
  CREATE FUNCTION identity.branch_permissions(p_user_id text, p_branch_id text, p_workspace_id text)
  RETURNS TABLE (object text, action text) LANGUAGE sql STABLE AS $$
  WITH RECURSIVE inherits AS MATERIALIZED (
    SELECT EXISTS (SELECT FROM public."PolicyDefinition" WHERE variant = 'domain_inherits' AND subject_type = 'Merchant'
      AND subject_id = p_branch_id AND target_type = 'Organizer' AND target_id = p_workspace_id) AS down
  ), role AS (
    SELECT DISTINCT role_id FROM identity.held_roles(p_user_id), inherits
    WHERE domain_type = 'Platform' OR (domain_type = 'Merchant' AND domain_id = p_branch_id)
      OR (domain_type = 'Organizer' AND domain_id = p_workspace_id AND inherits.down)
  ), rule AS (
    SELECT permission.subject AS object, leaf.action, coalesce(policy.effect, 'allow') AS effect
    FROM inherits, public."PolicyDefinition" AS policy
    JOIN identity."Permission" AS permission ON policy.target_type = 'Permission' AND permission.id = policy.target_id
    CROSS JOIN LATERAL unnest(CASE coalesce(policy.action, permission.action)
      WHEN 'manage' THEN ARRAY['create', 'read', 'update', 'delete', 'execute']
      WHEN 'write' THEN ARRAY['create', 'update', 'delete']
      ELSE ARRAY[coalesce(policy.action, permission.action)] END) AS leaf (action)
    WHERE policy.variant IN ('grant', 'policy')
      AND ((policy.subject_type = 'User' AND policy.subject_id = p_user_id)
        OR (policy.subject_type = 'Role' AND policy.subject_id IN (SELECT role_id FROM role)))
      AND coalesce(policy.domain_type || '_' || policy.domain_id, nullif(policy.domain, ''), policy.domain_type, 'Platform')
        IN ('Platform', 'SYSTEM_WIDE', 'ANY_MEMBER', 'Merchant_' || p_branch_id,
          CASE WHEN inherits.down THEN 'Organizer_' || p_workspace_id END)
  ), belongs AS (
    SELECT DISTINCT object, object AS to_object FROM rule
    UNION
    SELECT belongs.object, parent.target_id FROM belongs JOIN public."PolicyDefinition" AS parent
      ON parent.variant = 'resource_inherits' AND parent.subject_id = belongs.to_object
  )
  SELECT DISTINCT allowed.object, allowed.action FROM rule AS allowed
  WHERE allowed.effect = 'allow' AND NOT EXISTS (
    SELECT FROM belongs JOIN rule AS denied ON denied.object = belongs.to_object
    WHERE belongs.object = allowed.object AND denied.effect <> 'allow' AND denied.action = allowed.action)
  ORDER BY 1, 2
  $$`;
