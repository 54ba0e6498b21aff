import type { Environment } from './environment-schema.js';

/** Hosts that only this machine reaches. */
const LOOPBACK: readonly string[] = ['127.0.0.1', '::1', 'localhost'];

/** Settings that each are right and together are not. */
export function contradictions(env: Environment): string[] {
  const problems = inboxContradictions(env);
  if (env.REDIS_URL.length > 1 && !env.REDIS_CLUSTER)
    problems.push('REDIS_URL names several nodes, which needs REDIS_CLUSTER=1');
  if (!env.IDENTITY_DEV_TOOLS) return problems;
  if (env.NODE_ENV === 'production') {
    problems.push('IDENTITY_DEV_TOOLS=1 is refused when NODE_ENV is production (or not set)');
  }
  if (env.IDENTITY_JWT_ISSUER.startsWith('https:')) {
    problems.push('IDENTITY_DEV_TOOLS=1 is refused when IDENTITY_JWT_ISSUER, the public URL, is https');
  }
  for (const name of ['IDENTITY_HOST', 'IDENTITY_INTERNAL_HOST'] as const) {
    if (LOOPBACK.includes(env[name])) continue;
    problems.push(`IDENTITY_DEV_TOOLS=1 needs a loopback ${name}, such as 127.0.0.1`);
  }
  return problems;
}

/** Real people's codes and links must not end in an inbox that shows them. */
function inboxContradictions(env: Environment): string[] {
  const names = ['IDENTITY_DEV_INBOX_URL', 'IDENTITY_DEV_INBOX_SMTP_URL'] as const;
  const set = names.filter((name) => env[name] !== undefined);
  return [
    ...(set.length === 1 ? [`${names.join(' and ')} belong together: only ${set[0]} is set`] : []),
    ...set
      .filter(() => !env.IDENTITY_DEV_TOOLS)
      .map((name) => `${name} is refused without IDENTITY_DEV_TOOLS=1`),
    ...set
      .filter((name) => !LOOPBACK.includes(new URL(env[name] ?? '').hostname.replace(/^\[|\]$/g, '')))
      .map((name) => `${name} must be on loopback, such as 127.0.0.1`),
  ];
}

/** Settings that a later version will honour: ignoring them silently would be worse than refusing. */
export function unsupported(given: Record<string, unknown>): string[] {
  return ['IDENTITY_KMS_KEY_ARN', 'IDENTITY_DEVICE_CERT_KEY_ARN', 'DATABASE_REPLICA_URL', 'NATS_URL']
    .filter((name) => given[name] !== undefined)
    .map((name) => `${name} is set, but this version does not support it`);
}

/** The realm's own credential may change everybody's password: it belongs to the migration job alone. */
export function notForServing(given: Record<string, unknown>): string[] {
  return Object.keys(given)
    .filter((name) => name.startsWith('IDENTITY_REALM_ADMIN_'))
    .map((name) => `${name} is for RUN_MODE=migrate only: the server and the worker must not have it`);
}
