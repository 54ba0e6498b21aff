import { z } from 'zod';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import { BASE } from '../http/base-path.js';
import { defineRoute, type Reply, type Route } from '../http/route.js';
import type { ChangeCustomer } from './change-customer.js';
import type { CreateCustomer } from './create-customer.js';
import type { Customer } from './customer.js';
import { present } from './customer-row.js';
import { customerFields, customerSchema, merchantId, type ReadPhone } from './customer-schema.js';
import { entityTag } from './entity-tag.js';
import { customerErrors } from './errors.js';
import type { FindCustomer } from './find-customer.js';
import { contentRange, type ListCustomers } from './list-customers.js';
import { listQuery } from './list-query.js';
import type { FindScope } from './scope.js';
import { readSearchQuery } from './search-query.js';

export const CUSTOMERS = `${BASE}/customers`;
export const read = { anyOf: ['user', { service: 'customers.read' }] } as const;
export const write = { anyOf: ['user', { service: 'customers.write' }] } as const;
export const tag = 'customers';
export const one = z.object({ id: z.string().regex(/^\d{1,20}$/) });

export const refusals = [customerErrors.not_found, customerErrors.not_permitted];
const taken = [customerErrors.phone_taken, customerErrors.code_taken];
const stale = customerErrors.changed_meanwhile;

export const withTag = (status: number, customer: Customer): Reply => ({
  status,
  body: present(customer),
  headers: { ETag: entityTag(customer.version) },
});

/** @throws Problem `request.validation_failed` (422) for a key that is none */
export function readKey(key: string | undefined): string | undefined {
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  const message = 'must be 1 to 255 visible characters';
  throw new Problem(requestErrors.validation_failed, {
    errors: [{ path: 'Idempotency-Key', message, code: 'invalid_format' }],
  });
}

/** Customers one by one (contract §6): for people with the right at that merchant, and for services granted it. */
export function customerRoutes(options: {
  readPhone: ReadPhone;
  findScope: FindScope;
  listCustomers: ListCustomers;
  findCustomer: FindCustomer;
  createCustomer: CreateCustomer;
  changeCustomer: ChangeCustomer;
}): Route[] {
  const { readPhone, findScope, listCustomers, findCustomer, createCustomer, changeCustomer } = options;
  const { code, displayName, tags, ...nullable } = customerFields(readPhone);
  const values = z.strictObject({ code, displayName, tags, ...nullable }).partial();
  const newCustomer = values.required({ displayName: true }).extend({ merchantId });
  const changes = values.refine((said) => Object.keys(said).length > 0, { error: 'must name a field' });

  return [
    defineRoute({
      method: 'get',
      path: CUSTOMERS,
      summary: 'Customers of a merchant in the order of their names, of a search those first that begin so',
      description:
        '`Content-Range: records 0-19/57` tells the place of the page and how many there are, `*` past 10,000, of a search ' +
        'past 1,000; ' +
        '`X-Response-Count` how many are in the page.',
      tag,
      access: read,
      query: listQuery,
      responses: { 200: { description: 'A page', schema: z.array(customerSchema) } },
      problems: refusals,
      async handle({ query: { q, limit, offset, ...where } }, caller) {
        const scope = await findScope.ofMerchant(caller, where.merchantId, 'read');
        const page = await listCustomers(scope, readSearchQuery(q, readPhone), { limit, offset });
        const headers = {
          'Content-Range': contentRange(page, offset),
          'X-Response-Count': String(page.customers.length),
        };
        return { status: 200, body: page.customers.map(present), headers };
      },
    }),
    defineRoute({
      method: 'post',
      path: CUSTOMERS,
      summary: 'A new customer',
      description:
        'With an `Idempotency-Key`, the same request makes one customer within 24 hours however often it is sent, and ' +
        'is answered with that customer as it is by then.',
      tag,
      access: write,
      headers: ['Idempotency-Key'],
      body: newCustomer,
      responses: { 201: { description: 'Made', schema: customerSchema } },
      problems: [...refusals, ...taken, customerErrors.key_reused],
      async handle({ body, headers, visitor }, caller) {
        const key = readKey(headers.idempotencyKey);
        const { merchantId: where, ...said } = body;
        const scope = await findScope.ofMerchant(caller, where, 'create');
        const customer = await createCustomer({ caller, visitor }, scope, said, key);
        const reply = withTag(201, customer);
        return { ...reply, headers: { ...reply.headers, Location: `${CUSTOMERS}/${customer.id}` } };
      },
    }),
    defineRoute({
      method: 'get',
      path: `${CUSTOMERS}/{id}`,
      summary: 'Everything that is known of a customer (X1)',
      tag,
      access: read,
      params: one,
      responses: { 200: { description: 'The customer', schema: customerSchema } },
      problems: refusals,
      async handle({ params }, caller) {
        const scope = await findScope.ofCustomer(caller, params.id, 'read');
        return withTag(200, await findCustomer(scope, params.id));
      },
    }),
    defineRoute({
      method: 'patch',
      path: `${CUSTOMERS}/{id}`,
      summary: 'Other values for a customer',
      description:
        'What is not named stays, null takes a value away. With `If-Match` nothing is changed unless the customer is still at that version.',
      tag,
      access: write,
      headers: ['If-Match'],
      params: one,
      body: changes,
      responses: { 200: { description: 'Changed', schema: customerSchema } },
      problems: [...refusals, ...taken, stale],
      async handle({ params, body, headers: { ifMatch }, visitor }, caller) {
        const scope = await findScope.ofCustomer(caller, params.id, 'update');
        const target = { id: params.id, ifMatch };
        return withTag(200, await changeCustomer.update({ caller, visitor }, scope, target, body));
      },
    }),
    defineRoute({
      method: 'delete',
      path: `${CUSTOMERS}/{id}`,
      summary: 'No customer any more: its phone number and code are free, and after 90 days it is forgotten',
      tag,
      access: write,
      headers: ['If-Match'],
      params: one,
      responses: { 204: { description: 'Deleted' } },
      problems: [...refusals, stale],
      async handle({ params, headers: { ifMatch }, visitor }, caller) {
        const scope = await findScope.ofCustomer(caller, params.id, 'delete');
        await changeCustomer.remove({ caller, visitor }, scope, { id: params.id, ifMatch });
        return { status: 204 };
      },
    }),
  ];
}
