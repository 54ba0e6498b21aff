import type { Place, Traces } from '../telemetry/traces.js';
import type { Database, Sql } from './database.js';

/** The table that a statement is about, for its span: the first that it names. */
const TABLE = /\b(?:FROM|INTO|UPDATE|CALL)\s+(?:ONLY\s+)?((?:identity|public)\."?\w+"?)/;

/** The same database, whose statements are spans: the verb and a table, not the text, and never a value. */
export function traceDatabase(database: Database, traces: Traces): Database {
  return {
    ...traceSql(database, traces),
    transaction: (work, options) =>
      traces.span(place('TRANSACTION'), () =>
        database.transaction(
          (sql) => work({ ...traceSql(sql, traces), afterCommit: sql.afterCommit }),
          options,
        ),
      ),
    poolUse: database.poolUse,
    close: database.close,
  };
}

const traceSql = (sql: Sql, traces: Traces): Sql => ({
  query: (text, values) => traces.span(place(summary(text)), () => sql.query(text, values)),
});

const place = (what: string): Place => ({
  name: `postgresql ${what}`,
  kind: 'client',
  attributes: { 'db.system.name': 'postgresql', 'db.query.summary': what },
});

function summary(text: string): string {
  const verb = /[A-Za-z]+/.exec(text)?.[0].toUpperCase() ?? 'QUERY';
  const table = TABLE.exec(text)?.[1]?.replaceAll('"', '');
  return table === undefined ? verb : `${verb} ${table}`;
}
