/**
 * One SQLite file. All writing goes through `commit`, which gathers what is asked for within one turn of the event
 * loop into one transaction: many concurrent events cost one fsync (`synchronous=FULL`), and each is told only after it.
 */
import LibsqlDatabase from "libsql";
import { dirname } from "node:path";
import { StoreUnavailable } from "../errors.js";
import { makeFolder } from "./folder.js";
import { faultPoint } from "../fault-point.js";
import { emptyLog } from "./sqlite-log.js";
import type { Row, Sql } from "./sql.js";
import { SCHEMA, SCHEMA_VERSION, stepsFrom } from "./schema.js";
import { damageOf } from "./damage.js";

export interface SqliteFile {
  /** For reading outside of a transaction. Throws `StoreUnavailable`. */
  readonly sql: Sql;
  /**
   * Runs `work` in the next transaction and resolves once that is on disk. What `work` throws undoes and rejects this work alone.
   * Rejects with `StoreUnavailable` when the file cannot be written. `work` awaits nothing but the store, and may be run a second
   * time, on what was there before the first.
   */
  commit<T>(work: (sql: Sql) => Promise<T> | T): Promise<T>;
  /** How many transactions have begun. While one lasts, nobody else writes. */
  transactions(): number;
  /** Called whenever a transaction could not be written. */
  onFailure(listener: (failure: StoreUnavailable) => void): void;
  /** Commits what waits, and closes. */
  close(): Promise<void>;
}

interface Waiting {
  /** Throws what the work throws. */
  run(sql: Sql): Promise<void>;
  /** What the work throws undoes and rejects this work alone. */
  runApart(sql: Sql): Promise<void>;
  settle(failure?: Error): void;
}

export function openSqliteFile(path: string): SqliteFile {
  const database = openDatabase(path);
  let damage: StoreUnavailable | undefined;
  const sql = statements(database, (found) => void (damage ??= found));
  const listeners: ((failure: StoreUnavailable) => void)[] = [];
  let waiting: Waiting[] = [];
  let flushing: Promise<void> | undefined;
  let begun = 0;

  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    let failure: StoreUnavailable | undefined;
    try {
      await commitAll(sql, batch, () => void (begun += 1));
    } catch (error) {
      failure = storeFailure(error);
      for (const listener of listeners) listener(failure);
    }
    for (const item of batch) item.settle(failure);
    flushing = waiting.length > 0 ? schedule() : undefined;
  };
  const schedule = (): Promise<void> => new Promise((resolve) => setImmediate(() => void flush().then(resolve)));

  return {
    sql,
    commit: (work) =>
      new Promise((resolve, reject) => {
        // What is written into a damaged file may be lost, and may damage more of it.
        if (damage !== undefined) return reject(damage);
        waiting.push(waitingFor(work, resolve, reject));
        flushing ??= schedule();
      }),
    transactions: () => begun,
    onFailure: (listener) => void listeners.push(listener),
    close: async () => {
      while (flushing !== undefined) await flushing;
      emptyLogIfPossible(sql);
      database.close();
    },
  };
}

/** After a clean stop everything is in the one file. Where that cannot be done now, nothing is lost: whoever opens it next reads the log. */
function emptyLogIfPossible(sql: Sql): void {
  try {
    emptyLog(sql);
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
  }
}

function waitingFor<T>(
  work: (sql: Sql) => Promise<T> | T,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): Waiting {
  let outcome: () => void = () => reject(new StoreUnavailable("the store stopped before this could be written"));
  const run = async (sql: Sql): Promise<void> => {
    const value = await work(sql);
    outcome = () => resolve(value);
  };
  return {
    run,
    runApart: async (sql) => {
      sql.run("savepoint work");
      try {
        await run(sql);
      } catch (error) {
        // The whole transaction is lost, and with it the savepoint.
        if (error instanceof StoreUnavailable) throw error;
        sql.run("rollback to work");
        outcome = () => reject(error);
      }
      sql.run("release work");
    },
    settle: (failure) => (failure === undefined ? outcome() : reject(failure)),
  };
}

/** Nearly always no work throws. Savepoints cost a tenth of an event, so they are made only when a batch is known to need them. */
async function commitAll(sql: Sql, batch: readonly Waiting[], begin: () => void): Promise<void> {
  begin();
  try {
    await inTransaction(sql, async () => {
      for (const item of batch) await item.run(sql);
    });
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error;
    begin();
    await inTransaction(sql, async () => {
      for (const item of batch) await item.runApart(sql);
    });
  }
}

async function inTransaction(sql: Sql, work: () => Promise<void>): Promise<void> {
  sql.run("begin immediate");
  try {
    await work();
    faultPoint("commit");
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

/**
 * How long to wait for another process's transaction. The whole process stands still meanwhile, and every transaction of ours
 * takes milliseconds: whoever holds the file for longer is told of by a refusal that others can act on.
 */
const BUSY_MS = 1000;

function openDatabase(path: string): LibsqlDatabase.Database {
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

function unreadable(path: string, error: unknown): StoreUnavailable {
  const why = error instanceof Error ? error.message : String(error);
  return new StoreUnavailable(
    `cannot open the database ${path}: ${why}. Check that the folder exists and may be written; a damaged file is left as it is: ` +
      `move it away or restore a backup.`,
    { cause: error },
  );
}

const DAMAGED = /^SQLITE_(CORRUPT|NOTADB)/;

function storeFailure(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error;
  const why = error instanceof Error ? error.message : String(error);
  if (DAMAGED.test(codeOf(error)))
    return new StoreUnavailable(
      `the database is damaged: ${why}. Nothing more is written into it. Stop this program, keep a copy of the file, then restore a ` +
        `backup or what \`sqlite3 FILE .recover\` finds.`,
      { cause: error },
    );
  return new StoreUnavailable(`the database could not be written: ${why}. ${remedyFor(codeOf(error))}`, {
    cause: error,
  });
}

function remedyFor(code: string): string {
  if (/FULL/.test(code)) return "Make room on its disk: then all goes on by itself.";
  if (/BUSY|LOCKED/.test(code)) return "Another program holds it; it is tried again.";
  return "Check that its disk is well and that this program may write there: then all goes on by itself.";
}

/** A sick store; whatever else SQLite complains of (a broken constraint, a value it cannot take) is a bug of ours. */
const SICK = /^SQLITE_(FULL|IOERR|READONLY|CORRUPT|BUSY|LOCKED|CANTOPEN|NOTADB|NOMEM|PROTOCOL|PERM|AUTH|INTERNAL)/;

function isBug(database: LibsqlDatabase.Database, error: unknown): boolean {
  if (!database.open) return false;
  return !SICK.test(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** `onDamage`: SQLite found the file damaged. */
function statements(database: LibsqlDatabase.Database, onDamage: (found: StoreUnavailable) => void): Sql {
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
      if (isBug(database, error)) throw error;
      const failure = storeFailure(error);
      if (DAMAGED.test(codeOf(error))) onDamage(failure);
      throw failure;
    }
  };
  return {
    run: (sql, values = []) => guarded(() => statement(sql).run(values).changes),
    get: (sql, values = []) => guarded(() => statement(sql).get(values) as Row | undefined),
    all: (sql, values = []) => guarded(() => statement(sql).all(values) as Row[]),
  };
}
