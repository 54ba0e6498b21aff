import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { APP_ROLE, OWNER_ROLE } from './databases.js';
import type { PartsDescription, RealmUrls } from './parts.js';
import type { Ports } from './ports.js';
import { type Secrets, writePrivately } from './secrets-file.js';
import { StartFailure } from './start-failure.js';

/** Parts that the person runs by themselves, by the same names as the service's own settings. */
export interface External {
  postgres?: { appUrl: string; ownerUrl: string };
  redis?: { url: string };
  keycloak?: { url: string; clientSecretFile: string; adminClientId: string; adminClientSecret: string };
}

/** What the environment gives is not started here. Names every missing companion at once. */
export function externalFromEnvironment(env: NodeJS.ProcessEnv): External {
  const problems: string[] = [];
  const companion = (name: string, because: string): string => {
    if (!env[name]) problems.push(`${because} is set, so ${name} has to be set too`);
    return env[name] ?? '';
  };
  const external: External = {};
  if (env.DATABASE_URL) {
    external.postgres = {
      appUrl: env.DATABASE_URL,
      ownerUrl: companion('DATABASE_OWNER_URL', 'DATABASE_URL'),
    };
  }
  if (env.REDIS_URL) external.redis = { url: env.REDIS_URL };
  if (env.IDENTITY_KEYCLOAK_URL) {
    external.keycloak = {
      url: env.IDENTITY_KEYCLOAK_URL,
      clientSecretFile: companion('IDENTITY_KEYCLOAK_CLIENT_SECRET_FILE', 'IDENTITY_KEYCLOAK_URL'),
      adminClientId: env.NX_KEYCLOAK_ADMIN_CLIENT_ID ?? '',
      adminClientSecret: env.NX_KEYCLOAK_ADMIN_CLIENT_SECRET ?? '',
    };
  }
  if (problems.length > 0) throw new StartFailure(problems.join('\n'));
  return external;
}

const HOST = '127.0.0.1';

export function databaseUrl(port: number, database: string, user: string, password: string): string {
  return `postgresql://${user}:${password}@${HOST}:${port}/${database}`;
}

function describePostgres(external: External, ports: Ports, secrets: Secrets): PartsDescription['postgres'] {
  if (external.postgres) {
    const { hostname, port } = new URL(external.postgres.ownerUrl);
    return { host: hostname, port: Number(port || 5432), ...external.postgres, superUrl: '' };
  }
  const url = (user: string, password: string) => databaseUrl(ports.postgres, 'nx_identity', user, password);
  return {
    host: HOST,
    port: ports.postgres,
    ownerUrl: url(OWNER_ROLE, secrets.ownerPassword),
    appUrl: url(APP_ROLE, secrets.appPassword),
    superUrl: url('postgres', secrets.postgresPassword),
  };
}

function describeKeycloak(external: External, dataDir: string, ports: Ports, secrets: Secrets) {
  const names = { realm: 'nx', clientId: 'nx-identity' };
  const adminClientSecret = external.keycloak?.adminClientSecret ?? secrets.keycloakAdminClientSecret;
  const adminClientSecretFile = adminClientSecret && join(dataDir, 'keycloak-admin-client-secret');
  if (adminClientSecretFile) writePrivately(adminClientSecretFile, `${adminClientSecret}\n`);
  if (external.keycloak) {
    const clientSecret = readFileSync(external.keycloak.clientSecretFile, 'utf8').trim();
    const given = { ...external.keycloak, adminClientSecretFile, clientSecret };
    return {
      ...names,
      ...given,
      bridgeSecret: '',
      bridgeSecretFile: '',
      mailKeyFile: '',
      managementUrl: '',
      logFile: '',
    };
  }
  const clientSecretFile = join(dataDir, 'keycloak-client-secret');
  writePrivately(clientSecretFile, `${secrets.keycloakClientSecret}\n`);
  const bridgeSecretFile = join(dataDir, 'keycloak-bridge-secret');
  writePrivately(bridgeSecretFile, `${secrets.keycloakBridgeSecret}\n`);
  const mailKeyFile = join(dataDir, 'keycloak-mail-keys');
  writePrivately(mailKeyFile, `${createHash('sha256').update(secrets.keycloakMailKey).digest('base64')}\n`);
  return {
    ...names,
    url: `http://localhost:${ports.keycloak}`,
    clientSecret: secrets.keycloakClientSecret,
    clientSecretFile,
    bridgeSecret: secrets.keycloakBridgeSecret,
    bridgeSecretFile,
    mailKeyFile,
    adminClientId: 'nx-embedded-admin',
    adminClientSecret,
    adminClientSecretFile,
    managementUrl: `http://${HOST}:${ports.keycloakManagement}`,
    logFile: join(dataDir, 'logs', 'keycloak.log'),
  };
}

export const inboxSmtpUrl = (ports: Pick<Ports, 'inboxSmtp'>) => `smtp://${HOST}:${ports.inboxSmtp}`;

/** Where everything is or will be. Also writes Keycloak's secrets to the files that they are read from. */
export function describeParts(
  dataDir: string,
  ports: Ports,
  secrets: Secrets,
  external: External,
  realmUrls: RealmUrls,
): PartsDescription {
  return {
    postgres: describePostgres(external, ports, secrets),
    redis: external.redis ?? { url: `redis://:${secrets.redisPassword}@${HOST}:${ports.redis}` },
    keycloak: describeKeycloak(external, dataDir, ports, secrets),
    service: {
      port: ports.service,
      metricsPort: ports.metrics,
      internalPort: ports.internal,
      url: `http://${HOST}:${ports.service}`,
    },
    realmUrls,
    inbox: { url: `http://${HOST}:${ports.inbox}`, smtpUrl: inboxSmtpUrl(ports) },
    keysDir: join(dataDir, 'keys'),
    dataDir,
  };
}
