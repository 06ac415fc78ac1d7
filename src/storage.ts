/** Opens what the config names as storage: the store and, in the same file or elsewhere, the links. */
import { Keyv, type KeyvStoreAdapter } from "keyv";
import type { Memory } from "../adapters/index.js";
import type { Config } from "./config.js";
import { createLease } from "./lease.js";
import { createLinks, type Links } from "./links.js";
import type { Logger } from "./log.js";
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
  { storage, links: url }: Pick<Config, "storage" | "links">,
  { logger, now, secret }: StorageDeps,
): Promise<Storage> {
  const elsewhere = url === undefined ? undefined : await keyvStoreFor(url);
  const file = openSqliteFile(storage.replace(/^sqlite:/, ""));
  const store = createSqliteStore(file, { now, lease: createLease(secret()), newSecret: secret });
  const keyvStore = (): KeyvStoreAdapter => elsewhere?.() ?? createKeyvStore(file, now);
  const onError = (error: unknown): void => logger.error({ err: error }, "the store of the links failed");
  const links = createLinks(keyvStore, onError);
  return {
    store,
    links,
    memory(platform) {
      const namespace = `adapter-${platform}`;
      const keyv = new Keyv<string>({ store: keyvStore(), namespace, throwOnErrors: true });
      keyv.on("error", onError);
      return { get: (key) => keyv.get(key), set: async (key, value) => void (await keyv.set(key, value)) };
    },
    async close() {
      await links.close();
      await store.close();
    },
  };
}
