/**
 * One SQLite file. All writing goes through `commit`, which gathers what is asked for within one turn of the event
 * loop into one transaction: many concurrent events cost one fsync (`synchronous=FULL`), and each is told only after it.
 */
import LibsqlDatabase from "libsql";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { StoreUnavailable } from "../errors.js";
import { SCHEMA, SCHEMA_VERSION } from "./schema.js";

export type SqlValue = string | number | null;
export type Row = Record<string, SqlValue>;

/** Prepared statements, made once per text of SQL. */
export interface Sql {
  run(sql: string, values?: readonly SqlValue[]): number;
  get(sql: string, values?: readonly SqlValue[]): Row | undefined;
  all(sql: string, values?: readonly SqlValue[]): Row[];
}

export interface SqliteFile {
  /** For reading outside of a transaction. Throws `StoreUnavailable`. */
  readonly sql: Sql;
  /**
   * Runs `work` in the next transaction and resolves once that is on disk. What `work` throws undoes and rejects this work alone.
   * Rejects with `StoreUnavailable` when the file cannot be written. `work` awaits nothing but the store.
   */
  commit<T>(work: (sql: Sql) => Promise<T> | T): Promise<T>;
  /** Commits what waits, and closes. */
  close(): Promise<void>;
}

interface Waiting {
  run(sql: Sql): Promise<void>;
  settle(failure?: Error): void;
}

export function openSqliteFile(path: string): SqliteFile {
  const database = openDatabase(path);
  const sql = statements(database);
  let waiting: Waiting[] = [];
  let flushing: Promise<void> | undefined;

  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    let failure: Error | undefined;
    try {
      await inTransaction(sql, batch);
    } catch (error) {
      failure = storeFailure(error);
    }
    for (const item of batch) item.settle(failure);
    flushing = waiting.length > 0 ? schedule() : undefined;
  };
  const schedule = (): Promise<void> => new Promise((resolve) => setImmediate(() => void flush().then(resolve)));

  return {
    sql,
    commit: (work) =>
      new Promise((resolve, reject) => {
        waiting.push(waitingFor(work, resolve, reject));
        flushing ??= schedule();
      }),
    close: async () => {
      while (flushing !== undefined) await flushing;
      database.close();
    },
  };
}

function waitingFor<T>(
  work: (sql: Sql) => Promise<T> | T,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): Waiting {
  let outcome: () => void = () => reject(new StoreUnavailable("the store stopped before this could be written"));
  return {
    run: async (sql) => {
      sql.run("savepoint work");
      try {
        const value = await work(sql);
        outcome = () => resolve(value);
      } catch (error) {
        sql.run("rollback to work");
        outcome = () => reject(error);
        if (error instanceof StoreUnavailable) throw error;
      } finally {
        sql.run("release work");
      }
    },
    settle: (failure) => (failure === undefined ? outcome() : reject(failure)),
  };
}

async function inTransaction(sql: Sql, batch: readonly Waiting[]): Promise<void> {
  sql.run("begin immediate");
  try {
    for (const item of batch) await item.run(sql);
    sql.run("commit");
  } catch (error) {
    try {
      sql.run("rollback");
    } catch {
      // SQLite has rolled back by itself, as it does when the disk is full.
    }
    throw error;
  }
}

function openDatabase(path: string): LibsqlDatabase.Database {
  if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
  try {
    const database = new LibsqlDatabase(path, { timeout: 5000 });
    database.pragma("journal_mode = wal");
    database.pragma("synchronous = full");
    database.pragma("auto_vacuum = incremental");
    prepareSchema(database, path);
    return database;
  } catch (error) {
    throw error instanceof StoreUnavailable ? error : unreadable(path, error);
  }
}

function prepareSchema(database: LibsqlDatabase.Database, path: string): void {
  database.exec(SCHEMA);
  database.prepare("insert or ignore into meta (key, value) values ('schema', ?)").run(SCHEMA_VERSION);
  const row: unknown = database.prepare("select value from meta where key = 'schema'").get();
  const version = typeof row === "object" && row !== null && "value" in row ? row.value : undefined;
  if (version === SCHEMA_VERSION) return;
  throw new StoreUnavailable(
    `${path} was written by another version of this program (schema ${String(version)}, this one reads ${SCHEMA_VERSION}). ` +
      `Start the version that wrote it, or name another file under "storage".`,
  );
}

function unreadable(path: string, error: unknown): StoreUnavailable {
  const why = error instanceof Error ? error.message : String(error);
  return new StoreUnavailable(
    `cannot open the database ${path}: ${why}. Check that the folder exists and may be written; a damaged file is left as it is: ` +
      `move it away or restore a backup.`,
    { cause: error },
  );
}

function storeFailure(error: unknown): Error {
  if (error instanceof StoreUnavailable) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new StoreUnavailable(`the database could not be written: ${why}`, { cause: error });
}

/** A broken constraint is a bug of ours, not a sick store. */
function isConstraint(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    error.code.startsWith("SQLITE_CONSTRAINT")
  );
}

function statements(database: LibsqlDatabase.Database): Sql {
  const prepared = new Map<string, LibsqlDatabase.Statement>();
  const statement = (sql: string): LibsqlDatabase.Statement => {
    let found = prepared.get(sql);
    if (found === undefined) prepared.set(sql, (found = database.prepare(sql)));
    return found;
  };
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw isConstraint(error) ? error : storeFailure(error);
    }
  };
  return {
    run: (sql, values = []) => guarded(() => statement(sql).run(...values).changes),
    get: (sql, values = []) => guarded(() => statement(sql).get(...values) as Row | undefined),
    all: (sql, values = []) => guarded(() => statement(sql).all(...values) as Row[]),
  };
}
