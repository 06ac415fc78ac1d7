/** One namespace of a Keyv store. */
import { Keyv, type KeyvStoreAdapter } from "keyv";
import { LinksUnavailable, StoreUnavailable } from "../errors.js";

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
/** A stop of the bridge has other things to wait for. */
const CLOSING_MS = 1000;

/**
 * Whatever goes wrong in a Keyv store passes: the work that needs it waits, and is not given up. `onError` hears of failures that
 * also reject the call, if there is one; Keyv wants a listener for them. `explain`: what to say of a call that failed, and why it did.
 */
export function openSpace<T>(
  store: KeyvStoreAdapter,
  namespace: string,
  onError: (error: unknown) => void,
  explain = (why: string): string => `the store of the links does not answer: ${why}`,
): Space<T> {
  const answered = <R>(call: Promise<R>, withinMs = PATIENCE_MS): Promise<R> => inTime(call, withinMs, explain);
  const keyv = new Keyv<T>({ store, namespace, throwOnErrors: true }).on("error", onError);
  const { deserialize } = keyv;
  keyv.deserialize = (text) => read(() => deserialize?.(text));
  return {
    get: (key) => answered(keyv.get<T>(key)),
    set: async (key, value, ttl) => void (await answered(keyv.set(key, value, ttl))),
    delete: async (key) => void (await answered(keyv.delete(key))),
    entries: () => (keyv.iterator === undefined ? undefined : eachAnswered<T>(keyv.iterator(undefined), answered)),
    close: () => answered(keyv.disconnect(), CLOSING_MS).catch((error: unknown) => breakOff(store, error)),
  };
}

/** A store that would first finish what waits, and cannot, may be made to end all the same; `true` is what Keyv's own stores go by. */
async function breakOff(store: KeyvStoreAdapter, error: unknown): Promise<void> {
  const disconnect: ((force?: boolean) => Promise<unknown>) | undefined = store.disconnect?.bind(store);
  await disconnect?.(true);
  throw error;
}

async function* eachAnswered<T>(
  rows: AsyncGenerator<unknown, void>,
  answered: <R>(call: Promise<R>) => Promise<R>,
): AsyncGenerator<readonly [string, T]> {
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

async function inTime<T>(call: Promise<T>, withinMs: number, explain: (why: string) => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${withinMs} ms`)), withinMs);
  });
  try {
    return await Promise.race([call, late]);
  } catch (error) {
    if (error instanceof StoreUnavailable || error instanceof UnreadableValue) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new LinksUnavailable(explain(why), { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
