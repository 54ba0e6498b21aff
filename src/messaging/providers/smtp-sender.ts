import { types } from 'node:util';
import type { Transporter } from 'nodemailer';
import { renderMail } from '../templates/mail-templates.js';
import { RefusedAddress } from './public-address.js';
import type { Outcome, Sender } from './sender.js';

const TIMEOUT_MS = 25_000;

/**
 * Mail by SMTP. SMTP knows no idempotency key, so the same Message-ID is all that a second try can offer; one that
 * ended unclear is not made again at once.
 */
export function smtpSender(options: {
  /** Opens, or finds, the pool. */
  open: () => Promise<Transporter>;
  circuit: string;
  from: string;
  brand: string;
}): Sender {
  const { open, circuit, from, brand } = options;
  const domain = from.slice(from.lastIndexOf('@') + 1);
  return {
    name: 'smtp',
    circuit,
    timeoutMs: TIMEOUT_MS,
    unclearAtMost: 4,
    unclearAgain: 'next-round',
    prepare(content) {
      const { subject, text, html } = renderMail(content, brand);
      return {
        segments: 1,
        cost: 0,
        async send(messageId, signal) {
          try {
            const transporter = await open();
            const sent = await transporter.sendMail({
              from: { name: brand, address: from },
              to: { name: '', address: content.to },
              envelope: { from, to: [content.to] },
              messageId: `<${messageId}@${domain}>`,
              subject,
              text,
              ...(html === undefined ? {} : { html }),
              // RFC 3834 §5: nobody's holiday answers come back.
              headers: { 'Auto-Submitted': 'auto-generated' },
              signal,
            });
            return { outcome: 'accepted', status: String(sent.response ?? '').slice(0, 3) };
          } catch (error) {
            return readSmtpError(error);
          }
        },
      };
    },
  };
}

interface SmtpError extends Error {
  code?: string;
  originalCode?: string;
  responseCode?: number;
  timeoutType?: string;
}

const NEVER_SENT = new Set([
  'EDNS',
  'ETLS',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
const BEFORE_MAIL = new Set(['CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT']);

/** A class, and the code of the answer; never the banner or the words of a server. */
export function readSmtpError(error: unknown): Outcome {
  if (error instanceof RefusedAddress) return { outcome: 'refused', errorClass: 'address-refused' };
  if (!types.isNativeError(error)) return { outcome: 'unclear', errorClass: 'unknown' };
  const { code = '', originalCode = '', responseCode, timeoutType = '' } = error as SmtpError;
  const status = responseCode ? { status: String(responseCode) } : {};
  if (code === 'EAUTH' || code === 'ENOAUTH') {
    return { outcome: 'refused', temporary: true, errorClass: 'authentication', ...status };
  }
  if (responseCode) {
    const temporary = responseCode < 500;
    return { outcome: 'refused', temporary, errorClass: temporary ? 'busy' : 'refused', ...status };
  }
  if (NEVER_SENT.has(code) || NEVER_SENT.has(originalCode) || BEFORE_MAIL.has(timeoutType)) {
    return { outcome: 'unreachable', errorClass: code === 'ETLS' ? 'tls' : 'unreachable' };
  }
  if (code === 'EENVELOPE') return { outcome: 'refused', errorClass: 'refused' };
  return {
    outcome: 'unclear',
    errorClass: code === 'ETIMEDOUT' || code === 'EABORT' ? 'timeout' : 'connection-lost',
  };
}
