/** A SQLite file as the store needs it: ours, of this version, and durable. */
import LibsqlDatabase from "libsql";
import { dirname } from "node:path";
import { StoreUnavailable } from "../errors.js";
import { damageOf } from "./damage.js";
import { makeFolder } from "./folder.js";
import { SCHEMA, SCHEMA_VERSION, stepsFrom } from "./schema.js";
import type { Row } from "./sql.js";
import { unreadable } from "./sqlite-failures.js";

/**
 * How long to wait for another process's transaction. The whole process stands still meanwhile, and every transaction of ours
 * takes milliseconds: whoever holds the file for longer is told of by a refusal that others can act on.
 */
const BUSY_MS = 1000;

/** Throws `StoreUnavailable`; a file that is damaged or not ours is left as it is. */
export function openDatabase(path: string): LibsqlDatabase.Database {
  try {
    if (path !== ":memory:") makeFolder(dirname(path));
    const damage = damageOf(path);
    if (damage !== undefined) throw new Error(damage);
    const database = new LibsqlDatabase(path, { timeout: BUSY_MS });
    try {
      prepareFile(database, path);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    throw error instanceof StoreUnavailable ? error : unreadable(path, error);
  }
}

/** Nothing is written before it is known that the file is ours to write. */
function prepareFile(database: LibsqlDatabase.Database, path: string): void {
  refuseForeign(database, path);
  // Only a file without tables can still choose this, and going over to WAL writes the first page.
  database.pragma("auto_vacuum = incremental");
  database.pragma("journal_mode = wal");
  database.pragma("synchronous = full");
  // Texts that were delivered must not linger in pages that are no longer used.
  database.pragma("secure_delete = on");
  bringUpToDate(database, path);
}

/** All of it or nothing. Another process may have been at it since the file was looked at, so that is done again within. */
function bringUpToDate(database: LibsqlDatabase.Database, path: string): void {
  database.exec("begin immediate");
  try {
    const steps = refuseForeign(database, path);
    database.exec(`${steps.join("")}${SCHEMA}
      insert into meta (key, value) values ('schema', '${SCHEMA_VERSION}') on conflict (key) do update set value = excluded.value;
      commit`);
  } catch (error) {
    // SQLite may have rolled back by itself, as it does when the disk is full.
    if (database.inTransaction) database.exec("rollback");
    throw error;
  }
}

/** The steps that make a file of this version out of it; throws when there are none. */
function refuseForeign(database: LibsqlDatabase.Database, path: string): readonly string[] {
  const rows = (sql: string): Row[] => database.prepare(sql).all() as Row[];
  const tables = rows("select name from sqlite_master where type = 'table'").map((row) => row["name"]);
  if (tables.length === 0) return [];
  const [meta] = tables.includes("meta") ? rows("select value from meta where key = 'schema'") : [];
  const version = meta?.["value"];
  const steps = stepsFrom(String(version));
  if (steps !== undefined) return steps;
  const writer =
    version === undefined ? "another program" : `another version of this program (its schema: ${String(version)})`;
  throw new StoreUnavailable(
    `${path} was written by ${writer}; this one reads schema ${SCHEMA_VERSION}. ` +
      `Start the program that wrote it, or name another file under "storage".`,
  );
}
