import { findRealmTimeProblems } from './administration/realm-times.js';
import { composeServer } from './compose.js';
import { type Listener, listen } from './http/listen.js';
import { serveMetrics } from './http/serve-metrics.js';
import type { Infrastructure } from './infrastructure.js';
import type { Running } from './running.js';
import { readKeyFiles } from './tokens/index.js';

const ASK_AGAIN_MS = 1000;

/**
 * The HTTP process. It listens at once and says in `/readyz` what is still missing.
 * @throws UnusableKeys before anything listens (T4)
 * @param onUnusable called when Keycloak, once it is there, turns out to be set up against us (D4)
 */
export async function startServer(
  infrastructure: Infrastructure,
  onUnusable: (problems: string[]) => void,
): Promise<Running & { port: number; metricsPort: number }> {
  const { config, logger } = infrastructure;
  const { handle, readiness, lease } = await composeServer(
    infrastructure,
    readKeyFiles(config.tokens.keysDir),
  );
  const listener = await listen({ ...config.http, handle });
  const metricsListener = await listenForMetrics(infrastructure);
  logger.info({ port: listener.port, issuer: config.tokens.issuer }, 'listening');
  await lease.start();
  await readiness.start();
  const stopChecking = checkRealm(infrastructure, onUnusable);
  return {
    port: listener.port,
    metricsPort: metricsListener.port,
    async stop() {
      readiness.stop();
      stopChecking();
      await Promise.all([listener.close(), metricsListener.close()]);
      await lease.release();
    },
  };
}

/** On a port of its own that no gateway routes: the figures are for the operator (contract §3). */
function listenForMetrics({ config, metrics }: Infrastructure): Promise<Listener> {
  return listen({
    host: config.http.host,
    port: config.http.metricsPort,
    handle: serveMetrics(metrics),
  });
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
