import { types } from 'node:util';
import { type Logger, pino } from 'pino';

export type { Logger };

/** Names that must never reach a log line, wherever they stand in an object (R5). */
const SECRETS = [
  'password',
  'value',
  'totp',
  'credential',
  'token',
  'accessToken',
  'refreshToken',
  'subject_token',
  'authorization',
  'cookie',
  'secret',
  'clientSecret',
  'apiKey',
  'secretKey',
  'sercretKey', // VNPAY's own spelling
  'shortMessage',
  'body',
];

/** Structured logs on stdout (R5). pino escapes control characters, so a hostile text stays on one line. */
export function createLogger(options: { level: string; name?: string }): Logger {
  return pino({
    name: options.name ?? 'nx-identity',
    level: options.level,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[redacted]' },
    serializers: { err: describeError },
  });
}

/** Class, code, message and stack; not the properties, where libraries keep requests and responses. */
function describeError(error: unknown): unknown {
  if (!types.isNativeError(error)) return { type: typeof error };
  return {
    type: error.name,
    code: (error as NodeJS.ErrnoException).code,
    message: error.message,
    stack: error.stack,
    ...(error.cause ? { cause: describeError(error.cause) } : {}),
  };
}
