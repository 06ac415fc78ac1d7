/** SQL as the store speaks it. */

export type SqlValue = string | number | null;
export type Row = Record<string, SqlValue>;

/** Prepared statements, made once per text of SQL. */
export interface Sql {
  run(sql: string, values?: readonly SqlValue[]): number;
  get(sql: string, values?: readonly SqlValue[]): Row | undefined;
  all(sql: string, values?: readonly SqlValue[]): Row[];
}
