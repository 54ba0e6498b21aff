import { z } from 'zod';
import { createSealedJson } from '../../database/sealed-json.js';

const LIFE_MS = 7 * 24 * 3600 * 1000;
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
  const sealed = createSealedJson({ secret, use: 'not-me link', schema: linkSchema });
  return {
    make: (userId) => `${page}?token=${sealed.seal({ userId, expiresAt: now() + LIFE_MS })}`,
    read(token) {
      const link = sealed.open(token);
      return link && link.expiresAt > now() ? link.userId : undefined;
    },
  };
}
