import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Attempts at an account: each has a disabled Keycloak user of its own until its own code proves the identifier (S4). */
export class SignUps1763700056000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE identity."SignUp" (
        id text PRIMARY KEY,
        scheme text NOT NULL CHECK (scheme IN ('email', 'phone')),
        value text NOT NULL,
        keycloak_username text NOT NULL UNIQUE,
        keycloak_id text UNIQUE,
        display_name text NOT NULL,
        wished_username text,
        state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'proven', 'done', 'dead')),
        created_at timestamptz NOT NULL DEFAULT now(),
        state_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      COMMENT ON TABLE identity."SignUp" IS
      'The worker finishes what is proven, and deletes the rest with its Keycloak user: the dead at once, the unproven after 24 hours, the done after 24 hours.'`);
    await runner.query(
      `CREATE INDEX "SignUp_rivals" ON identity."SignUp" (scheme, value) WHERE state = 'pending'`,
    );
    await runner.query(
      'CREATE INDEX "User_unproven_email" ON identity."User" (email) WHERE NOT email_verified',
    );
    await runner.query(`CREATE INDEX "SignUp_tend" ON identity."SignUp" (state, state_at)`);
    await runner.query('GRANT SELECT, INSERT, UPDATE, DELETE ON identity."SignUp" TO nx_app, nx_worker');
    await runner.query('GRANT DELETE ON identity."Spent" TO nx_app');
    await runner.query(FORGET_NEWCOMER);
    await runner.query('REVOKE ALL ON FUNCTION identity.forget_newcomer FROM PUBLIC');
    await runner.query('GRANT EXECUTE ON FUNCTION identity.forget_newcomer TO nx_app, nx_worker');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION identity.forget_newcomer');
    await runner.query('DROP INDEX identity."User_unproven_email"');
    await runner.query('DROP TABLE identity."SignUp"');
  }
}

/** The roles of the service can't delete people; this deletes one who never got as far as a session, and no other. */
const FORGET_NEWCOMER = `
  CREATE FUNCTION identity.forget_newcomer(newcomers_keycloak_id text) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
  DECLARE newcomer text;
  BEGIN
    SELECT id INTO newcomer FROM identity."User" AS person
    WHERE keycloak_id = newcomers_keycloak_id AND last_login_at IS NULL
      AND NOT EXISTS (SELECT FROM identity."AuthSession" WHERE user_id = person.id) FOR UPDATE;
    IF newcomer IS NULL THEN RETURN; END IF;
    DELETE FROM identity."Identifier" WHERE user_id = newcomer;
    DELETE FROM public."PolicyDefinition" WHERE subject_type = 'User' AND subject_id = newcomer;
    DELETE FROM identity."User" WHERE id = newcomer;
  END $$`;
