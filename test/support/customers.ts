import { createWorkspace, newId, type TestWorkspace } from './branches.js';
import { BASE, call, post } from './call.js';
import { sql } from './database.js';
import { basic, createService } from './services.js';

/** What a caller of the customers' interface does, whoever they are. */
export function customersOf(service: { url: string }, headers: Record<string, string>) {
  const at = (path = '') => `${service.url}${BASE}/customers${path}`;
  return {
    at,
    headers,
    create: (body: object, extra: Record<string, string> = {}) => post(at(), body, { ...headers, ...extra }),
    get: (id: string, extra: Record<string, string> = {}) =>
      call(at(`/${id}`), { headers: { ...headers, ...extra } }),
    list: (query: Record<string, string>) => call(at(`?${new URLSearchParams(query)}`), { headers }),
    patch: (id: string, body: object, ifMatch?: string) =>
      call(at(`/${id}`), {
        method: 'PATCH',
        headers: {
          'content-type': 'application/json',
          ...headers,
          ...(ifMatch ? { 'if-match': ifMatch } : {}),
        },
        body: JSON.stringify(body),
      }),
    remove: (id: string, ifMatch?: string) =>
      call(at(`/${id}`), {
        method: 'DELETE',
        headers: { ...headers, ...(ifMatch ? { 'if-match': ifMatch } : {}) },
      }),
    act: (id: string, act: 'merge' | 'erase', body: object = {}) => post(at(`/${id}/${act}`), body, headers),
    import: (merchantId: string, csv: string | ReadableStream, extra: Record<string, string> = {}) =>
      call(at(`/import?merchantId=${merchantId}`), {
        method: 'POST',
        headers: { 'content-type': 'text/csv', ...headers, ...extra },
        body: csv,
        ...(csv instanceof ReadableStream ? { duplex: 'half' } : {}),
      } as RequestInit),
    export: (merchantId: string) => call(at(`/export?merchantId=${merchantId}`), { headers }),
  };
}

export type CustomersOf = ReturnType<typeof customersOf>;

/** A service of this test's own, granted these calls at these merchants, by BASIC. */
export async function grantedService(
  merchantIds: readonly string[],
  calls: readonly string[] = ['customers.read', 'customers.write'],
) {
  const row = await createService({ calls: [] });
  for (const merchantId of merchantIds) {
    for (const name of calls) {
      await sql(
        'INSERT INTO identity."ServiceGrant" (id, service_id, call, merchant_id) VALUES ($1, $2, $3, $4)',
        [newId(), row.id, name, merchantId],
      );
    }
  }
  return { ...row, headers: basic(row.name, row.credential.secret) };
}

/** A tenant with so many merchants, and a service that may do everything with their customers. */
export async function createShop(service: { url: string }, merchants = 1) {
  const workspace: TestWorkspace = await createWorkspace(merchants);
  const merchantIds = workspace.branches.map(({ id }) => id);
  const granted = await grantedService(merchantIds);
  return {
    workspace,
    merchantIds,
    merchantId: merchantIds[0] as string,
    granted,
    api: customersOf(service, granted.headers),
  };
}
