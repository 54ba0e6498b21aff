import { z } from 'zod';

const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];

/** Why a text is no redirect URI; undefined when it is one. */
function fault(text: string): string | undefined {
  if (!URL.canParse(text)) return 'must be an absolute URI';
  const { protocol, hostname, username, password, href, hash } = new URL(text);
  if (text.includes('#') || hash !== '') return 'must have no fragment'; // RFC 6749 §3.1.2
  if (username !== '' || password !== '') return 'must name nobody';
  if (text.includes('*')) return 'must hold no wildcard: it is compared as text';
  const isLoopback = protocol === 'http:' && LOOPBACK.includes(hostname);
  if (protocol !== 'https:' && !isLoopback) return 'must be https, or http on the loopback interface';
  // Compared as text (RFC 9700 §2.1): what a browser would write otherwise could never be equal.
  if (href !== text && href !== `${text}/`) return 'must be written as a browser writes it';
  return undefined;
}

/** Where a browser may be sent back to with a code: exactly this text. */
export const redirectUri = z
  .string()
  .min(1)
  .max(2000)
  .superRefine((text, context) => {
    const message = fault(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  })
  .describe('https, or http on the loopback interface; compared as text');
