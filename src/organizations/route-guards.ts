import { z } from 'zod';
import { requestErrors } from '../errors/request-errors.js';
import type { Caller } from '../http/route.js';
import { plainId, policyErrors } from '../policies/index.js';
import type { By, FindScope } from './scope.js';

export const access = { token: 'platform' } as const;
export const tag = 'organizations';
export const one = z.object({ id: plainId });
export const refusals = [policyErrors.not_administrator, requestErrors.not_found];
export const by = ({ userId }: Caller, visitor: By['visitor']): By => ({ userId, visitor });
export const recent = 'Needs a sign-in of the last five minutes (RFC 9470).';

export interface RouteGuards {
  findScope: FindScope;
  /** Throws the 401 of RFC 9470 for somebody whose sign-in is not fresh. */
  requireRecentSignIn: (caller: Caller) => void;
}

export interface Admission {
  /** Whoever administers something. */
  reader(caller: Caller): Promise<void>;
  writer(caller: Caller): Promise<void>;
  platform(caller: Caller): Promise<void>;
}

/** What a caller has to be, asked before the body is read. */
export function admission({ findScope, requireRecentSignIn }: RouteGuards): Admission {
  const reader = async (caller: Caller): Promise<void> => {
    await findScope.findAdministrator(caller);
  };
  return {
    reader,
    async writer(caller) {
      requireRecentSignIn(caller);
      await reader(caller);
    },
    async platform(caller) {
      requireRecentSignIn(caller);
      await findScope.platform(caller);
    },
  };
}
