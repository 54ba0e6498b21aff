import { randomBytes } from 'node:crypto';
import { call, post, signIn } from './call.js';
import { sql } from './database.js';
import { createPerson, type TestPerson } from './people.js';
import type { TestService } from './service.js';

export const newId = () => randomBytes(8).readBigUInt64BE().toString();

export interface TestBranch {
  id: string;
  name: string;
}

export interface TestWorkspace {
  id: string;
  tenantId: string;
  branches: TestBranch[];
}

const policy = (
  variant: string,
  subject: [string, string],
  target: [string, string],
  domain: string | null,
) =>
  sql(
    `INSERT INTO public."PolicyDefinition"
       (id, variant, subject_type, subject_id, target_type, target_id, domain)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [newId(), variant, ...subject, ...target, domain],
  );

/** An organizer with merchants, made as an operator makes them. */
export async function createWorkspace(branches: number): Promise<TestWorkspace> {
  const id = newId();
  const workspace: TestWorkspace = { id, tenantId: id, branches: [] };
  await sql('INSERT INTO identity."Organizer" (id, tenant_id, name) VALUES ($1, $1, $2)', [id, `Org ${id}`]);
  for (let index = 0; index < branches; index += 1) {
    const branch = { id: newId(), name: `Branch ${index}` };
    await sql('INSERT INTO identity."Merchant" (id, tenant_id, organizer_id, name) VALUES ($1, $2, $2, $3)', [
      branch.id,
      id,
      branch.name,
    ]);
    await policy('domain_inherits', ['Merchant', branch.id], ['Organizer', id], null);
    workspace.branches.push(branch);
  }
  return workspace;
}

/** Gives somebody a role, at an organizer (`Organizer_…`), a merchant (`Merchant_…`), or everywhere (null). */
export async function assignRole(userId: string, identifier: string, domain: string | null): Promise<void> {
  const [role] = await sql<{ id: string }>('SELECT id FROM identity."Role" WHERE identifier = $1', [
    identifier,
  ]);
  await policy('assign_role', ['User', userId], ['Role', role?.id ?? ''], domain);
}

export async function addMember(userId: string, workspace: TestWorkspace): Promise<string> {
  const id = newId();
  await sql('INSERT INTO identity."Member" (id, tenant_id, organizer_id, user_id) VALUES ($1, $2, $3, $4)', [
    id,
    workspace.tenantId,
    workspace.id,
    userId,
  ]);
  return id;
}

/** Somebody known to the platform, who owns a new workspace with so many branches. */
export async function createOwner(service: TestService, branches: number) {
  const person = await createPerson();
  const userId = (await signIn(service, person)).body.user.id as string;
  const workspace = await createWorkspace(branches);
  const memberId = await addMember(userId, workspace);
  await assignRole(userId, '500_owner', `Organizer_${workspace.id}`);
  return { person, userId, memberId, workspace };
}

export const setStatus = (table: 'Merchant' | 'Organizer' | 'Member', id: string, status: string) =>
  sql(`UPDATE identity."${table}" SET status = $2 WHERE id = $1`, [id, status]);

/** The calls of C's dialect. */
export function dialect(service: { url: string }) {
  const at = (path: string) => `${service.url}/api/auth/${path}`;
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  return {
    at,
    login: (person: Pick<TestPerson, 'email' | 'password'>, extra: object = {}) =>
      post(at('login'), { identifier: person.email, password: person.password, ...extra }),
    select: (token: string, branchId: string) => post(at('select-branch'), { branchId }, bearer(token)),
    context: (token: string) => call(at('context'), { headers: bearer(token) }),
    refresh: (refreshToken: string, extra: object = {}) => post(at('refresh'), { refreshToken, ...extra }),
    logout: (token: string) => post(at('logout'), {}, bearer(token)),
  };
}
