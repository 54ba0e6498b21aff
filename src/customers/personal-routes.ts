import { z } from 'zod';
import { defineRoute, type Route } from '../http/route.js';
import type { ChangeCustomer } from './change-customer.js';
import { customerSchema } from './customer-schema.js';
import type { MergeCustomers } from './merge-customers.js';
import { CUSTOMERS, one, refusals, tag, withTag, write } from './routes.js';
import type { FindScope } from './scope.js';

/** What is done about the person behind the records: two of the same, and one who wants to be forgotten. */
export function personalRoutes(options: {
  findScope: FindScope;
  mergeCustomers: MergeCustomers;
  changeCustomer: Pick<ChangeCustomer, 'erase'>;
}): Route[] {
  const { findScope, mergeCustomers, changeCustomer } = options;
  return [
    defineRoute({
      method: 'post',
      path: `${CUSTOMERS}/{id}/merge`,
      summary: 'One customer of two records of the same person',
      description: 'The one in the path stays and takes what it lacks; the other one is deleted.',
      tag,
      access: write,
      params: one,
      body: z.strictObject({ otherId: one.shape.id }),
      responses: { 200: { description: 'The one that stays', schema: customerSchema } },
      problems: refusals,
      async handle({ params, body, visitor }, caller) {
        await findScope.ofCustomer(caller, params.id, 'update');
        const scope = await findScope.ofCustomer(caller, body.otherId, 'delete');
        return withTag(200, await mergeCustomers({ caller, visitor }, scope, params.id, body.otherId));
      },
    }),
    defineRoute({
      method: 'post',
      path: `${CUSTOMERS}/{id}/erase`,
      summary: 'Nothing is known of this customer any more, nor of those that were merged into it (X1)',
      tag,
      access: write,
      params: one,
      responses: { 204: { description: 'Erased' } },
      problems: refusals,
      async handle({ params, visitor }, caller) {
        const scope = await findScope.ofCustomer(caller, params.id, 'delete');
        await changeCustomer.erase({ caller, visitor }, scope, params.id);
        return { status: 204 };
      },
    }),
  ];
}
