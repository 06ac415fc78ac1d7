/** Any other Keyv store, by URL. Its package is installed by whoever wants it; none is a dependency of ours. */
import type { KeyvStoreAdapter } from "keyv";
import { ConfigError } from "../errors.js";

/** Keyv's own stores, by the URL's scheme. */
const PACKAGES: Readonly<Record<string, string>> = {
  redis: "@keyv/redis",
  rediss: "@keyv/redis",
  valkey: "@keyv/valkey",
  postgres: "@keyv/postgres",
  postgresql: "@keyv/postgres",
  mysql: "@keyv/mysql",
  mongodb: "@keyv/mongo",
  memcached: "@keyv/memcache",
  etcd: "@keyv/etcd",
};

type StoreClass = new (url: string) => KeyvStoreAdapter;

/** Gives a new store object for each call. Rejects with `ConfigError` when the scheme or its package is unknown. */
export async function keyvStoreFor(url: string): Promise<() => KeyvStoreAdapter> {
  const scheme = /^([a-z]+):/.exec(url)?.[1] ?? "";
  const name = PACKAGES[scheme];
  if (name === undefined) {
    const known = Object.keys(PACKAGES).join(", ");
    throw new ConfigError([`links: no Keyv store is known for ${scheme}: URLs. Known: ${known}`]);
  }
  const Store = await storeClass(name);
  return () => throwing(new Store(url));
}

/** Some stores have a mind of their own about it: a connection that broke in the middle of a call would look like "there is nothing". */
function throwing(store: KeyvStoreAdapter): KeyvStoreAdapter {
  return "throwOnErrors" in store ? Object.assign(store, { throwOnErrors: true }) : store;
}

async function storeClass(name: string): Promise<StoreClass> {
  try {
    const loaded: { default: StoreClass } = await import(name);
    return loaded.default;
  } catch (error) {
    throw new ConfigError(
      [
        `links: the package ${name} is needed for this URL and could not be loaded. Install one that fits keyv 5: npm install ${name}`,
      ],
      { cause: error },
    );
  }
}
