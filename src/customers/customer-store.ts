import type { Sql } from '../database/database.js';
import type { Customer, CustomerChanges, NewCustomer } from './customer.js';
import { CUSTOMER_COLUMNS, type CustomerRow, toCustomer } from './customer-row.js';
import type { Scope } from './scope.js';
import type { SearchQuery } from './search-query.js';

/** Where counting stops, for those who wait: all of a merchant's, and what a search found. */
const COUNTED = { all: 10_000, found: 1000 };

export interface Page {
  limit: number;
  offset: number;
}

export interface CustomerPage {
  /** In the order of their names. */
  customers: Customer[];
  /** Undefined when there are more than are counted. */
  total: number | undefined;
}

/** Living customers of one merchant. Every call belongs into a transaction of that tenant. */
export const customerStore = {
  async insert(sql: Sql, scope: Scope, id: string, values: NewCustomer): Promise<Customer> {
    const [row] = await sql.query<CustomerRow>(INSERT, [
      id,
      scope.tenantId,
      scope.merchantId,
      JSON.stringify(values),
    ]);
    return toCustomer(row as CustomerRow);
  },

  async find(sql: Sql, scope: Scope, id: string): Promise<Customer | undefined> {
    const [row] = await sql.query<CustomerRow>(
      `SELECT ${CUSTOMER_COLUMNS} FROM identity."Customer"
       WHERE id = $1 AND merchant_id = $2 AND deleted_at IS NULL`,
      [id, scope.merchantId],
    );
    return row && toCustomer(row);
  },

  /** Both of them, locked, whoever else wants them in another order; only those that are there. */
  async lock(sql: Sql, scope: Scope, ids: readonly string[]): Promise<Customer[]> {
    const rows = await sql.query<CustomerRow>(
      `SELECT ${CUSTOMER_COLUMNS} FROM identity."Customer"
       WHERE id = ANY($1) AND merchant_id = $2 AND deleted_at IS NULL ORDER BY id FOR UPDATE`,
      [ids, scope.merchantId],
    );
    return rows.map(toCustomer);
  },

  /** Undefined when there is none at one of these versions (null: any). */
  async update(
    sql: Sql,
    scope: Scope,
    id: string,
    values: CustomerChanges,
    versions: number[] | null,
  ): Promise<Customer | undefined> {
    const [row] = await sql.query<CustomerRow>(UPDATE, [
      id,
      scope.merchantId,
      versions,
      JSON.stringify(values),
    ]);
    return row && toCustomer(row);
  },

  /** False when there is none at one of these versions (null: any). */
  async remove(sql: Sql, scope: Scope, id: string, versions: number[] | null, mergedInto?: string) {
    const removed = await sql.query(
      `UPDATE identity."Customer" SET deleted_at = now(), merged_into = $4, version = version + 1
       WHERE id = $1 AND merchant_id = $2 AND deleted_at IS NULL AND ($3::int[] IS NULL OR version = ANY($3))
       RETURNING id`,
      [id, scope.merchantId, versions, mergedInto ?? null],
    );
    return removed.length > 0;
  },

  async search(sql: Sql, scope: Scope, query: SearchQuery, page: Page): Promise<CustomerPage> {
    const most = query.text === '' ? COUNTED.all : COUNTED.found;
    const rows = await sql.query<CustomerRow & { total: number }>(SEARCH, [
      scope.merchantId,
      query.text,
      query.digits,
      page.limit,
      page.offset,
      most + 1,
    ]);
    const total = rows[0]?.total ?? 0;
    return {
      customers: rows.filter(({ id }) => id !== null).map(toCustomer),
      total: total > most ? undefined : total,
    };
  },
};

/** One row without an id when the page is empty. */
const SEARCH = `
  SELECT found.total, ${CUSTOMER_COLUMNS}
  FROM identity.search_customers($1, $2, $3, $4, $5, $6) AS found
  LEFT JOIN LATERAL unnest(found.ids) WITH ORDINALITY AS listed (customer_id, place) ON true
  LEFT JOIN identity."Customer" ON id = listed.customer_id ORDER BY listed.place`;

const INSERT = `
  INSERT INTO identity."Customer"
    (id, tenant_id, merchant_id, code, display_name, phone, email, birthday, note, tags)
  SELECT $1, $2, $3, coalesce(said.code, $1), said."displayName", said.phone, said.email, said.birthday, said.note,
    coalesce(said.tags, '{}')
  FROM jsonb_to_record($4::jsonb) AS said
    (code text, "displayName" text, phone text, email text, birthday date, note text, tags text[])
  RETURNING ${CUSTOMER_COLUMNS}`;

/** What is said is written, null included; what isn't stays. */
const said = (name: string, column: string, value = `$4::jsonb ->> '${name}'`): string =>
  `${column} = CASE WHEN $4::jsonb ? '${name}' THEN ${value} ELSE ${column} END`;

const UPDATE = `
  UPDATE identity."Customer" SET ${[
    said('code', 'code'),
    said('displayName', 'display_name'),
    said('phone', 'phone'),
    said('email', 'email'),
    said('birthday', 'birthday', `($4::jsonb ->> 'birthday')::date`),
    said('note', 'note'),
    said('tags', 'tags', `ARRAY(SELECT jsonb_array_elements_text($4::jsonb -> 'tags'))`),
  ].join(', ')}, version = version + 1, updated_at = now()
  WHERE id = $1 AND merchant_id = $2 AND deleted_at IS NULL AND ($3::int[] IS NULL OR version = ANY($3))
  RETURNING ${CUSTOMER_COLUMNS}`;
