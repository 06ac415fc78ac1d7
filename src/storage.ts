/** Opens what the config names as storage: the store and, in the same file or elsewhere, the links. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Memory } from "../adapters/index.js";
import { realClock } from "./clock.js";
import type { Config } from "./config.js";
import { createLease } from "./lease.js";
import { createLinks, type Links } from "./links.js";
import { createTroubles, watchLinks, type LinksHealth } from "./links/health.js";
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
  /** Of a store of the links that is not in the same file. */
  readonly linksHealth?: LinksHealth;
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
  deps: StorageDeps,
): Promise<Storage> {
  const { logger, now, secret } = deps;
  const elsewhere = url === undefined ? undefined : await openElsewhere(url, deps);
  const file = openSqliteFile(fileOf(storage));
  const store = createSqliteStore(file, { now, lease: createLease(secret()), newSecret: secret, retention });
  const onError = failed(logger);
  const here: OpenSpace = (namespace) => openSpace(createKeyvStore(file, now), namespace, onError);
  const memories: Space<string>[] = [];
  const space = elsewhere?.space ?? here;
  const links = createLinks(space, { keepDays: retention.linkDays, now });
  return {
    store,
    links,
    ...(elsewhere === undefined ? {} : { linksHealth: elsewhere.health }),
    memory(platform) {
      const memory = space<string>(`adapter-${platform}`);
      memories.push(memory);
      return { set: memory.set, get: (key) => memory.get(key).catch(forgotten(onError)) };
    },
    async close() {
      // What cannot be closed elsewhere is no reason to leave the file open.
      await Promise.allSettled([elsewhere?.close(), links.close(), ...memories.map((memory) => memory.close())]);
      await store.close();
    },
  };
}

type OpenSpace = <T>(namespace: string) => Space<T>;

export interface Elsewhere {
  readonly space: OpenSpace;
  readonly health: LinksHealth;
  close(): Promise<void>;
}

/** A store of the links that is not in the bridge's own file. Rejects with `ConfigError` when there is none for the URL. */
export async function openElsewhere(url: string, { logger, secret }: StorageDeps): Promise<Elsewhere> {
  const newStore = await keyvStoreFor(url);
  const { heard, explain } = createTroubles(url, realClock.monotonic);
  // The health tells of whatever passes.
  const onError = (error: unknown): void => (error instanceof UnreadableValue ? failed(logger)(error) : heard(error));
  const space: OpenSpace = (namespace) => openSpace(newStore(), namespace, onError, explain);
  const looks = space<string>("health");
  const health = watchLinks({ space: looks, logger, clock: realClock, secret });
  return {
    space,
    health,
    async close() {
      health.stop();
      await looks.close();
    },
  };
}

function failed(logger: Logger): (error: unknown) => void {
  return (error) => logger.error({ err: error }, "the store of the links failed");
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
