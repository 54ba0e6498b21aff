import { createHash } from 'node:crypto';
import { createTransport, type Transporter } from 'nodemailer';
import type { SmtpCredential, SmtpSettings } from './smtp-settings.js';

/** Milliseconds. A server that doesn't greet is away; one that stops talking may have taken the mail. */
const CONNECT_TIMEOUT = 5000;
const SILENCE_TIMEOUT = 10_000;
/** A name is resolved again, and what is not used let go, after this. */
const KEPT_MS = 300_000;
const KEPT_AT_MOST = 50;

export interface SmtpTransports {
  /** A pool of connections for these settings. @param resolve throws for a host that must not be called */
  open(
    settings: SmtpSettings,
    credential: SmtpCredential | undefined,
    resolve: (host: string) => Promise<string>,
  ): Promise<Transporter>;
  close(): void;
}

/** @param monotonicNow milliseconds that never jump */
export function createSmtpTransports(options: { monotonicNow: () => number }): SmtpTransports {
  const { monotonicNow } = options;
  const pools = new Map<string, { transporter: Transporter; until: number }>();

  function drop(key: string): void {
    pools.get(key)?.transporter.close(); // lets what is under way end
    pools.delete(key);
  }

  return {
    async open(settings, credential, resolve) {
      const key = createHash('sha256')
        .update(JSON.stringify([settings, credential]))
        .digest('base64url');
      for (const [each, { until }] of pools) if (monotonicNow() >= until) drop(each);
      const known = pools.get(key);
      if (known) return known.transporter;
      const [oldest] = pools.keys();
      if (pools.size >= KEPT_AT_MOST && oldest !== undefined) drop(oldest);
      const address = await resolve(settings.host);
      const transporter = createTransport({
        pool: true,
        maxConnections: 5,
        host: address,
        port: settings.port,
        secure: settings.security === 'tls',
        requireTLS: settings.security === 'starttls',
        ignoreTLS: settings.security === 'none',
        // The address is pinned; the certificate is the name's.
        tls: { servername: settings.host },
        ...(credential ? { auth: credential } : {}),
        connectionTimeout: CONNECT_TIMEOUT,
        greetingTimeout: CONNECT_TIMEOUT,
        socketTimeout: SILENCE_TIMEOUT,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      pools.set(key, { transporter, until: monotonicNow() + KEPT_MS });
      return transporter;
    },
    close() {
      for (const key of [...pools.keys()]) drop(key);
    },
  };
}
