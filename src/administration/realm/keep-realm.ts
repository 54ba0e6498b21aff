import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RealmConfig } from '../../config/realm-config.js';
import { createRealmOwner } from '../../keycloak-gateway/index.js';
import type { Logger } from '../../telemetry/logger.js';
import { loadDeclaration } from './declaration.js';
import { reconcileRealm } from './reconcile-realm.js';
import type { RecordRepair } from './record-repair.js';

const MESSAGES = {
  repaired: 'realm: repaired',
  differs: 'realm: differs',
  left: 'realm: differs, left as it is (IDENTITY_REALM_SET_SECRETS=1 would set it)',
};

/** The realm's part of the migration job: one log line per difference, and how many there were. */
export async function keepRealm(options: {
  config: RealmConfig;
  logger: Logger;
  dryRun: boolean;
  /** Writes a repair into the audit trail, as soon as it is done. */
  record?: RecordRepair;
}): Promise<number> {
  const { config, logger, dryRun, record } = options;
  const { declaration, secrets } = loadDeclaration({
    file: config.file ?? shippedDeclaration(),
    realm: config.owner.realm,
    lookUp: config.lookUp,
    atLeast: config.atLeast,
  });
  const found = await reconcileRealm({
    connect: () => createRealmOwner(config.owner),
    declaration,
    secrets: [...secrets, config.owner.clientSecret],
    setSecrets: config.setSecrets,
    dryRun,
    async tell(what, difference) {
      logger[what === 'left' ? 'warn' : 'info'](difference, MESSAGES[what]);
      if (what === 'repaired') await record?.(config.owner.realm, difference);
    },
  });
  logger.info({ realm: config.owner.realm, differences: found }, summary(found, dryRun));
  return found;
}

function summary(found: number, dryRun: boolean): string {
  if (found === 0) return 'realm: nothing changed, it is as declared';
  return dryRun ? 'realm: not as declared; nothing was written' : 'realm: now as declared';
}

/** keycloak/realm/nx-realm.json beside package.json, from src/ and from dist/src/. */
function shippedDeclaration(): string {
  const name = join('keycloak', 'realm', 'nx-realm.json');
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, name))) {
    if (folder === dirname(folder)) throw new Error(`${name} is nowhere above ${import.meta.url}`);
    folder = dirname(folder);
  }
  return join(folder, name);
}
