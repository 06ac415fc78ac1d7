/**
 * One SQLite file. All writing goes through `commit`, which gathers what is asked for within one turn of the event
 * loop into one transaction: many concurrent events cost one fsync (`synchronous=FULL`), and each is told only after it.
 */
import type LibsqlDatabase from "libsql";
import { StoreUnavailable } from "../errors.js";
import { faultPoint } from "../fault-point.js";
import type { Row, Sql } from "./sql.js";
import { codeOf, DAMAGED, isBug, storeFailure } from "./sqlite-failures.js";
import { emptyLog } from "./sqlite-log.js";
import { openDatabase } from "./sqlite-open.js";

export interface SqliteFile {
  /** For reading outside of a transaction. Throws `StoreUnavailable`. */
  readonly sql: Sql;
  /**
   * Runs `work` in the next transaction and resolves once that is on disk. What `work` throws undoes and rejects this work alone.
   * Rejects with `StoreUnavailable` when the file cannot be written. `work` awaits nothing but the store, and may be run a second
   * time, on what was there before the first.
   */
  commit<T>(work: (sql: Sql) => Promise<T> | T): Promise<T>;
  /** Another number than before: what was read may no longer be so, as a transaction has begun or a part of one was undone. */
  generation(): number;
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
  let generation = 0;

  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    let failure: StoreUnavailable | undefined;
    try {
      await commitAll(sql, batch, () => void (generation += 1));
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
    generation: () => generation,
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
async function commitAll(sql: Sql, batch: readonly Waiting[], newGeneration: () => void): Promise<void> {
  newGeneration();
  try {
    await inTransaction(sql, async () => {
      for (const item of batch) await item.run(sql);
    });
  } catch (error) {
    if (error instanceof StoreUnavailable) throw error;
    await inTransaction(sql, async () => {
      for (const item of batch) {
        newGeneration();
        await item.runApart(sql);
      }
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
