import { z } from 'zod';

/** One session of a list (contract §4, §5b). */
export const sessionSchema = z.object({
  id: z.string(),
  clientId: z.string(),
  device: z.object({
    name: z.string().nullable().describe('Such as "Chrome on Windows"'),
    type: z.enum(['desktop', 'mobile', 'tablet', 'tv']).nullable(),
  }),
  address: z.string().nullable(),
  amr: z.array(z.string()).describe('How the person proved themselves (RFC 8176)'),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});

export const sessionIdSchema = z.string().regex(/^\d{1,20}$/);
