/**
 * A Keyv 5 store on a table of the same SQLite file. One object serves one namespace (Keyv objects that share an adapter
 * overwrite each other's namespace). Writes join the file's group commit, so a resolved `set` is on disk.
 */
import type { Row } from "./sql.js";
import { EventEmitter } from "node:events";
import type { KeyvStoreAdapter, StoredData } from "keyv";
import type { SqliteFile } from "./sqlite.js";

/** How many rows are in memory while somebody goes through all. */
const PAGE_ROWS = 500;

export function createKeyvStore(file: SqliteFile, now: () => number): KeyvStoreAdapter {
  return new SqliteKeyvStore(file, now);
}

class SqliteKeyvStore extends EventEmitter implements KeyvStoreAdapter {
  readonly opts: { readonly dialect: string } = { dialect: "sqlite" };
  namespace: string | undefined;
  readonly #file: SqliteFile;
  readonly #now: () => number;

  constructor(file: SqliteFile, now: () => number) {
    super();
    this.#file = file;
    this.#now = now;
  }

  async get<Value>(key: string): Promise<StoredData<Value> | undefined> {
    const row = this.#file.sql.get(
      "select value from links where namespace = ? and key = ? and (expires_at is null or expires_at > ?)",
      [this.#space(), key, this.#now()],
    );
    // Keyv writes and reads its own JSON; to this store a value is text.
    return row === undefined ? undefined : (row["value"] as StoredData<Value>);
  }

  async set(key: string, value: unknown, ttl?: number): Promise<boolean> {
    const expires = ttl === undefined || ttl <= 0 ? null : this.#now() + ttl;
    await this.#file.commit((sql) =>
      sql.run(
        `insert into links (namespace, key, value, expires_at) values (?, ?, ?, ?)
         on conflict (namespace, key) do update set value = excluded.value, expires_at = excluded.expires_at`,
        [this.#space(), key, String(value), expires],
      ),
    );
    return true;
  }

  async has(key: string): Promise<boolean> {
    return (await this.get(key)) !== undefined;
  }

  async delete(key: string): Promise<boolean> {
    const deleted = await this.#file.commit((sql) =>
      sql.run("delete from links where namespace = ? and key = ?", [this.#space(), key]),
    );
    return deleted > 0;
  }

  async deleteMany(keys: string[]): Promise<boolean> {
    const deleted = await Promise.all(keys.map((key) => this.delete(key)));
    return deleted.some(Boolean);
  }

  async clear(): Promise<void> {
    await this.#file.commit((sql) => sql.run("delete from links where namespace = ?", [this.#space()]));
  }

  async *iterator<Value>(): AsyncGenerator<[string, Value]> {
    for (let after = "", rows: Row[] = []; ; after = String(rows.at(-1)?.["key"])) {
      rows = this.#file.sql.all(
        `select key, value from links where namespace = ? and key > ? and (expires_at is null or expires_at > ?)
         order by key limit ${PAGE_ROWS}`,
        [this.#space(), after, this.#now()],
      );
      for (const row of rows) yield [String(row["key"]), row["value"] as Value];
      if (rows.length < PAGE_ROWS) return;
    }
  }

  #space(): string {
    return this.namespace ?? "";
  }
}
