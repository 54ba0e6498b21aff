import { type Listener, listen } from './http/listen.js';
import { serveMetrics } from './http/serve-metrics.js';
import type { Infrastructure } from './infrastructure.js';

/** On a port of its own that no gateway routes: the figures are for the operator (contract §3). */
export function listenForMetrics({ config, metrics }: Infrastructure): Promise<Listener> {
  return listen({
    host: config.http.host,
    port: config.http.metricsPort,
    handle: serveMetrics(metrics),
  });
}
