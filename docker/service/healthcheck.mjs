// Whether this process lives: a server by /healthz, a worker, which serves nothing else, by its metrics.
const { RUN_MODE, IDENTITY_PORT = '3000', IDENTITY_METRICS_PORT = '9464' } = process.env;
const url =
  RUN_MODE === 'worker'
    ? `http://127.0.0.1:${IDENTITY_METRICS_PORT}/metrics`
    : `http://127.0.0.1:${IDENTITY_PORT}/v1/api/identity/healthz`;
const answer = await fetch(url, { signal: AbortSignal.timeout(4000) }).catch(() => undefined);
process.exit(answer?.ok ? 0 : 1);
