import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Whatever changes rights moves an epoch, by whichever hand: policies, and the roles, permissions and people behind
 * them. It happens at the commit, so that the lock which keeps epochs in order (docs/decisions/0005) is held for no longer,
 * however long a writer takes. There too what could not be enforced is refused.
 */
export class PolicyChanges1763700141000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER policy_epoch ON public."PolicyDefinition"');
    for (const statement of [
      ...ENDS,
      REFUSE_CIRCLES,
      ON_POLICY_CHANGE,
      ON_EVERY_POLICY,
      ON_OTHER_CHANGE,
      ...TRIGGERS,
    ]) {
      await runner.query(statement);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER policy_truncated ON public."PolicyDefinition"');
    await runner.query('DROP TRIGGER policy_epoch ON public."PolicyDefinition"');
    for (const table of ['Role', 'Permission', 'User']) {
      await runner.query(`DROP TRIGGER policy_epoch ON identity."${table}"`);
    }
    await runner.query('DROP FUNCTION identity.on_every_policy_change, identity.on_other_change');
    await runner.query(`
      CREATE TRIGGER policy_epoch AFTER INSERT OR UPDATE OR DELETE ON public."PolicyDefinition"
      FOR EACH ROW EXECUTE FUNCTION identity.on_policy_change()`);
    await runner.query(ON_POLICY_CHANGE.replace(CHECK, ''));
    await runner.query('DROP FUNCTION identity.refuse_policy_circle');
    await runner.query(
      'DROP INDEX public."PolicyDefinition_subject_end", public."PolicyDefinition_target_end"',
    );
  }
}

type Side = 'subject' | 'target';

/** An end of a row of inheritance, in one value. */
const end = (row: string, side: Side): string =>
  `(${row}.variant || ' ' || ${row}.${side}_type || ' ' || ${row}.${side}_id)`;

/** Of the same rows; in two spellings, so that to the planner neither look could use the other's index. */
const INHERITS: Record<Side, string> = { subject: `LIKE '%_inherits'`, target: `LIKE '%inherits'` };

/**
 * No other index can serve a look at one end: with statistics from when the table was small, the planner finds any index
 * that begins with the variant as good, and reads all of that variant for every step of every row.
 */
const ENDS = (['subject', 'target'] as const).map(
  (side) => `
    CREATE INDEX "PolicyDefinition_${side}_end" ON public."PolicyDefinition" (${end('"PolicyDefinition"', side)})
    WHERE variant ${INHERITS[side]}`,
);

/**
 * Chains of inheritance end after ten steps, as casbin counts them, so no circle can be longer. Of actions the lattice
 * counts along. SQLSTATE NX001: a circle; NX002: more than ten steps. `OFFSET 0` makes each step a look of its own: without
 * statistics the planner begins with all rows of inheritance.
 */
const REFUSE_CIRCLES = `
  CREATE FUNCTION identity.refuse_policy_circle(p_new public."PolicyDefinition") RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp SET enable_seqscan = off AS $$
  DECLARE
    highest integer;
    lowest integer;
    closes boolean;
  BEGIN
    WITH RECURSIVE up (type, id, depth) AS (
      SELECT p_new.target_type, p_new.target_id, 1
      UNION
      SELECT edge.target_type, edge.target_id, up.depth + 1 FROM up CROSS JOIN LATERAL (
        SELECT target_type, target_id FROM public."PolicyDefinition" AS row
        WHERE variant ${INHERITS.subject} AND ${end('row', 'subject')} = concat_ws(' ', p_new.variant, up.type, up.id) OFFSET 0) AS edge
      WHERE up.depth <= 10
    )
    SELECT max(depth), bool_or((type, id) = (p_new.subject_type, p_new.subject_id)) INTO highest, closes FROM up;
    IF p_new.variant = 'action_inherits' AND NOT closes THEN
      WITH RECURSIVE step (narrow, wide) AS (
        SELECT subject_id, target_id FROM public."PolicyDefinition" WHERE variant = 'action_inherits'
        UNION ALL
        VALUES ('read', 'manage'), ('write', 'manage'), ('execute', 'manage'),
          ('create', 'write'), ('update', 'write'), ('delete', 'write')
      ), up (id) AS (
        SELECT p_new.target_id UNION SELECT step.wide FROM up JOIN step ON step.narrow = up.id
      )
      SELECT bool_or(id = p_new.subject_id) INTO closes FROM up;
    END IF;
    IF closes THEN
      RAISE EXCEPTION 'policy % closes a circle', p_new.id USING ERRCODE = 'NX001';
    END IF;
    WITH RECURSIVE down (type, id, depth) AS (
      SELECT p_new.subject_type, p_new.subject_id, 0
      UNION
      SELECT edge.subject_type, edge.subject_id, down.depth + 1 FROM down CROSS JOIN LATERAL (
        SELECT subject_type, subject_id FROM public."PolicyDefinition" AS row
        WHERE variant ${INHERITS.target} AND ${end('row', 'target')} = concat_ws(' ', p_new.variant, down.type, down.id) OFFSET 0) AS edge
      WHERE down.depth <= 10
    )
    SELECT max(depth) INTO lowest FROM down;
    IF highest + lowest > 10 THEN
      RAISE EXCEPTION 'policy % makes a chain of more than ten steps', p_new.id USING ERRCODE = 'NX002';
    END IF;
  END $$`;

const CHECK = `
    IF TG_OP <> 'DELETE' THEN
      IF NEW.variant IN ('role_inherits', 'domain_inherits', 'resource_inherits', 'action_inherits') THEN
        PERFORM identity.refuse_policy_circle(NEW);
      END IF;
    END IF;`;

/** The reader of a row is its subject. A domain's parent reaches down too; resources and actions reach everybody. */
const ON_POLICY_CHANGE = `
  CREATE OR REPLACE FUNCTION identity.on_policy_change() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
  DECLARE
    changed public."PolicyDefinition";
  BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('identity.policy_epoch'));${CHECK}
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
  END $$`;

const ON_EVERY_POLICY = `
  CREATE FUNCTION identity.on_every_policy_change() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
  BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('identity.policy_epoch'));
    PERFORM identity.move_policy_epoch('Platform', '*');
    RETURN NULL;
  END $$`;

/** A role and a person are subjects themselves; a permission may be granted to anybody. */
const ON_OTHER_CHANGE = `
  CREATE FUNCTION identity.on_other_change() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
  BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('identity.policy_epoch'));
    IF TG_TABLE_NAME = 'Permission' THEN
      PERFORM identity.move_policy_epoch('Platform', '*');
    ELSE
      PERFORM identity.move_policy_epoch(TG_TABLE_NAME, CASE TG_OP WHEN 'DELETE' THEN OLD.id ELSE NEW.id END);
    END IF;
    RETURN NULL;
  END $$`;

const TRIGGERS = [
  `CREATE CONSTRAINT TRIGGER policy_epoch AFTER INSERT OR UPDATE OR DELETE ON public."PolicyDefinition"
   DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION identity.on_policy_change()`,
  `CREATE TRIGGER policy_truncated AFTER TRUNCATE ON public."PolicyDefinition"
   FOR EACH STATEMENT EXECUTE FUNCTION identity.on_every_policy_change()`,
  `CREATE CONSTRAINT TRIGGER policy_epoch AFTER INSERT OR UPDATE OR DELETE ON identity."Permission"
   DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION identity.on_other_change()`,
  `CREATE CONSTRAINT TRIGGER policy_epoch AFTER INSERT OR UPDATE OR DELETE ON identity."Role"
   DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION identity.on_other_change()`,
  `CREATE CONSTRAINT TRIGGER policy_epoch AFTER UPDATE OF status ON identity."User"
   DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
   EXECUTE FUNCTION identity.on_other_change()`,
];
