/** One namespace of a Keyv store. */
import { Keyv, type KeyvStoreAdapter } from "keyv";
import { StoreUnavailable } from "../errors.js";

/** A value that is damaged. To try again does not help. */
export class UnreadableValue extends Error {
  override readonly name = "UnreadableValue";
}

/** Everything rejects with `StoreUnavailable` when the store fails or does not answer. */
export interface Space<T> {
  /** Rejects with `UnreadableValue` when the value is damaged. */
  get(key: string): Promise<T | undefined>;
  /** `ttl`: ms; absent: for ever. */
  set(key: string, value: T, ttl?: number): Promise<void>;
  delete(key: string): Promise<void>;
  /** All of them, one after the other; undefined: the store cannot be gone through. */
  entries(): AsyncIterable<readonly [key: string, value: T]> | undefined;
  close(): Promise<void>;
}

/** A store elsewhere may hold a call for ever while it reconnects. */
const PATIENCE_MS = 5000;

/**
 * Whatever goes wrong in a Keyv store passes: the work that needs it waits, and is not given up. `onError` hears of failures that
 * also reject the call; Keyv wants a listener for them.
 */
export function openSpace<T>(store: KeyvStoreAdapter, namespace: string, onError: (error: unknown) => void): Space<T> {
  const keyv = new Keyv<T>({ store, namespace, throwOnErrors: true }).on("error", onError);
  const { deserialize } = keyv;
  keyv.deserialize = (text) => read(() => deserialize?.(text));
  return {
    get: (key) => answered(keyv.get<T>(key)),
    set: async (key, value, ttl) => void (await answered(keyv.set(key, value, ttl))),
    delete: async (key) => void (await answered(keyv.delete(key))),
    entries: () => (keyv.iterator === undefined ? undefined : eachAnswered<T>(keyv.iterator(undefined))),
    close: () => answered(keyv.disconnect()),
  };
}

async function* eachAnswered<T>(rows: AsyncGenerator<unknown, void>): AsyncGenerator<readonly [string, T]> {
  for (;;) {
    const step = await answered(rows.next());
    if (step.done === true) return;
    // Keyv's types leave open what it goes through; these are what it was given.
    yield step.value as [string, T];
  }
}

/** Keyv's own failure would look like a store that does not answer. */
function read<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UnreadableValue("what is stored under this key cannot be read", { cause: error });
  }
}

async function answered<T>(call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([call, late]);
  } catch (error) {
    if (error instanceof StoreUnavailable || error instanceof UnreadableValue) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new StoreUnavailable(`the store of the links does not answer: ${why}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
