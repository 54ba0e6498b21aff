import { z } from 'zod';
import { requestErrors } from '../errors/request-errors.js';
import type { Caller } from '../http/route.js';
import { plainId, policyErrors } from '../policies/index.js';
import type { FindScope } from './scope.js';

export const access = { token: 'platform' } as const;
export const tag = 'organizations';
export const one = z.object({ id: plainId });
export const refusals = [policyErrors.not_administrator, requestErrors.not_found];

export interface Admission {
  /** Whoever administers something. */
  administrator(caller: Caller): Promise<void>;
  platform(caller: Caller): Promise<void>;
}

/** What a caller has to be, asked before the body is read. */
export const admission = (findScope: FindScope): Admission => ({
  async administrator(caller) {
    await findScope.findAdministrator(caller);
  },
  async platform(caller) {
    await findScope.platform(caller);
  },
});
