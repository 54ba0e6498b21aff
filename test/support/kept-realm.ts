import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { realmEnvironment } from '../../embedded/keep-realm.js';
import { keepRealm } from '../../src/administration/realm/keep-realm.js';
import { loadRealmConfig } from '../../src/config/realm-config.js';
import { createRealmOwner } from '../../src/keycloak-gateway/index.js';
import type { Logger } from '../../src/telemetry/logger.js';
import { testParts } from '../parts.js';

export interface Line {
  msg: string;
  path?: string;
  from?: string;
  to?: string;
}

/** The job's environment for a realm of the test's own; realm nx stays as the other tests know it. */
export const jobEnvironment = (realm: string, extra: Record<string, string> = {}) => ({
  ...realmEnvironment(testParts()),
  IDENTITY_KEYCLOAK_REALM: realm,
  ...extra,
});

/** What the job does after the database, in this process; answers the lines that it logs. */
export async function keep(
  realm: string,
  options: { dryRun?: boolean; extra?: Record<string, string> } = {},
): Promise<Line[]> {
  const lines: Line[] = [];
  const log = (fields: object, msg: string) => lines.push({ ...fields, msg });
  const config = loadRealmConfig(jobEnvironment(realm, options.extra));
  if (!config) throw new Error('no credential');
  const logger = { info: log, warn: log } as unknown as Logger;
  await keepRealm({ config, logger, dryRun: options.dryRun ?? false });
  return lines;
}

/** Paths of the lines that tell a difference. */
export const paths = (lines: readonly Line[]): string[] => lines.flatMap(({ path }) => path ?? []);

/** Every right in this realm; keeps its token fresh. */
export const ownerOf = (realm: string): KcAdminClient => {
  const { url, adminClientId: clientId, adminClientSecret: clientSecret } = testParts().keycloak;
  return createRealmOwner({ url, ownRealm: 'master', clientId, clientSecret, realm });
};

/**
 * The whole realm but its people, with what is random or the realm's own name taken out.
 * @param without clients that are no part of it, such as those that other tests made
 */
export async function portrait(realm: string, without: readonly string[] = []): Promise<unknown> {
  const exported = await ownerOf(realm).realms.export({
    realm,
    exportClients: true,
    exportGroupsAndRoles: true,
  });
  // A realm once updated as a whole repeats settings among its attributes.
  const attributes = Object.entries(exported.attributes ?? {}).filter(([name]) => !(name in exported));
  const clients = (exported.clients ?? []).filter(({ clientId = '' }) => !without.includes(clientId));
  const ofClients = Object.entries(exported.roles?.client ?? {}).filter(([name]) => !without.includes(name));
  const roles = { ...exported.roles, client: Object.fromEntries(ofClients) };
  // Not the realm's name, though the imported one has the same.
  const loginTheme = `theme ${exported.loginTheme}`;
  return sorted(
    { ...exported, attributes: Object.fromEntries(attributes), clients, roles, loginTheme },
    realm,
  );
}

const RANDOM = new Set([
  'id',
  'containerId',
  '_id',
  'parentId',
  'client.secret.creation.time',
  'createdTimestamp',
  'notBefore', // everybody was signed out then: no setting
]);
/** Key providers hold generated keys. */
const GENERATED = new Set(['org.keycloak.keys.KeyProvider']);

function sorted(value: unknown, realm: string): unknown {
  if (value === realm) return '<realm>';
  if (typeof value === 'string' && value.startsWith('{"')) return sorted(JSON.parse(value), realm);
  if (typeof value === 'string') return value.replaceAll(`/${realm}/`, '/<realm>/');
  if (Array.isArray(value)) {
    const texts = value.map((item) => JSON.stringify(sorted(item, realm)));
    return texts.sort().map((text) => JSON.parse(text));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !RANDOM.has(name) && !GENERATED.has(name))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, sorted(item, realm)]),
  );
}
