import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who is invited to which place by whom (contract §5b); whoever has the token and the identifier may accept, once. */
export class Invitations1763700161000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(INVITATION);
    await runner.query(
      'ALTER TABLE identity."Invitation" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
    );
    await runner.query(`
      CREATE POLICY tenant ON identity."Invitation" TO nx_app
      USING (tenant_id = current_setting('app.tenant_id', true))
      WITH CHECK (tenant_id = current_setting('app.tenant_id', true))`);
    await runner.query(
      'CREATE POLICY keeper ON identity."Invitation" TO CURRENT_USER USING (true) WITH CHECK (true)',
    );
    await runner.query('GRANT SELECT, INSERT, UPDATE ON identity."Invitation" TO nx_app');
    for (const statement of FUNCTIONS) await runner.query(statement);
    await runner.query(`
      REVOKE ALL ON FUNCTION identity.invitation_organizer, identity.find_invitation, identity.forget_invitations
      FROM PUBLIC`);
    await runner.query(
      'GRANT EXECUTE ON FUNCTION identity.invitation_organizer, identity.find_invitation TO nx_app',
    );
    await runner.query('GRANT EXECUTE ON FUNCTION identity.forget_invitations TO nx_worker');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION identity.forget_invitations, identity.find_invitation, identity.invitation_organizer`);
    await runner.query('DROP TABLE identity."Invitation"');
  }
}

const INVITATION = `
  CREATE TABLE identity."Invitation" (
    id text PRIMARY KEY,
    tenant_id text NOT NULL,
    organizer_id text NOT NULL,
    merchant_id text,
    role_id text NOT NULL REFERENCES identity."Role",
    scheme text NOT NULL CHECK (scheme IN ('email', 'phone')),
    value text NOT NULL,
    token_hash text NOT NULL UNIQUE,
    status text NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'ACCEPTED', 'WITHDRAWN', 'EXPIRED')),
    invited_by text NOT NULL REFERENCES identity."User",
    sends integer NOT NULL DEFAULT 1,
    sent_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL DEFAULT now() + interval '7 days',
    accepted_by text REFERENCES identity."User",
    member_id text,
    created_at timestamptz NOT NULL DEFAULT now(),
    modified_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (tenant_id, organizer_id) REFERENCES identity."Organizer" (tenant_id, id),
    FOREIGN KEY (tenant_id, merchant_id) REFERENCES identity."Merchant" (tenant_id, id)
  );
  CREATE INDEX "Invitation_organizer" ON identity."Invitation" (organizer_id, id);
  CREATE UNIQUE INDEX "Invitation_open" ON identity."Invitation"
    (organizer_id, scheme, value, role_id, coalesce(merchant_id, '')) WHERE status = 'PENDING';
  CREATE INDEX "Invitation_expired" ON identity."Invitation" (expires_at);
  COMMENT ON TABLE identity."Invitation" IS
    'The token itself is in the message alone. Forgotten 90 days after expires_at (X3)'`;

/** Before a tenant is known; what is answered says where to look, and nothing else. */
const FUNCTIONS = [
  `CREATE FUNCTION identity.invitation_organizer(p_id text, OUT organizer_id text, OUT tenant_id text)
   LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
     SELECT organizer_id, tenant_id FROM "Invitation" WHERE id = p_id
   $$`,
  `CREATE FUNCTION identity.find_invitation(p_token_hash text, OUT id text, OUT organizer_id text, OUT tenant_id text)
   LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
     SELECT id, organizer_id, tenant_id FROM "Invitation" WHERE token_hash = p_token_hash
   $$`,
  `CREATE FUNCTION identity.forget_invitations() RETURNS void
   LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
     DELETE FROM "Invitation" WHERE expires_at < now() - interval '90 days'
   $$`,
];
