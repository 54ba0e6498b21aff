import pg from 'pg';
import type { Logger } from '../telemetry/logger.js';

const RECONNECT_MS = 2000;

/**
 * Calls `onNotice` for each NOTIFY on the channel, and once after each connect, since what came before was not
 * heard. A lost connection is made anew; nobody may rely on being told in time.
 * @param url straight to PostgreSQL: a transaction-mode pooler can't carry LISTEN (D9)
 * @returns ends the listening
 */
export function listenChannel(options: {
  url: string;
  channel: string;
  onNotice: () => void;
  logger: Logger;
}): () => Promise<void> {
  const { url, channel, onNotice, logger } = options;
  let stopped = false;
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const next = new pg.Client({
      connectionString: url,
      application_name: 'nx-identity-listen',
      connectionTimeoutMillis: 5000,
      keepAlive: true,
    });
    client = next;
    next.on('notification', onNotice);
    next.on('error', (error) => logger.warn({ err: error }, 'the connection that listens was lost'));
    next.once('end', () => {
      if (!stopped) timer = setTimeout(() => void connect(), RECONNECT_MS).unref();
    });
    try {
      await next.connect();
      await next.query(`LISTEN ${next.escapeIdentifier(channel)}`);
      onNotice();
    } catch (error) {
      logger.warn({ err: error }, 'could not listen');
      await next.end().catch(() => undefined);
    }
  }

  void connect();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await client?.end().catch(() => undefined);
  };
}
