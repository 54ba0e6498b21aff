import { newId } from './branches.js';
import { type Answer, BASE, bearer, call, post } from './call.js';
import { sql } from './database.js';

export interface Asked {
  domain?: unknown;
  object: string;
  action: string;
}

/** The calls of contract §5. */
export function policies(service: { url: string }) {
  const at = (path = '') => `${service.url}${BASE}/policies${path}`;
  const send = (method: string, path: string, token: string, body?: unknown): Promise<Answer> =>
    call(at(path), {
      method,
      headers: { ...bearer(token), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    at,
    list: (token: string, query = '') => send('GET', query, token),
    create: (token: string, draft: object, query = '') => send('POST', query, token, draft),
    change: (token: string, id: string, change: object, query = '') =>
      send('PATCH', `/${id}${query}`, token, change),
    remove: (token: string, id: string, query = '') => send('DELETE', `/${id}${query}`, token),
    check: (headers: Record<string, string>, checks: Asked[], subject?: object) =>
      post(at('/check'), { checks, ...(subject ? { subject } : {}) }, headers),
    subject: (headers: Record<string, string>, type: string, id: string) =>
      call(at(`/subjects/${type}/${id}`), { headers }),
    changes: (headers: Record<string, string>, query = '') => call(at(`/changes${query}`), { headers }),
  };
}

/** A kind of thing of this test's own, with a permission on it. */
export async function createPermission(action = 'manage', object = `thing-${newId()}`) {
  const id = newId();
  await sql(
    'INSERT INTO identity."Permission" (id, code, name, subject, action) VALUES ($1, $1, $1, $2, $3)',
    [id, object, action],
  );
  return { id, object };
}

/** A role of this test's own. */
export async function createRole(priority = 50) {
  const id = newId();
  const identifier = `${`${priority}`.padStart(3, '0')}_test-${id}`;
  await sql('INSERT INTO identity."Role" (id, identifier, name, priority) VALUES ($1, $2, $2, $3)', [
    id,
    identifier,
    priority,
  ]);
  return { id, identifier };
}

/** A row as somebody writes it by SQL. */
export async function writeRow(
  variant: string,
  subject: [string, string],
  target: [string, string],
  rest: { action?: string; effect?: string; domain?: string } = {},
): Promise<string> {
  const id = newId();
  await sql(
    `INSERT INTO public."PolicyDefinition"
       (id, variant, subject_type, subject_id, target_type, target_id, action, effect, domain)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [id, variant, ...subject, ...target, rest.action ?? null, rest.effect ?? null, rest.domain ?? null],
  );
  return id;
}
