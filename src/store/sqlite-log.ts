/** The write-ahead log of an SQLite file. */
import type { Sql } from "./sql.js";

/**
 * SQLite writes over its write-ahead log from the start again and again, so what was removed from the tables could be read in the rest
 * of it. Whoever reads at this moment is not waited for: the next one to do this empties it.
 */
export function emptyLog(sql: Sql): void {
  const patience = Number(sql.get("pragma busy_timeout")?.["timeout"] ?? 0);
  sql.all("pragma busy_timeout = 0");
  try {
    sql.all("pragma wal_checkpoint(truncate)");
  } finally {
    sql.all(`pragma busy_timeout = ${patience}`);
  }
}
