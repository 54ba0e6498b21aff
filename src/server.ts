import { findRealmTimeProblems } from './administration/realm-times.js';
import { startChore } from './chore.js';
import { composeServer } from './compose.js';
import { listen } from './http/listen.js';
import type { Infrastructure } from './infrastructure.js';
import { listenForMetrics } from './listen-for-metrics.js';
import type { Running } from './running.js';
import { readKeyFiles } from './tokens/index.js';

const ASK_AGAIN_MS = 1000;
/** Bytes: here a monstrous credential is refused like every other, with a 401 in the same time (P7). */
const INTERNAL_MAX_HEADER_SIZE = 256 * 1024;

/**
 * The HTTP process. It listens at once and says in `/readyz` what is still missing.
 * @throws UnusableKeys before anything listens (T4)
 * @param onUnusable called when Keycloak, once it is there, turns out to be set up against us (D4)
 */
export async function startServer(
  infrastructure: Infrastructure,
  onUnusable: (problems: string[]) => void,
): Promise<Running & { port: number; metricsPort: number; internalPort: number }> {
  const { config, logger } = infrastructure;
  const {
    handle,
    handleInternal,
    readiness,
    lease,
    keys,
    statusLists,
    policyFeed,
    closeSenders,
    startDesk,
    settled,
  } = await composeServer(infrastructure, readKeyFiles(config.tokens.keysDir));
  const listener = await listen({ ...config.http, handle });
  const metricsListener = await listenForMetrics(infrastructure);
  const internalListener = await listen({
    ...config.internal,
    maxHeaderSize: INTERNAL_MAX_HEADER_SIZE,
    handle: handleInternal,
  });
  logger.info(
    { port: listener.port, internalPort: internalListener.port, issuer: config.tokens.issuer },
    'listening',
  );
  await keys.keep.work().catch(() => undefined); // ready at once where all is well; else the chore says what isn't
  const keeping = startChore(keys.keep, logger);
  await lease.start();
  await readiness.start();
  const lookingForRevocations = statusLists.start();
  const desk = startDesk();
  const stopChecking = checkRealm(infrastructure, onUnusable);
  return {
    port: listener.port,
    metricsPort: metricsListener.port,
    internalPort: internalListener.port,
    async stop() {
      readiness.stop();
      stopChecking();
      await lookingForRevocations.stop();
      await policyFeed.stop();
      await Promise.all([listener, metricsListener, internalListener].map((each) => each.close()));
      closeSenders();
      await desk.stop();
      await settled();
      await keeping.stop();
      await keys.ring.leave();
      await lease.release();
    },
  };
}

/** Asks until Keycloak has answered once. */
function checkRealm({ admin, config }: Infrastructure, onUnusable: (problems: string[]) => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const ask = async () => {
    try {
      const problems = await findRealmTimeProblems(admin, config.sessions);
      if (problems.length > 0) onUnusable(problems);
    } catch {
      if (!stopped) timer = setTimeout(() => void ask(), ASK_AGAIN_MS).unref();
    }
  };
  void ask();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
