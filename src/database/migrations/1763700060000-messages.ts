import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The outbox and ledger of messages (D7). They are the platform's, whichever merchant's sender they leave by: only
 * platform administrators read them. What must not be read in a dump (recipient, variables, code) is sealed.
 */
export class Messages1763700060000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE identity."Message" (
        id text PRIMARY KEY,
        channel text NOT NULL CHECK (channel IN ('sms', 'mail')),
        merchant_id text,
        purpose text NOT NULL,
        template text NOT NULL,
        language text NOT NULL CHECK (language IN ('vi', 'en')),
        recipient_masked text NOT NULL,
        recipient_index text NOT NULL,
        sealed_content text NOT NULL,
        sealed_secret text,
        status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'accepted', 'dead', 'expired', 'withheld')),
        error_class text,
        rounds integer NOT NULL DEFAULT 0,
        replays integer NOT NULL DEFAULT 0,
        cost bigint NOT NULL DEFAULT 0 CHECK (cost >= 0),
        deadline_at timestamptz,
        due_at timestamptz NOT NULL DEFAULT now(),
        enqueued_until timestamptz,
        lease text,
        leased_until timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz,
        CHECK (status NOT IN ('accepted', 'expired', 'withheld') OR sealed_secret IS NULL),
        CHECK ((status = 'pending') = (finished_at IS NULL))
      )`);
    await runner.query(`
      COMMENT ON TABLE identity."Message" IS
      'Cost in VND: an estimate until sent. The worker deletes finished rows after IDENTITY_MESSAGE_RETENTION_DAYS.'`);
    for (const [name, on] of INDEXES) {
      await runner.query(`CREATE INDEX "Message_${name}" ON identity."Message" ${on}`);
    }
    await runner.query(`
      CREATE TABLE identity."MessageAttempt" (
        message_id text NOT NULL REFERENCES identity."Message" ON DELETE CASCADE,
        number integer NOT NULL,
        replay integer NOT NULL,
        round integer NOT NULL,
        provider text NOT NULL,
        provider_message_id text NOT NULL,
        status text NOT NULL DEFAULT 'started'
          CHECK (status IN ('started', 'accepted', 'refused', 'unclear', 'unreachable')),
        temporary boolean NOT NULL DEFAULT false,
        provider_status text,
        provider_reference text,
        error_class text,
        segments integer NOT NULL,
        cost bigint NOT NULL CHECK (cost >= 0),
        latency_ms integer,
        started_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (message_id, number)
      )`);
    await runner.query('GRANT SELECT, INSERT, UPDATE ON identity."Message" TO nx_app');
    await runner.query('GRANT SELECT ON identity."MessageAttempt" TO nx_app');
    await runner.query('GRANT SELECT, UPDATE, DELETE ON identity."Message" TO nx_worker');
    await runner.query('GRANT SELECT, INSERT, UPDATE ON identity."MessageAttempt" TO nx_worker');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE identity."MessageAttempt", identity."Message"');
  }
}

const INDEXES = [
  ['due', `(due_at) WHERE status = 'pending'`],
  ['deadline', "(deadline_at) WHERE sealed_secret IS NOT NULL OR status = 'pending'"],
  ['ledger', '(created_at DESC, id DESC)'],
  ['spend', '(merchant_id, created_at)'],
  ['recipient', '(recipient_index, created_at)'],
  ['finished', '(finished_at)'],
] as const;
