import { z } from 'zod';
import type { Database } from '../../database/database.js';
import { BASE } from '../../http/base-path.js';
import { defineRoute, type Route } from '../../http/route.js';
import { readSigningKeys } from './signing-key.js';

const moment = z.date().meta({ format: 'date-time' });
const orNull = moment.nullable();
const keySchema = z.object({
  kid: z.string(),
  alg: z.enum(['ES256', 'RS256']),
  state: z.enum(['next', 'current', 'previous', 'retired']),
  createdAt: moment,
  publishedAt: orNull.describe('Since when every replica shows it'),
  activatedAt: orNull,
  supersededAt: orNull,
  lastTokenExpiresBy: orNull,
  retiredAt: orNull,
  revokedAt: orNull.describe('Retired because somebody else may hold it'),
});

/** The keys that sign access tokens, for platform administrators (T5). */
export function keyRoutes(database: Database): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: `${BASE}/keys`,
      summary: 'The keys that sign access tokens, the newest first, and how far their rotation is',
      tag: 'administration',
      access: { role: '900_admin' },
      responses: { 200: { description: 'Every key there ever was', schema: z.array(keySchema) } },
      handle: async () => ({ status: 200, body: await readSigningKeys(database) }),
    }),
  ];
}
