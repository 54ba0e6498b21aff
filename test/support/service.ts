import { setTimeout as sleep } from 'node:timers/promises';
import { serviceEnvironment } from '../../embedded/service-environment.js';
import { loadConfig } from '../../src/config/config.js';
import { createInfrastructure, type Infrastructure } from '../../src/infrastructure.js';
import { startServer } from '../../src/server.js';
import { createLogger, type Logger } from '../../src/telemetry/logger.js';
import { startWorker } from '../../src/worker.js';
import { testParts } from '../parts.js';

export interface TestService {
  url: string;
  metricsUrl: string;
  internalUrl: string;
  infrastructure: Infrastructure;
  stop(): Promise<void>;
}

/** Limits and time-outs that no test reaches by accident, on a busy machine too; a test of one sets its own. */
const PATIENT = {
  IDENTITY_KEYCLOAK_TIMEOUT_MS: '20000',
  IDENTITY_ANSWER_BEAT_MS: '0',
  IDENTITY_LIMIT_SIGN_IN_PER_IDENTIFIER: '100000',
  IDENTITY_LIMIT_SIGN_IN_PER_ADDRESS: '100000',
  IDENTITY_LIMIT_REFRESH_PER_SESSION: '100000',
  IDENTITY_LIMIT_REFRESH_PER_ADDRESS: '100000',
  IDENTITY_LIMIT_OTP_PER_ADDRESS: '100000',
  IDENTITY_LIMIT_OTP_PER_ADDRESS_BLOCK: '100000',
  IDENTITY_LIMIT_SERVICE_PER_NAME: '100000',
  IDENTITY_LIMIT_SERVICE_PER_ADDRESS: '100000',
};

/** One replica of the service in this process, from the sources, on a free port, against the real parts. */
export async function startService(
  overrides: Record<string, string> = {},
  options: { worker?: boolean; ready?: boolean; logger?: Logger } = {},
): Promise<TestService> {
  const environment = {
    ...serviceEnvironment(testParts()),
    ...PATIENT,
    LOG_LEVEL: 'silent',
    IDENTITY_PORT: '0',
    IDENTITY_METRICS_PORT: '0',
    IDENTITY_INTERNAL_PORT: '0',
    ...overrides,
    // Refused without development tools.
    ...(overrides.IDENTITY_DEV_TOOLS === '0'
      ? { IDENTITY_DEV_INBOX_URL: '', IDENTITY_DEV_INBOX_SMTP_URL: '' }
      : {}),
  };
  const config = loadConfig(environment);
  const infrastructure = createInfrastructure(
    config,
    options.logger ?? createLogger({ level: config.logLevel }),
  );
  const server = await startServer(infrastructure, (problems) => {
    throw new Error(problems.join('; '));
  });
  const worker = options.worker ? startWorker(infrastructure) : undefined;
  const url = `http://127.0.0.1:${server.port}`;
  if (options.ready !== false) await untilReady(url);
  return {
    url,
    metricsUrl: `http://127.0.0.1:${server.metricsPort}/metrics`,
    internalUrl: `http://127.0.0.1:${server.internalPort}/internal/identity`,
    infrastructure,
    async stop() {
      await Promise.all([server.stop(), worker?.stop()]);
      await infrastructure.close();
    },
  };
}

async function untilReady(url: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const response = await fetch(`${url}/v1/api/identity/readyz`);
    if (response.ok) return;
    if (performance.now() > deadline) throw new Error(`not ready: ${await response.text()}`);
    await sleep(100);
  }
}
