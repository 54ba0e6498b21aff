import { z } from 'zod';
import { requestErrors } from '../errors/request-errors.js';
import { BASE } from '../http/base-path.js';
import { pageFields, pageReply } from '../http/page.js';
import { type Caller, defineRoute, type Route } from '../http/route.js';
import { type FindAdministrator, requirePlatform } from './administrator.js';
import { policyErrors } from './errors.js';
import { plainId } from './policy-schema.js';
import type { RoleCatalogue } from './role-catalogue.js';
import {
  newPermissionSchema,
  newRoleSchema,
  permissionRowSchema,
  roleChangeSchema,
  roleSchema,
} from './role-schema.js';

const ROLES = `${BASE}/roles`;
const PERMISSIONS = `${BASE}/permissions`;
const tag = 'policies';
const access = { token: 'platform' } as const;
const pageQuery = z.strictObject(pageFields(plainId));
const description = 'Administrators of the platform alone.';
const problems = [policyErrors.not_administrator, requestErrors.role_missing];

/** Roles and permissions (contract §5b): read by whoever administers rights, made by administrators of the platform. */
export function roleRoutes(options: {
  findAdministrator: FindAdministrator;
  catalogue: RoleCatalogue;
}): Route[] {
  const { findAdministrator, catalogue } = options;
  const admit = async ({ userId }: Caller): Promise<void> => {
    await findAdministrator(userId);
  };
  const admitWriter = async (caller: Caller): Promise<void> => {
    requirePlatform(await findAdministrator(caller.userId));
  };

  return [
    defineRoute({
      method: 'get',
      path: ROLES,
      summary: 'The roles that somebody can be given',
      tag,
      access,
      admit,
      query: pageQuery,
      responses: { 200: { description: 'A page', schema: z.array(roleSchema) } },
      problems,
      handle: async ({ query }) => pageReply(ROLES, query, await catalogue.roles(query)),
    }),
    defineRoute({
      method: 'post',
      path: ROLES,
      summary: 'A new role; the number that its identifier begins with is its priority',
      description,
      tag,
      access,
      recentSignIn: true,
      admit: admitWriter,
      body: newRoleSchema,
      responses: { 201: { description: 'Made', schema: roleSchema } },
      problems: [...problems, policyErrors.exists],
      handle: async ({ body, visitor }, { userId }) => ({
        status: 201,
        body: await catalogue.createRole(body, { userId, visitor }),
      }),
    }),
    defineRoute({
      method: 'patch',
      path: `${ROLES}/{id}`,
      summary: 'Another name or description, or an end to what a role confers',
      description,
      tag,
      access,
      recentSignIn: true,
      admit: admitWriter,
      params: z.object({ id: plainId }),
      body: roleChangeSchema,
      responses: { 200: { description: 'Changed', schema: roleSchema } },
      problems: [...problems, policyErrors.role_fixed, policyErrors.last_administrator],
      handle: async ({ params, body, visitor }, { userId }) => ({
        status: 200,
        body: await catalogue.changeRole(params.id, body, { userId, visitor }),
      }),
    }),
    defineRoute({
      method: 'get',
      path: PERMISSIONS,
      summary: 'What can be granted: an action on a kind of thing',
      tag,
      access,
      admit,
      query: pageQuery,
      responses: { 200: { description: 'A page', schema: z.array(permissionRowSchema) } },
      problems,
      handle: async ({ query }) => pageReply(PERMISSIONS, query, await catalogue.permissions(query)),
    }),
    defineRoute({
      method: 'post',
      path: PERMISSIONS,
      summary: 'A new permission, for rows of PolicyDefinition to grant',
      description,
      tag,
      access,
      recentSignIn: true,
      admit: admitWriter,
      body: newPermissionSchema,
      responses: { 201: { description: 'Made', schema: permissionRowSchema } },
      problems: [...problems, policyErrors.exists],
      handle: async ({ body, visitor }, { userId }) => ({
        status: 201,
        body: await catalogue.createPermission(body, { userId, visitor }),
      }),
    }),
  ];
}
