import { join } from 'node:path';
import { bootKeycloak } from './boot-keycloak.js';
import { createJdk } from './jdk.js';
import { buildKeycloak } from './keycloak-build.js';
import type { PartRunner, PartStart } from './part-runner.js';
import { startPostgres } from './postgres.js';
import { preparePostgresHome } from './postgres-home.js';
import { startRedis } from './redis.js';

const jdkOf = ({ supervisor, cacheDir, dataDir }: PartStart) =>
  createJdk(supervisor, cacheDir, join(dataDir, 'logs'));

/** The parts as processes of this machine, from packages that are fetched once. */
export const processes: PartRunner = {
  postgres: (start) =>
    startPostgres({
      ...start,
      home: preparePostgresHome(start.dataDir, start.cacheDir, start.secrets.cluster),
      port: start.ports.postgres,
      password: start.secrets.postgresPassword,
    }),
  redis: (start) =>
    startRedis({
      ...start,
      jdk: jdkOf(start),
      port: start.ports.redis,
      password: start.secrets.redisPassword,
    }),
  async keycloak(start, parts) {
    const { supervisor, progress, dataDir, cacheDir, ports, secrets, sources } = start;
    const build = await buildKeycloak({
      supervisor,
      jdk: jdkOf(start),
      progress,
      cacheDir,
      logDir: join(dataDir, 'logs'),
      ...sources,
    });
    return () => bootKeycloak({ supervisor, build, sources, parts, ports, secrets });
  },
};
