import pg from 'pg';
import type { PartsDescription } from './parts.js';
import type { Secrets } from './secrets-file.js';

export const OWNER_ROLE = 'nx_identity_owner';
export const APP_ROLE = 'nx_identity_app';

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    query_timeout: 60_000,
  });
  client.on('error', () => {}); // the rejected query says it
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

async function ensureRole(client: pg.Client, name: string, rights: string, password: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
  const verb = rowCount ? 'ALTER' : 'CREATE';
  await client.query(`${verb} ROLE ${name} LOGIN ${rights} PASSWORD ${client.escapeLiteral(password)}`);
}

async function ensureDatabase(client: pg.Client, name: string, owner: string): Promise<void> {
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  if (!rowCount) await client.query(`CREATE DATABASE ${name} OWNER ${owner}`);
  await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
}

/**
 * The databases of Keycloak and of the service with their login roles. The service's role may connect and
 * nothing else: what it may do comes from the group roles that its migration makes.
 * @param adminUrl of the superuser, to any database
 */
export async function ensureDatabases(adminUrl: string, secrets: Secrets): Promise<void> {
  await withClient(adminUrl, async (client) => {
    await ensureRole(client, 'keycloak', '', secrets.keycloakDatabasePassword);
    await ensureRole(client, OWNER_ROLE, 'CREATEROLE', secrets.ownerPassword);
    await ensureRole(client, APP_ROLE, '', secrets.appPassword);
    await ensureDatabase(client, 'keycloak', 'keycloak');
    await ensureDatabase(client, 'nx_identity', OWNER_ROLE);
    await client.query(`GRANT CONNECT ON DATABASE nx_identity TO ${APP_ROLE}`);
  });
}

/** After the migration: the service's login role, which runs server and worker in one, joins both groups. */
export async function grantApplicationRoles(parts: Pick<PartsDescription, 'postgres'>): Promise<void> {
  const login = decodeURIComponent(new URL(parts.postgres.appUrl).username);
  if (login === decodeURIComponent(new URL(parts.postgres.ownerUrl).username)) return;
  // As the owner, who made the groups and so may grant them.
  await withClient(parts.postgres.ownerUrl, (client) =>
    client.query(`GRANT nx_app, nx_worker TO ${client.escapeIdentifier(login)}`),
  );
}
