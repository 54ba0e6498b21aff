import type { KeyConsumer, Laggards, Replica, SigningKey } from '../../tokens/index.js';

const at = (moment: Date | null): string => (moment ? moment.toISOString().replace(/\.\d+Z$/, 'Z') : '');

/** Cells of a row side by side, each column as wide as its widest. */
function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Every key, a line each. */
export function describeKeys(keys: readonly SigningKey[]): string {
  const rows = keys.map((key) => [
    key.kid,
    key.alg,
    key.revokedAt ? 'revoked' : key.state,
    at(key.createdAt),
    at(key.publishedAt),
    at(key.activatedAt),
    at(key.lastTokenExpiresBy),
    at(key.retiredAt),
  ]);
  const head = ['kid', 'alg', 'state', 'created', 'published', 'signs since', 'last token until', 'retired'];
  return table([head, ...rows]);
}

/** Who holds which of the keys that are published. */
export function describeHolders(
  keys: readonly SigningKey[],
  replicas: readonly Replica[],
  consumers: readonly KeyConsumer[],
): string {
  const published = keys.filter(({ state }) => state !== 'retired');
  const lacks = ({ kids }: { kids: string[] }) =>
    published
      .filter(({ kid }) => !kids.includes(kid))
      .map(({ kid, state }) => `${state} ${kid}`)
      .join(', ') || '-';
  const rows = [
    ['who', 'last seen', 'lacks'],
    ...replicas.map((replica) => [`replica ${replica.name}`, at(replica.seenAt), lacks(replica)]),
    ...consumers.map((each) => [`${each.service} at ${each.instance}`, at(each.seenAt), lacks(each)]),
  ];
  return table(rows);
}

/** Whom the next key waits for, or what else. */
export function describeLaggards({ replicas, consumers }: Laggards): string {
  const lines = [
    ...replicas.map(({ name }) => `replica ${name} has not loaded it`),
    ...consumers.map(({ service, instance }) => `${service} at ${instance} has not loaded it`),
  ];
  return lines.length > 0 ? lines.join('\n') : 'everybody who is known has loaded it; it waits for its time';
}
