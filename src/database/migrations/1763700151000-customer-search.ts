import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Search among a merchant's customers. LIKE is not leakproof, so under row-level security it may use no index: this
 * function runs as the owner and names tenant and merchant itself (D12).
 */
export class CustomerSearch1763700151000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public');
    await runner.query('CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA public');
    await runner.query(`
      CREATE INDEX "Customer_search" ON identity."Customer" USING gin (merchant_id, search_text public.gin_trgm_ops)
      WHERE deleted_at IS NULL`);
    await runner.query(CONDITION);
    await runner.query(SEARCH);
    for (const name of ['customer_condition', 'search_customers']) {
      await runner.query(`REVOKE ALL ON FUNCTION identity.${name} FROM PUBLIC`);
    }
    await runner.query('GRANT EXECUTE ON FUNCTION identity.search_customers TO nx_app');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION identity.search_customers, identity.customer_condition');
    await runner.query('DROP INDEX identity."Customer_search"');
  }
}

/**
 * The condition as SQL, every value a literal: the planner knows how rare the words are. One or two letters find names
 * that begin so, by a range; more find every word anywhere, or the digits as dialled.
 */
const CONDITION = `
  CREATE FUNCTION identity.customer_condition(p_merchant_id text, p_query text, p_digits text) RETURNS text
  LANGUAGE plpgsql STABLE SET search_path = identity, pg_temp AS $$
  DECLARE
    v_query text := trim(fold_text(p_query));
    v_scope text := format('tenant_id = %L AND merchant_id = %L AND deleted_at IS NULL',
      current_setting('app.tenant_id', true), p_merchant_id);
    v_words text;
  BEGIN
    IF coalesce(v_query, '') = '' THEN RETURN v_scope; END IF;
    IF length(v_query) < 3 THEN
      RETURN v_scope || format(' AND search_text >= %L AND search_text < %L', v_query, v_query || chr(1114111));
    END IF;
    SELECT string_agg(format('search_text LIKE %L', '%' || regexp_replace(word, '([\\\\%_])', '\\\\\\1', 'g') || '%'), ' AND ')
    INTO v_words FROM (SELECT word FROM string_to_table(v_query, ' ') AS word LIMIT 10) AS few;
    IF p_digits IS NOT NULL THEN v_words := format('(%s OR search_text LIKE %L)', v_words, '%' || p_digits || '%'); END IF;
    RETURN v_scope || ' AND ' || v_words;
  END $$`;

/**
 * Ids of a page in the order of names, and how many were found: looked for once, in the index alone, until the page is
 * full and p_most are counted.
 */
const SEARCH = `
  CREATE FUNCTION identity.search_customers(
    p_merchant_id text, p_query text, p_digits text, p_limit integer, p_offset integer, p_most integer,
    OUT ids text[], OUT total integer)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
  BEGIN
    EXECUTE format('
      WITH found AS MATERIALIZED (
        SELECT id, row_number() OVER () AS place FROM (
          SELECT id FROM "Customer" WHERE %s ORDER BY tenant_id, merchant_id, search_text, id LIMIT %s) AS first)
      SELECT array_agg(id ORDER BY place) FILTER (WHERE place > %s AND place <= %s), least(count(*), %s) FROM found',
      customer_condition(p_merchant_id, p_query, p_digits),
      greatest(p_offset + p_limit, p_most), p_offset, p_offset + p_limit, p_most)
    INTO ids, total;
  END $$`;
