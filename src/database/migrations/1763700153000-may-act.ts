import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether a person may do something to a kind of thing at a merchant: one answer over PolicyDefinition (P2). */
export class MayAct1763700153000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION identity.may_act(p_user_id text, p_merchant_id text, p_object text, p_action text)
      RETURNS boolean LANGUAGE sql AS $$
        SELECT EXISTS (SELECT FROM identity.selectable_branches(p_user_id) AS branch
          CROSS JOIN LATERAL identity.branch_permissions(p_user_id, branch.id, branch.workspace_id) AS permission
          WHERE branch.id = p_merchant_id AND permission.object = p_object AND permission.action = p_action)
      $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION identity.may_act');
  }
}
