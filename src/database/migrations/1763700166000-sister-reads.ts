import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What services that share the database may read beside the shared tables: whatever rights follow from, and customers,
 * a tenant's in a transaction that names it (docs/decisions/0029). They may write none of it.
 */
export class SisterReads1763700166000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Functions with their owner's rights, which whoever may use the schema could call.
    await runner.query(
      'REVOKE ALL ON FUNCTION identity.move_policy_epoch, identity.refuse_policy_circle FROM PUBLIC',
    );
    await runner.query('GRANT USAGE ON SCHEMA identity TO nx_sister');
    for (const [table, columns] of Object.entries(READ)) {
      await runner.query(`GRANT SELECT ${columns} ON identity."${table}" TO nx_sister`);
    }
    for (const [table, policy] of POLICIES) {
      await runner.query(`ALTER POLICY ${policy} ON identity."${table}" TO nx_app, nx_sister`);
    }
    await runner.query(`GRANT EXECUTE ON FUNCTION ${FUNCTIONS} TO nx_sister`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`REVOKE EXECUTE ON FUNCTION ${FUNCTIONS} FROM nx_sister`);
    for (const [table, policy] of POLICIES) {
      await runner.query(`ALTER POLICY ${policy} ON identity."${table}" TO nx_app`);
    }
    for (const [table, columns] of Object.entries(READ)) {
      await runner.query(`REVOKE SELECT ${columns} ON identity."${table}" FROM nx_sister`);
    }
    await runner.query('REVOKE USAGE ON SCHEMA identity FROM nx_sister');
    await runner.query(
      'GRANT EXECUTE ON FUNCTION identity.move_policy_epoch, identity.refuse_policy_circle TO PUBLIC',
    );
  }
}

/** Of people no more than whether they may do anything at all, of places no more than whose they are. */
const READ = {
  PolicyEpoch: '',
  Role: '',
  Permission: '',
  User: '(id, status)',
  Organizer: '(id, tenant_id, status)',
  Merchant: '(id, tenant_id, organizer_id, status)',
  Customer: `(id, tenant_id, merchant_id, code, display_name, phone, email, birthday, note, tags, version, created_at,
    updated_at, deleted_at)`,
};

const POLICIES = [
  ['Merchant', 'named'],
  ['Organizer', 'named'],
  ['Customer', 'tenant'],
] as const;

const FUNCTIONS = 'identity.customer_place, identity.search_customers';
