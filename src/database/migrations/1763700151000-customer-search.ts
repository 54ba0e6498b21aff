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
    await runner.query(SEARCH);
    await runner.query('REVOKE ALL ON FUNCTION identity.search_customers FROM PUBLIC');
    await runner.query('GRANT EXECUTE ON FUNCTION identity.search_customers TO nx_app');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION identity.search_customers');
    await runner.query('DROP INDEX identity."Customer_search"');
  }
}

/**
 * Ids of a page, and how many were found: looked for until the page is full and p_most are counted. Names that begin with
 * what was typed come first, found by a range; then those where every word is somewhere, or the digits as dialled. A word of
 * one or two letters stands at a beginning; alone, at that of a name.
 * The planner may use no statistics for LIKE here, so the first thousand customers tell how common the words are:
 * common ones are soon found in the order of names, in the index alone; rare ones by their trigrams.
 */
const SEARCH = `
  CREATE FUNCTION identity.search_customers(
    p_merchant_id text, p_query text, p_digits text, p_limit integer, p_offset integer, p_most integer,
    OUT ids text[], OUT total integer)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = identity, pg_temp
  SET enable_seqscan = off SET enable_indexscan = on SET enable_indexonlyscan = on SET enable_bitmapscan = on AS $$
  DECLARE
    v_query text := trim(fold_text(p_query));
    v_begins text := format('search_text >= %L AND search_text < %L', ' ' || v_query, ' ' || v_query || chr(1114111));
    v_enough integer := greatest(p_offset + p_limit, p_most);
    v_find text := replace(format('SELECT array_agg(id ORDER BY search_text, id) FROM (SELECT id, search_text
      FROM "Customer" WHERE tenant_id = %L AND merchant_id = %L AND deleted_at IS NULL AND ',
      current_setting('app.tenant_id', true), p_merchant_id), '%', '%%')
      || '%s ORDER BY tenant_id, merchant_id, search_text, id LIMIT %s) AS found';
    v_words text;
    v_more text[];
    v_rare boolean;
  BEGIN
    EXECUTE format(v_find, v_begins, v_enough) INTO ids;
    IF length(v_query) >= 3 AND coalesce(cardinality(ids), 0) < v_enough THEN
      SELECT string_agg(format('search_text LIKE %L', CASE WHEN length(word) < 3 THEN '% ' ELSE '%' END
        || regexp_replace(word, '([\\\\%_])', '\\\\\\1', 'g') || '%'), ' AND ')
      INTO v_words FROM (SELECT word FROM string_to_table(v_query, ' ') AS word LIMIT 10) AS few;
      IF p_digits IS NOT NULL THEN v_words := format('(%s OR search_text LIKE %L)', v_words, '%' || p_digits || '%'); END IF;
      EXECUTE format('SELECT count(*) = 1000 AND count(*) FILTER (WHERE %s) < 20 FROM (SELECT search_text FROM "Customer"
        WHERE merchant_id = %L AND deleted_at IS NULL ORDER BY merchant_id, id LIMIT 1000) AS first', v_words, p_merchant_id)
      INTO v_rare;
      PERFORM set_config('enable_bitmapscan', CASE WHEN v_rare THEN 'on' ELSE 'off' END, true),
        set_config('enable_indexscan', CASE WHEN v_rare THEN 'off' ELSE 'on' END, true),
        set_config('enable_indexonlyscan', CASE WHEN v_rare THEN 'off' ELSE 'on' END, true);
      EXECUTE format(v_find, format('%s AND NOT (%s)', v_words, v_begins), v_enough - coalesce(cardinality(ids), 0))
      INTO v_more;
      ids := coalesce(ids, '{}') || v_more;
    END IF;
    total := least(coalesce(cardinality(ids), 0), p_most);
    ids := ids[p_offset + 1 : p_offset + p_limit];
  END $$`;
