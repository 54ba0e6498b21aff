import { z } from 'zod';
import { by } from '../audit/index.js';
import { BASE } from '../http/base-path.js';
import { pageDescription, pageFields, pageReply } from '../http/page.js';
import { type Caller, defineRoute, type Route } from '../http/route.js';
import { userErrors } from './errors.js';
import { userSchema, userStatus } from './user.js';
import type { UserDirectory } from './user-directory.js';

const USERS = `${BASE}/users`;
const tag = 'administration';
const access = { role: '900_admin' } as const;
const userId = z.string().regex(/^\d{1,20}$/);
const params = z.object({ userId });
const value = z
  .string()
  .min(1)
  .max(320)
  .regex(/^\P{Cc}+$/u)
  .meta({
    pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]+$',
  });

const pageQuery = z
  .strictObject({
    email: value.optional(),
    phone: value.optional().describe('In any spelling'),
    username: value.optional(),
    ...pageFields(userId),
  })
  .refine(({ email, phone, username }) => [email, phone, username].filter(Boolean).length <= 1, {
    error: 'names more than one identifier',
  });

/** People of the platform (contract §5b), for its administrators. */
export function userRoutes(options: {
  users: UserDirectory;
  /** Refuses whoever does not administer the platform by now, whatever their token says. */
  requirePlatform: (caller: Caller) => Promise<void>;
}): Route[] {
  const { users, requirePlatform } = options;
  return [
    defineRoute({
      method: 'get',
      path: USERS,
      summary: 'People by id, or whoever has exactly this e-mail address, phone number or user name',
      description: pageDescription,
      tag,
      access,
      admit: requirePlatform,
      query: pageQuery,
      responses: { 200: { description: 'A page', schema: z.array(userSchema) } },
      async handle({ query, visitor }, caller) {
        const { limit, cursor, ...identifiers } = query;
        const scheme = (['email', 'phone', 'username'] as const).find((one) => identifiers[one]);
        const identifier = scheme && { scheme, value: identifiers[scheme] ?? '' };
        return pageReply(USERS, query, await users.list({ identifier, limit, cursor }, by(caller, visitor)));
      },
    }),
    defineRoute({
      method: 'get',
      path: `${USERS}/{userId}`,
      summary: 'A person',
      tag,
      access,
      admit: requirePlatform,
      params,
      responses: { 200: { description: 'The person', schema: userSchema } },
      handle: async ({ params: { userId: id }, visitor }, caller) => ({
        status: 200,
        body: await users.find(id, by(caller, visitor)),
      }),
    }),
    defineRoute({
      method: 'patch',
      path: `${USERS}/{userId}`,
      summary: 'Suspend a person, or let them back in',
      description:
        'Who is suspended has no session, no right, and can’t sign in, here or in Keycloak; a sign-in of theirs is refused ' +
        'as every other is.',
      tag,
      access,
      recentSignIn: true,
      admit: requirePlatform,
      params,
      body: z.strictObject({ status: userStatus }),
      responses: { 200: { description: 'Changed', schema: userSchema } },
      problems: [userErrors.deleted],
      handle: async ({ params: { userId: id }, body, visitor }, caller) => ({
        status: 200,
        body: await users.setStatus(id, body.status, by(caller, visitor)),
      }),
    }),
  ];
}
