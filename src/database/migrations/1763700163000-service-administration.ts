import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Services and apps are made over HTTP (contract §5b): what the application's role may write, and what stays so whoever writes. */
export class ServiceAdministration1763700163000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const grant of GRANTS) await runner.query(`GRANT ${grant} TO nx_app`);
    for (const statement of [FINAL, SUSPEND, ...TRIGGERS]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER "Service_suspend" ON identity."Service"');
    await runner.query('DROP TRIGGER "ServiceCredential_final" ON identity."ServiceCredential"');
    await runner.query('DROP FUNCTION identity.end_system_tokens, identity.keep_revoked');
    for (const grant of GRANTS) await runner.query(`REVOKE ${grant} FROM nx_app`);
  }
}

/** No hash is changed, and nothing but a grant is ever deleted. */
const GRANTS = [
  `INSERT (id, name, description, default_audience_id),
   UPDATE (description, status, default_audience_id, modified_at) ON identity."Service"`,
  `INSERT (id, service_id, slot, secret_hash, expires_at), UPDATE (revoked_at) ON identity."ServiceCredential"`,
  'INSERT (id, service_id, call, merchant_id), DELETE ON identity."ServiceGrant"',
  `INSERT (id, name, merchant_id, redirect_uris),
   UPDATE (name, redirect_uris, status, modified_at) ON identity."Client"`,
];

const FINAL = `
  CREATE FUNCTION identity.keep_revoked() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'credential % is revoked for good', OLD.id USING ERRCODE = 'check_violation';
  END $$`;

/**
 * The system tokens of a suspended service end at sisters too: the places that they name are revoked. Its credentials get
 * new ones, so that they are good again when the service is.
 */
const SUSPEND = `
  CREATE FUNCTION identity.end_system_tokens() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
  DECLARE
    held "ServiceCredential";
  BEGIN
    FOR held IN SELECT * FROM "ServiceCredential" WHERE service_id = NEW.id AND revoked_at IS NULL FOR UPDATE LOOP
      INSERT INTO "Revocation" (list_id, idx)
      SELECT held.status_list, held.status_idx FROM "StatusList" WHERE id = held.status_list
      ON CONFLICT DO NOTHING;
      UPDATE "ServiceCredential" SET (status_list, status_idx) =
        (SELECT taken.list_id, taken.idx FROM take_status_indices(1) AS taken) WHERE id = held.id;
    END LOOP;
    RETURN NULL;
  END $$`;

const TRIGGERS = [
  `CREATE TRIGGER "ServiceCredential_final" BEFORE UPDATE OF revoked_at ON identity."ServiceCredential" FOR EACH ROW
   WHEN (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS NULL) EXECUTE FUNCTION identity.keep_revoked()`,
  `CREATE TRIGGER "Service_suspend" AFTER UPDATE OF status ON identity."Service" FOR EACH ROW
   WHEN (OLD.status = 'ACTIVE' AND NEW.status <> 'ACTIVE') EXECUTE FUNCTION identity.end_system_tokens()`,
];
