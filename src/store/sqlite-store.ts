/** The store on one SQLite file. */
import type { Conversation, ConversationId, Party } from "../message.js";
import { sqliteQueueReader, sqliteQueueWriter, type Lease } from "../queue/sqlite.js";
import type { Store, Transaction } from "./port.js";
import { sqliteLedger } from "./sqlite-ledger.js";
import type { Row, Sql, SqliteFile } from "./sqlite.js";

export interface StoreOptions {
  /** Wall clock, epoch ms. */
  now(): number;
  readonly lease: Lease;
  /** A fresh secret, used once when the file is new. */
  newSecret(): string;
}

/** How long an event's key is remembered: longer than any platform delivers again. */
const SEEN_MS = 7 * 24 * 3_600_000;

export function createSqliteStore(file: SqliteFile, { now, lease, newSecret }: StoreOptions): Store {
  const { sql } = file;
  const listeners: ((targets: ReadonlySet<string>) => void)[] = [];
  sql.run("insert or ignore into meta (key, value) values ('digest-key', ?)", [newSecret()]);
  const digestKey = String(sql.get("select value from meta where key = 'digest-key'")?.["value"]);

  const commit = async <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => {
    const touched = new Set<string>();
    const value = await file.commit((within) => work(transaction(within, now(), lease, touched)));
    if (touched.size > 0) for (const listener of listeners) listener(touched);
    return value;
  };

  return {
    queue: sqliteQueueReader(sql),
    digestKey,
    commit,
    conversation: (id) => readConversation(sql, id),
    onWork: (listener) => void listeners.push(listener),
    probe: () => file.commit((within) => void within.run("update meta set value = value where key = 'schema'")),
    sweep: () => file.commit((within) => sweep(within, now())),
    close: () => file.close(),
  };
}

function transaction(sql: Sql, now: number, lease: Lease, touched: Set<string>): Transaction {
  return {
    queue: sqliteQueueWriter(sql, now, lease, touched),
    ledger: sqliteLedger(sql),
    firstTime: async (key) => sql.run("insert or ignore into seen (key, at) values (?, ?)", [key, now]) > 0,
    async noteConversation({ id, line, extension, did, contact }) {
      sql.run(
        `insert into conversations (id, line, extension, did, did_wire, contact, contact_wire, at) values (?, ?, ?, ?, ?, ?, ?, ?)
         on conflict (id) do update set line = excluded.line, did_wire = excluded.did_wire, contact_wire = excluded.contact_wire
         where (line, did_wire, contact_wire) is not (excluded.line, excluded.did_wire, excluded.contact_wire)`,
        [id, line, extension, did?.number ?? null, did?.wire ?? null, contact.number, contact.wire, now],
      );
    },
    conversation: async (id) => readConversation(sql, id),
  };
}

function readConversation(sql: Sql, id: ConversationId): Conversation | undefined {
  const row = sql.get("select * from conversations where id = ?", [id]);
  if (row === undefined) return undefined;
  const did = party(row, "did");
  const contact = party(row, "contact");
  if (contact === undefined) return undefined;
  const base = { id, line: String(row["line"]), extension: Number(row["extension"]), contact };
  return did === undefined ? base : { ...base, did };
}

function party(row: Row, column: "did" | "contact"): Party | undefined {
  const number = row[column];
  if (typeof number !== "string") return undefined;
  return { number, wire: String(row[`${column}_wire`] ?? number) };
}

function sweep(sql: Sql, now: number): number {
  const done = sql.run("delete from deliveries where state = 'done' and keep_until <= ?", [now]);
  const seen = sql.run("delete from seen where at <= ?", [now - SEEN_MS]);
  const links = sql.run("delete from links where expires_at <= ?", [now]);
  // Gives the pages that became free back to the disk, a few at a time.
  sql.all("pragma incremental_vacuum(256)");
  return done + seen + links;
}
