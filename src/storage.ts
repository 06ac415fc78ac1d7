/** Opens what the config names as storage: the store and, in the same file or elsewhere, the links. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Memory } from "../adapters/index.js";
import type { Config } from "./config.js";
import { createLease } from "./lease.js";
import { createLinks, type Links } from "./links.js";
import type { Logger } from "./log.js";
import { openSpace, UnreadableValue, type Space } from "./store/keyv-space.js";
import { createKeyvStore } from "./store/keyv-store.js";
import { keyvStoreFor } from "./store/keyv-url.js";
import type { Store } from "./store/port.js";
import { createSqliteStore } from "./store/sqlite-store.js";
import { openSqliteFile } from "./store/sqlite.js";

export interface Storage {
  readonly store: Store;
  readonly links: Links;
  /** A small durable store for one adapter. */
  memory(platform: string): Memory;
  close(): Promise<void>;
}

export interface StorageDeps {
  readonly logger: Logger;
  /** Epoch ms. */
  readonly now: () => number;
  /** Random text that nobody can guess. */
  readonly secret: () => string;
}

/** Rejects with `StoreUnavailable` when the file cannot be used, and with `ConfigError` when the links' URL cannot. */
export async function openStorage(
  { storage, links: url, retention }: Pick<Config, "storage" | "links" | "retention">,
  { logger, now, secret }: StorageDeps,
): Promise<Storage> {
  const elsewhere = url === undefined ? undefined : await keyvStoreFor(url);
  const file = openSqliteFile(fileOf(storage));
  const store = createSqliteStore(file, { now, lease: createLease(secret()), newSecret: secret, retention });
  const onError = (error: unknown): void => logger.error({ err: error }, "the store of the links failed");
  const memories: Space<string>[] = [];
  const space = <T>(namespace: string): Space<T> =>
    openSpace<T>(elsewhere?.() ?? createKeyvStore(file, now), namespace, onError);
  const links = createLinks(space, { keepDays: retention.linkDays, now });
  return {
    store,
    links,
    memory(platform) {
      const memory = space<string>(`adapter-${platform}`);
      memories.push(memory);
      return { set: memory.set, get: (key) => memory.get(key).catch(forgotten(onError)) };
    },
    async close() {
      await links.close();
      for (const memory of memories) await memory.close();
      await store.close();
    },
  };
}

/** `sqlite:data/bridge.db` is the file `data/bridge.db`. */
export function fileOf(storage: string): string {
  return storage.replace(/^sqlite:/, "");
}

/** For commands that only look, which must not make a file: that there is none, where, why, and what to do. undefined: there is one. */
export function missingStorage(storage: string): string | undefined {
  const file = fileOf(storage);
  if (existsSync(file)) return undefined;
  const where = `There is no ${resolve(file)}, which storage names (${storage})`;
  const first = "If the bridge has never run, nothing is kept yet: its first start makes the file";
  if (resolve(file) === file) return `${where}. ${first}. Else mend storage.`;
  return `${where}, from the folder in which this command runs. ${first}. Else run this in the folder in which the bridge is started, or write storage with its whole path, such as sqlite:/var/lib/bridge.db.`;
}

/** What an adapter remembers can be found out anew; without an answer it would never start. */
function forgotten(onError: (error: unknown) => void): (error: unknown) => undefined {
  return (error) => {
    if (!(error instanceof UnreadableValue)) throw error;
    onError(error);
    return undefined;
  };
}
