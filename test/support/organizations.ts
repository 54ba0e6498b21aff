import { assignRole, createWorkspace, newId, type TestBranch, type TestWorkspace } from './branches.js';
import { type Answer, BASE, bearer, call, signIn } from './call.js';
import { sql } from './database.js';
import { createPerson, type TestPerson } from './people.js';

type Service = { url: string };

/** The calls of contract §5b, with somebody's token. */
export function administration(service: Service, token: string) {
  const send = (method: string, path: string, body?: unknown): Promise<Answer> =>
    call(`${service.url}${BASE}/${path}`, {
      method,
      headers: { ...bearer(token), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    get: (path: string) => send('GET', path),
    post: (path: string, body: unknown = {}) => send('POST', path, body),
    patch: (path: string, body: unknown) => send('PATCH', path, body),
    remove: (path: string) => send('DELETE', path),
  };
}

export type Administration = ReturnType<typeof administration>;

export interface SignedIn extends TestPerson {
  userId: string;
  token: string;
  refreshToken: string;
  api: Administration;
}

/** Somebody of this test's own, signed in a moment ago. */
export async function createSignedIn(service: Service): Promise<SignedIn> {
  return signInAgain(service, await createPerson());
}

/** With the rights of by now in the token. */
export async function signInAgain(service: Service, person: TestPerson): Promise<SignedIn> {
  const { body } = await signIn(service, person);
  const { accessToken: token, refreshToken, user } = body;
  return { ...person, userId: user.id, token, refreshToken, api: administration(service, token) };
}

/** A member as an operator makes one, with a role at a domain. */
export async function placeMember(
  workspace: TestWorkspace,
  userId: string,
  role: string,
  domain: string,
): Promise<string> {
  const id = newId();
  await sql(
    `INSERT INTO identity."Member" (id, tenant_id, organizer_id, user_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING`,
    [id, workspace.tenantId, workspace.id, userId],
  );
  await assignRole(userId, role, domain);
  return id;
}

export interface Shop {
  workspace: TestWorkspace;
  organizerId: string;
  merchantId: string;
  owner: SignedIn;
  ownerMemberId: string;
}

/** An organizer with merchants and its owner. */
export async function createShop(service: Service, merchants = 1): Promise<Shop> {
  const workspace = await createWorkspace(merchants);
  const owner = await createSignedIn(service);
  const ownerMemberId = await placeMember(workspace, owner.userId, '500_owner', `Organizer_${workspace.id}`);
  const merchantId = (workspace.branches[0] as TestBranch).id;
  return { workspace, organizerId: workspace.id, merchantId, owner, ownerMemberId };
}

export const refusal = ({ status, body }: Answer): [number, string | undefined] => [status, body?.code];

/** Somebody's rows at an organizer and its merchants, as a sister reads them. */
export const rowsOf = (userId: string) =>
  sql<{ variant: string; place: string | null; target: string }>(
    `SELECT variant, coalesce(nullif(domain_type, '') || '_' || domain_id, domain) AS place,
       target_type || '_' || target_id AS target
     FROM public."PolicyDefinition" WHERE subject_type = 'User' AND subject_id = $1 AND origin <> 'seed'
     ORDER BY variant, place, target`,
    [userId],
  );
