/** A PostgreSQL of its own with the service's schema and customers in it; no Keycloak, no Redis. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pg from 'pg';

const MERCHANT = '1000000001';
export const LARGE = { tenantId: '1000000000', merchantId: MERCHANT };

export async function startDatabase() {
  const load = (name) => import(`../dist/embedded/${name}.js`);
  const { startParts, STOP_ORDER } = await load('start-parts');
  const { createSupervisor } = await load('supervisor');
  const { freePorts } = await load('ports');
  const { prepareService } = await load('prepare-service');
  const { elapsedProgress } = await load('progress');
  const dataDir = resolve('.data/bench-customers');
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true });
  const clientSecretFile = join(dataDir, 'unused-secret');
  writeFileSync(clientSecretFile, 'unused'.repeat(6), { mode: 0o600 });
  const supervisor = createSupervisor(STOP_ORDER);
  const progress = elapsedProgress((line) => process.stdout.write(line));
  const nowhere = 'http://127.0.0.1:9';
  const parts = await startParts({
    supervisor,
    progress,
    dataDir,
    cacheDir: resolve('.cache'),
    ports: await freePorts(),
    external: {
      keycloak: { url: nowhere, clientSecretFile, adminClientId: 'none', adminClientSecret: 'none' },
      redis: { url: 'redis://127.0.0.1:9' },
    },
    realmUrls: { identityPublicUrl: nowhere, spaOrigin: nowhere },
    onPostgres: (description) => prepareService(description, supervisor, progress),
  });
  return { ...parts, progress };
}

/** Names as often as they are in Vietnam, more or less. */
const FAMILY = [
  ...Array(38).fill('Nguyễn'),
  ...Array(11).fill('Trần'),
  ...Array(10).fill('Lê'),
  ...Array(7).fill('Phạm'),
  ...Array(5).fill('Huỳnh'),
  ...Array(5).fill('Phan'),
  ...Array(5).fill('Vũ'),
  ...'Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Đoàn Trịnh Mai Tô Lâm Đào Hà Cao Lương Lưu Châu Tạ'.split(' '),
];
const MIDDLE = 'Văn Thị Hữu Đức Minh Ngọc Thanh Quang Xuân Thu Hoàng Bảo Gia Kim Phương Anh Tuấn Hồng'.split(
  ' ',
);
const GIVEN =
  `Anh Bình Châu Chi Cường Dung Dũng Duy Đạt Đức Giang Hà Hải Hạnh Hiền Hiếu Hoa Hoà Hùng Huy Hương Khánh Khoa
  Lan Linh Loan Long Mai Minh Nam Nga Ngân Nhi Nhung Oanh Phong Phúc Phương Quân Quỳnh Sơn Tâm Thảo Thắng Thuỷ Tiến Trang
  Trinh Trung Tuấn Tùng Tuyết Uyên Vân Việt Vinh Vy Xuân Yến Ý`.split(/\s+/);
export const NAMES = { FAMILY, MIDDLE, GIVEN };

/** One merchant of `large` customers among `all`; the others have 10,000 each and a tenant of their own. */
export async function fillDatabase({ postgres, progress }, { all, large }) {
  const client = new pg.Client({ connectionString: postgres.superUrl });
  client.on('error', () => undefined); // the rejected query says it
  await client.connect();
  const merchants = [[LARGE.tenantId, LARGE.merchantId, large]];
  for (let left = all - large; left > 0; left -= 10_000) {
    const n = 2_000_000_000 + left;
    merchants.push([String(n), `${n}1`, Math.min(left, 10_000)]);
  }
  const { rows } = await client.query(
    `SELECT pg_get_indexdef('identity."Customer_search"'::regclass) AS text`,
  );
  await client.query('DROP INDEX identity."Customer_search"');
  let made = 0;
  for (const [tenant, merchant, count] of merchants) {
    await client.query('INSERT INTO identity."Organizer" (id, tenant_id, name) VALUES ($1, $1, $1)', [
      tenant,
    ]);
    await client.query(
      'INSERT INTO identity."Merchant" (id, tenant_id, organizer_id, name) VALUES ($1, $2, $2, $1)',
      [merchant, tenant],
    );
    await client.query(FILL, [tenant, merchant, count, made, FAMILY, MIDDLE, GIVEN]);
    made += count;
  }
  progress(`${made} customers of ${merchants.length} merchants`);
  await client.query(rows[0].text);
  await client.query('VACUUM ANALYZE identity."Customer"');
  progress('indexed');
  await client.end();
}

const pick = (list) => `(${list})[1 + floor(random() * cardinality(${list}))::int]`;
const FILL = `
  INSERT INTO identity."Customer" (id, tenant_id, merchant_id, code, display_name, phone, email, tags)
  SELECT ($4::bigint + n + 300000000000000000)::text, $1, $2, 'KH' || lpad(n::text, 7, '0'),
    ${pick('$5::text[]')} || ' ' || ${pick('$6::text[]')} || ' ' || ${pick('$7::text[]')},
    '+849' || lpad(((n::bigint * 7919) % 100000000)::text, 8, '0'),
    CASE WHEN n % 3 = 0 THEN 'khach' || n || '@example.test' END, '{}'
  FROM generate_series(1, $3::int) AS n`;
