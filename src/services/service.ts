/** Which call a service may make. `merchantId` null: a call that is about no merchant. */
export interface ServiceGrant {
  call: string;
  merchantId: string | null;
}

/** The table's rule: what is no such name is asked of no table. */
export const isServiceName = (text: string): boolean => /^[a-z][a-z0-9-]{0,62}$/.test(text);

/** A service that has proven itself. */
export interface ProvenService {
  id: string;
  name: string;
  grants: readonly ServiceGrant[];
  /** The status list's place of the credential it used. */
  status: { list: number; idx: number } | null;
}

/** What a request brings along to prove a service by. */
export interface Attempt {
  /** The `Authorization` header. */
  authorization: string | undefined;
  /** The socket's address. */
  address: string;
  /** Whether the request came through a proxy. */
  forwarded: boolean;
}
