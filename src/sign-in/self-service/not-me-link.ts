import { hkdfSync } from 'node:crypto';
import { z } from 'zod';
import { createSealedText } from '../../database/sealed-text.js';

const LIFE_MS = 7 * 24 * 3600 * 1000;
const CONTEXT = 'not-me link';
const linkSchema = z.strictObject({ userId: z.string(), expiresAt: z.number() });

/** Links for "it wasn't me": they end the sessions of one person, for a week, and are of no other use. */
export interface NotMeLinks {
  make(userId: string): string;
  /** The person, or undefined for what is too old or not ours. */
  read(token: string): string | undefined;
}

/** @param page the address of the page that asks for a click @param now milliseconds */
export function createNotMeLinks(options: { secret: Buffer; page: string; now: () => number }): NotMeLinks {
  const { secret, page, now } = options;
  const sealed = createSealedText(Buffer.from(hkdfSync('sha256', secret, '', 'nx-identity not-me link', 32)));
  return {
    make: (userId) =>
      `${page}?token=${sealed.seal(JSON.stringify({ userId, expiresAt: now() + LIFE_MS }), CONTEXT)}`,
    read(token) {
      try {
        const { userId, expiresAt } = linkSchema.parse(JSON.parse(sealed.open(token, CONTEXT)));
        return expiresAt > now() ? userId : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
