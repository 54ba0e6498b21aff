/**
 * `npm run bench:rights`: rights against a PostgreSQL of its own, as the application role. Checks of a person with 10,000
 * policies, in process; an edit of a role with 100,000 members, by the code behind the calls and by SQL; and what a member
 * then has to wait for. Prints figures, asserts nothing.
 */
import pg from 'pg';
import { bootstrap } from '../embedded/bootstrap.mjs';
import { startDatabase } from './customers-database.mjs';

const MEMBERS = 100_000;
const POLICIES = 10_000;
const MERCHANTS = 500;
const ADMIN = '700000000000000001';
const HEAVY = '700000000000000002';
const ROLE = '700000000000000010';

await bootstrap();
const { createDatabase } = await import('../dist/src/database/database.js');
const { createPerformWrite, createPermit, createPolicyCache, createWritePolicies } = await import(
  '../dist/src/policies/index.js'
);

/** People, a role that all of them hold somewhere, and one person with rows of their own on many merchants. */
const FILL = [
  `INSERT INTO identity."User" (id, keycloak_id, username, display_name)
   SELECT id, id, id, id FROM (SELECT (800000000000000000 + n)::text AS id FROM generate_series(1, ${MEMBERS}) AS n
     UNION ALL VALUES ('${ADMIN}'), ('${HEAVY}')) AS person`,
  `INSERT INTO identity."Role" (id, identifier, name, priority) VALUES ('${ROLE}', '100_bench', 'Bench', 100)`,
  `INSERT INTO identity."Permission" (id, code, name, subject, action)
   SELECT 'bench-' || n, 'bench-' || n, 'Bench', 'thing-' || n, 'manage' FROM generate_series(0, 99) AS n`,
  `INSERT INTO public."PolicyDefinition" (id, variant, subject_type, subject_id, target_type, target_id)
   VALUES ('bench-admin', 'assign_role', 'User', '${ADMIN}', 'Role', '1')`,
  `INSERT INTO public."PolicyDefinition" (id, variant, subject_type, subject_id, target_type, target_id, domain)
   SELECT 'bench-member-' || n, 'assign_role', 'User', (800000000000000000 + n)::text, 'Role', '${ROLE}',
     'Merchant_' || n % ${MERCHANTS} FROM generate_series(1, ${MEMBERS}) AS n`,
  `INSERT INTO public."PolicyDefinition"
     (id, variant, subject_type, subject_id, target_type, target_id, action, effect, domain)
   SELECT 'bench-heavy-' || n, 'grant', 'User', '${HEAVY}', 'Permission', 'bench-' || n % 100,
     (ARRAY['create','read','update','delete','execute'])[1 + n % 5],
     CASE WHEN n % 10 = 7 THEN 'deny' ELSE 'allow' END, 'Merchant_' || n % ${MERCHANTS}
   FROM generate_series(1, ${POLICIES}) AS n`,
  'VACUUM ANALYZE',
];

function print(name, times) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(3);
  const what = `${times.length.toLocaleString('en')} x ${name}`;
  process.stdout.write(
    `${what.padEnd(66)} p50 ${at(0.5)}  p99 ${at(0.99)}  p99.9 ${at(0.999)}  max ${at(1)} ms\n`,
  );
}

async function timed(work) {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

async function measureChecks({ permit, permitAll }) {
  const heavy = { type: 'User', id: HEAVY };
  const question = (n) => ({
    domain: `Merchant_${n % MERCHANTS}`,
    object: `thing-${n % 100}`,
    action: 'read',
  });
  print(`the first check of a person with ${POLICIES} policies`, [
    await timed(() => permit(heavy, question(1))),
  ]);
  const times = [];
  for (let n = 0; n < 200_000; n += 1) times.push(await timed(() => permit(heavy, question(n))));
  print(`a check of a person with ${POLICIES} policies`, times);
  const hundred = Array.from({ length: 100 }, (_, n) => question(n * 7));
  const batches = [];
  for (let n = 0; n < 2000; n += 1) batches.push(await timed(() => permitAll(heavy, hundred)));
  print('100 checks of theirs at once', batches);
}

async function measureEdits(database, client, { permit }) {
  let lastId = 900_000_000_000_000_000n;
  const write = createWritePolicies({
    database,
    nextId: () => String(++lastId),
    perform: createPerformWrite({
      audit: { record: async () => undefined },
      emitToUser: () => undefined,
      onRightsTaken: async () => undefined,
    }),
  });
  const context = { userId: ADMIN, visitor: {}, dryRun: false };
  const draft = {
    variant: 'grant',
    subjectType: 'Role',
    subjectId: ROLE,
    targetType: 'Permission',
    action: 'read',
  };
  const [made, taken, checks] = [[], [], []];
  for (let n = 0; n < 300; n += 1) {
    let id;
    made.push(
      await timed(async () => {
        id = (await write.create({ ...draft, targetId: `bench-${n % 100}` }, context)).policy.id;
      }),
    );
    taken.push(await timed(() => write.remove(id, context)));
    const member = { type: 'User', id: String(800_000_000_000_000_000n + BigInt(n + 1)) };
    checks.push(await timed(() => permit(member, { domain: 'Platform', object: 'thing-1', action: 'read' })));
  }
  print(`a grant to a role with ${MEMBERS} members`, made);
  print('the same taken away', taken);
  print('a first check of a member afterwards', checks);
  const bySql = [];
  for (let n = 0; n < 300; n += 1)
    bySql.push(
      await timed(() => client.query(`UPDATE identity."Role" SET priority = ${n} WHERE id = '${ROLE}'`)),
    );
  print('the role changed by SQL, with its commit', bySql);
}

const parts = await startDatabase();
try {
  const client = new pg.Client({ connectionString: parts.postgres.superUrl });
  client.on('error', () => undefined); // the rejected query says it
  await client.connect();
  for (const statement of FILL) await client.query(statement);
  parts.progress(`${MEMBERS} members of one role, ${POLICIES} policies of one person`);
  const logger = { warn: () => undefined };
  const database = createDatabase({ url: parts.postgres.appUrl, poolSize: 2, logger });
  const rights = createPermit(createPolicyCache({ database, monotonicNow: () => performance.now() }));
  await measureChecks(rights);
  await measureEdits(database, client, rights);
  await database.close();
  await client.end();
} finally {
  await parts.stop();
}
process.exit(0);
