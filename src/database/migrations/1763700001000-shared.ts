import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The tables that sister services read (contract §9). Additive only: nothing here is renamed or dropped. */
export class Shared1763700001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE public."PolicyDefinition" (
        id text PRIMARY KEY,
        variant text NOT NULL,
        subject_type text NOT NULL,
        subject_id text NOT NULL,
        target_type text NOT NULL,
        target_id text NOT NULL,
        action text,
        effect text,
        domain text,
        domain_type text,
        domain_id text,
        metadata jsonb,
        origin text NOT NULL DEFAULT 'manual',
        created_at timestamptz NOT NULL DEFAULT now(),
        modified_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(
      'CREATE INDEX "PolicyDefinition_subject" ON public."PolicyDefinition" (variant, subject_type, subject_id)',
    );
    await runner.query(
      'CREATE INDEX "PolicyDefinition_target" ON public."PolicyDefinition" (variant, target_type, target_id)',
    );
    await runner.query(`
      CREATE TABLE public."Configuration" (
        id text PRIMARY KEY,
        code text NOT NULL,
        merchant_id text,
        data jsonb NOT NULL DEFAULT '{}',
        credential text,
        status text NOT NULL DEFAULT 'ACTIVE',
        created_at timestamptz NOT NULL DEFAULT now(),
        modified_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE NULLS NOT DISTINCT (code, merchant_id)
      )`);
    await runner.query(
      'GRANT SELECT, INSERT, UPDATE, DELETE ON public."PolicyDefinition", public."Configuration" TO nx_app',
    );
    await runner.query('GRANT SELECT ON public."PolicyDefinition", public."Configuration" TO nx_worker');
    await runner.query('GRANT USAGE ON SCHEMA public TO nx_sister');
    await runner.query('GRANT SELECT ON public."PolicyDefinition" TO nx_sister');
    await runner.query(`
      GRANT SELECT (id, code, merchant_id, data, status, created_at, modified_at)
      ON public."Configuration" TO nx_sister`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE public."Configuration", public."PolicyDefinition"');
  }
}
