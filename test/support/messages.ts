import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serviceEnvironment } from '../../embedded/service-environment.js';
import { composeMessaging, startMessaging } from '../../src/compose-messaging.js';
import { loadConfig } from '../../src/config/config.js';
import { createCredentials } from '../../src/configurations/index.js';
import { createSealedText } from '../../src/database/sealed-text.js';
import { createInfrastructure } from '../../src/infrastructure.js';
import type { NewMessage } from '../../src/messaging/index.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { createMetrics } from '../../src/telemetry/metrics.js';
import { readMessageKeys } from '../../src/tokens/index.js';
import { testParts } from '../parts.js';
import { sql } from './database.js';

export const newId = () => (randomBytes(8).readBigUInt64BE() >> 1n).toString();

/** Providers as they are configured, instead of the development inbox. */
export const WITHOUT_INBOX = { IDENTITY_DEV_INBOX_URL: '', IDENTITY_DEV_INBOX_SMTP_URL: '' };

/** What the server has: promises, ledger and replay, against the real parts. */
export function startPromising(overrides: Record<string, string> = {}) {
  const config = loadConfig({
    ...serviceEnvironment(testParts()),
    ...WITHOUT_INBOX,
    LOG_LEVEL: 'silent',
    ...overrides,
  });
  const infrastructure = createInfrastructure(config, createLogger({ level: config.logLevel }));
  const keys = readMessageKeys(testParts().keysDir);
  const messaging = composeMessaging(infrastructure, keys, newId);
  return {
    ...messaging,
    infrastructure,
    promise: async (message: Partial<NewMessage> = {}) => {
      const { id } = await infrastructure.database.transaction((one) =>
        messaging.promiseMessage(one, { ...otpSms(), ...message }),
      );
      return id;
    },
    replay: (id: string) => infrastructure.database.transaction((one) => messaging.replayMessage(one, id)),
    /** A worker in this process. */
    startWorker: () => startMessaging({ ...infrastructure, metrics: createMetrics() }, keys),
    close: infrastructure.close,
  };
}

export const otpSms = (code = '482913'): NewMessage => ({
  channel: 'sms',
  to: '+84901000001',
  template: 'otp',
  language: 'vi',
  variables: { minutes: '5' },
  secret: { code },
  deadline: { seconds: 300 },
  merchantId: null,
  purpose: 'otp.phone-auth',
});

/** As an operator's call would write it, credential sealed to its row. */
export async function configure(
  code: string,
  data: Record<string, unknown>,
  credential?: Record<string, string>,
  merchantId: string | null = null,
): Promise<string> {
  const id = `test-${newId()}`;
  const envelope = credential && credentials().seal({ id, code, merchantId }, credential);
  await sql(
    'INSERT INTO public."Configuration" (id, code, merchant_id, data, credential) VALUES ($1, $2, $3, $4, $5)',
    [id, code, merchantId, JSON.stringify(data), envelope ?? null],
  );
  return id;
}

export const configurationKey = () =>
  Buffer.from(readFileSync(join(testParts().keysDir, 'configuration.key'), 'utf8').trim(), 'base64url');
export const credentials = () => createCredentials(createSealedText(configurationKey()));

/** Nothing promised, nothing configured. */
export async function forgetMessages(): Promise<void> {
  await sql('DELETE FROM identity."Message"');
  await sql('DELETE FROM identity."MessageSpend"');
  await sql(`DELETE FROM public."Configuration" WHERE code IN ('SMS_VNPAY', 'SMS_ESMS', 'MAIL_SMTP')`);
}

export interface MessageRow {
  status: string;
  error_class: string | null;
  sealed_secret: string | null;
  cost: string;
  rounds: number;
}

export async function messageRow(id: string): Promise<MessageRow> {
  const [row] = await sql<MessageRow>('SELECT * FROM identity."Message" WHERE id = $1', [id]);
  if (!row) throw new Error(`no message ${id}`);
  return row;
}

/** Waits until the ledger says so: nothing else tells when a worker in another process is done. */
export async function untilStatus(id: string, status: string, withinMs = 40_000): Promise<MessageRow> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const row = await messageRow(id);
    if (row.status === status) return row;
    if (performance.now() > deadline)
      throw new Error(`${id} is ${row.status} (${row.error_class}), not ${status}`);
    await sleep(50);
  }
}

export const attemptsOf = (id: string) =>
  sql<{ provider: string; provider_message_id: string; status: string; error_class: string | null }>(
    'SELECT * FROM identity."MessageAttempt" WHERE message_id = $1 ORDER BY number',
    [id],
  );
