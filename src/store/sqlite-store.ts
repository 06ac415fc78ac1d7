/** The store on one SQLite file. */
import type { Row, Sql, SqlValue } from "./sql.js";
import type { RetentionConfig } from "../config.js";
import type { StoreUnavailable } from "../errors.js";
import { ECHO_WINDOW_MS, type LedgerWriter } from "../ledger.js";
import type { Conversation, ConversationId, Party } from "../message.js";
import type { QueueWriter } from "../queue/port.js";
import type { Lease } from "../queue/sqlite-lease.js";
import { sqliteQueueReader } from "../queue/sqlite-reader.js";
import { sqliteQueueWriter } from "../queue/sqlite-writer.js";
import { clockBehind, followClock } from "./follow-clock.js";
import type { Store, Transaction } from "./port.js";
import { createRecent } from "./recent.js";
import { recall, sqliteLedger } from "./sqlite-ledger.js";
import { sqliteEverything } from "./sqlite-all.js";
import { sweep } from "./sqlite-sweep.js";
import type { SqliteFile } from "./sqlite.js";

export interface StoreOptions {
  /** Wall clock, epoch ms. */
  now(): number;
  readonly lease: Lease;
  /** A fresh secret, used once when the file is new. */
  newSecret(): string;
  readonly retention: RetentionConfig;
}

/** For how long equal texts are looked for; as in `LedgerWriter`. */
const RECENT_MS = ECHO_WINDOW_MS;

/** Longer than between two attempts of work that waits for a sick store. */
const TROUBLED_MS = 5000;

export function createSqliteStore(file: SqliteFile, { now, lease, newSecret, retention }: StoreOptions): Store {
  const { sql } = file;
  const listeners: ((targets: ReadonlySet<string>) => void)[] = [];
  sql.run("insert or ignore into meta (key, value) values ('digest-key', ?)", [newSecret()]);
  const digestKey = String(sql.get("select value from meta where key = 'digest-key'")?.["value"]);

  followClock(sql, now(), -clockBehind(sql, now(), lease.ms), lease.ms);
  const recent = createRecent();
  recall(sql, recent, now() - RECENT_MS);
  const known = createRecall<ConversationId>(watchOthers(file));
  /** Of the work that is being written. Works are written one after the other, so one transaction object serves them all. */
  let traces: Traces = newTraces();
  const queue = sqliteQueueWriter(sql, {
    ...{ now, lease, generation: file.generation },
    touch: (target) => void traces.touched.add(target),
  });
  const follow = (jumpedMs: number): void => followClock(sql, now(), jumpedMs, lease.ms);
  const tx = transaction(sql, now, { queue, known, ledger: sqliteLedger(sql, recent), follow }, () => traces);

  const commit = async <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => {
    let left = traces;
    const value = await file.commit(() => {
      traces = left = newTraces();
      return work(tx);
    });
    for (const [id, state] of left.noted) known.keep(id, state);
    if (left.touched.size > 0) for (const listener of listeners) listener(left.touched);
    return value;
  };

  let failed: { readonly failure: StoreUnavailable; readonly at: number } | undefined;
  file.onFailure((failure) => void (failed = { failure, at: now() }));
  const probe = async (): Promise<void> => {
    const earlier = failed;
    await file
      .commit((within) => void within.run("update meta set value = value where key = 'schema'"))
      // Its own failures are told at once, and not again.
      .finally(() => (failed = earlier));
    // On a full disk so small a write may find room where a text does not.
    if (failed !== undefined && Math.abs(now() - failed.at) < TROUBLED_MS) throw failed.failure;
  };

  return {
    queue: sqliteQueueReader(sql),
    digestKey,
    commit,
    conversation: (id) => readConversation(sql, id),
    all: sqliteEverything(sql),
    conversationsSince: (since) =>
      sql
        .all("select conversation from ledger where at >= ? group by conversation order by max(at) desc", [since])
        .map((row) => String(row["conversation"]) as ConversationId),
    wasTaken: (key) => sql.get("select key from seen where key = ?", [key]) !== undefined,
    onWork: (listener) => void listeners.push(listener),
    probe,
    sweep: (signal) => sweep(file, retention, now(), signal),
    close: () => file.close(),
  };
}

/** What one work leaves behind, to be acted on once it is on disk. */
interface Traces {
  /** Targets that have something new to do. */
  readonly touched: Set<string>;
  /** Conversations as they were written. */
  readonly noted: Map<ConversationId, string>;
}

function newTraces(): Traces {
  return { touched: new Set(), noted: new Map() };
}

interface Recall<Key> {
  has(key: Key, state: string): boolean;
  keep(key: Key, state: string): void;
  forget(key: Key): void;
}

/** Enough for the conversations of a busy week; a few MB at most. */
const MOST_RECALLED = 10_000;

/**
 * What is surely on disk already, so that it need not be written with every text. In this process nothing else removes it; once
 * another one has written (the command line may erase a contact), nothing is sure any more.
 */
function createRecall<Key>(othersWrote: () => boolean): Recall<Key> {
  const states = new Map<Key, string>();
  return {
    has(key, state) {
      if (states.get(key) !== state) return false;
      if (!othersWrote()) return true;
      states.clear();
      return false;
    },
    keep(key, state) {
      if (states.size >= MOST_RECALLED) states.clear();
      states.set(key, state);
    },
    forget: (key) => void states.delete(key),
  };
}

/** Whether another connection has written to the file since this was asked last; asked once in each transaction. */
function watchOthers({ sql, generation }: SqliteFile): () => boolean {
  let last: SqlValue | undefined;
  let asked = -1;
  return () => {
    if (asked === generation()) return false;
    asked = generation();
    const before = last;
    last = sql.get("pragma data_version")?.["data_version"];
    return last !== before;
  };
}

const DAY_MS = 24 * 3_600_000;

interface WriterParts {
  readonly queue: QueueWriter;
  readonly ledger: LedgerWriter;
  readonly known: Recall<ConversationId>;
  readonly follow: (jumpedMs: number) => void;
}

function transaction(
  sql: Sql,
  now: () => number,
  { queue, known, ledger, follow }: WriterParts,
  traces: () => Traces,
): Transaction {
  return {
    queue,
    ledger,
    firstTime: async (key) => sql.run("insert or ignore into seen (key, at) values (?, ?)", [key, now()]) > 0,
    async noteConversation({ id, line, extension, did, contact }) {
      const state = JSON.stringify([line, did?.wire, contact.wire, Math.floor(now() / DAY_MS)]);
      if (known.has(id, state)) return;
      traces().noted.set(id, state);
      sql.run(
        `insert into conversations (id, line, extension, did, did_wire, contact, contact_wire, at) values (?, ?, ?, ?, ?, ?, ?, ?)
         on conflict (id) do update set line = excluded.line, did_wire = excluded.did_wire, contact_wire = excluded.contact_wire,
           at = excluded.at
         where (line, did_wire, contact_wire) is not (excluded.line, excluded.did_wire, excluded.contact_wire)
           or at < excluded.at - ${DAY_MS / 2}`,
        [id, line, extension, did?.number ?? null, did?.wire ?? null, contact.number, contact.wire, now()],
      );
    },
    conversation: async (id) => readConversation(sql, id),
    async forgetConversation(id) {
      known.forget(id);
      sql.run("delete from conversations where id = ?", [id]);
    },
    note: async (name) => text(sql.get("select value from meta where key = ?", [`note.${name}`]), "value"),
    async setNote(name, value) {
      sql.run("insert into meta (key, value) values (?, ?) on conflict (key) do update set value = excluded.value", [
        `note.${name}`,
        value,
      ]);
    },
    followClock: async (jumpedMs) => follow(jumpedMs),
  };
}

function readConversation(sql: Sql, id: ConversationId): Conversation | undefined {
  const row = sql.get("select * from conversations where id = ?", [id]);
  if (row === undefined) return undefined;
  const did = party(row, "did");
  const contact = party(row, "contact");
  if (contact === undefined) return undefined;
  const line = String(row["line"]);
  return { id, line, extension: Number(row["extension"]), contact, ...(did === undefined ? {} : { did }) };
}

function text(row: Row | undefined, column: string): string | undefined {
  const value = row?.[column];
  return typeof value === "string" ? value : undefined;
}

function party(row: Row, column: "did" | "contact"): Party | undefined {
  const number = row[column];
  if (typeof number !== "string") return undefined;
  return { number, wire: String(row[`${column}_wire`] ?? number) };
}
