import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Of an organizer's customers an owner may do everything, and so hand it on to others inside. */
export class CustomerPermissions1763700142000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      INSERT INTO identity."Permission" (id, code, name, subject, action)
      VALUES ('1', 'customer', 'Customers of a merchant', 'customer', 'manage') ON CONFLICT DO NOTHING`);
    await runner.query(`
      INSERT INTO public."PolicyDefinition"
        (id, variant, subject_type, subject_id, target_type, target_id, action, effect, origin)
      SELECT 'seed-owner-customers', 'grant', 'Role', role.id, 'Permission', permission.id, 'manage', 'allow', 'seed'
      FROM identity."Role" AS role, identity."Permission" AS permission
      WHERE role.identifier = '500_owner' AND permission.code = 'customer' ON CONFLICT DO NOTHING`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DELETE FROM public."PolicyDefinition" WHERE id = 'seed-owner-customers'`);
    await runner.query(`DELETE FROM identity."Permission" WHERE id = '1'`);
  }
}
