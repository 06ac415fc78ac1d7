/** A store to begin with, and short words for what is done with its queue. */
import type { MessageId } from "../../../src/message.js";
import type { Batch, Delivery, NewDelivery, QueueWriter } from "../../../src/queue/port.js";
import type { Heard } from "../../../src/queue/work.js";
import type { Store } from "../../../src/store/port.js";

export interface StoresUnderTest {
  readonly clock: { now: number };
  /** Opens the one database; `owner`: another one is another process. */
  open(owner?: string): Promise<Store>;
  /** From now on the owner's leases count as a dead process's. */
  die(owner: string): void;
}

export type MakeStores = () => StoresUnderTest;

export const FREE: ReadonlySet<string> = new Set();
export const alone = (): number => 1;
export const all = (waiting: readonly Delivery[]): number => waiting.length;

export async function begin(makeStores: MakeStores) {
  const stores = makeStores();
  const { clock } = stores;
  return { stores, clock, ...onStore(await stores.open(), clock) };
}

interface Some {
  readonly lane?: string;
  readonly target?: string;
  readonly urgency?: 0 | 1 | 2;
  readonly dueAt?: number;
}

export function onStore(store: Store, clock: { now: number }) {
  const delivery = (key: string, { lane = "l", target = "t", urgency = 1, dueAt }: Some = {}): NewDelivery => ({
    ...{ key, lane, target, urgency, work: heard(key) },
    ...(dueAt === undefined ? {} : { dueAt }),
  });
  const write = (work: (queue: QueueWriter) => Promise<void>): Promise<void> => store.commit((tx) => work(tx.queue));
  const next = async (busy: ReadonlySet<string> = FREE, join: (waiting: readonly Delivery[]) => number = alone) =>
    store.queue.next("t", clock.now, busy, join);
  /** Begins what comes next. */
  const attempt = async (join?: (waiting: readonly Delivery[]) => number): Promise<Batch> => {
    const batch = await next(FREE, join);
    if (batch === undefined) throw new Error("nothing to attempt");
    const begun = await store.commit((tx) => tx.queue.begin(batch, clock.now));
    if (!begun) throw new Error("not begun");
    return batch;
  };
  /** Does everything that is due, one by one. */
  const drain = async (): Promise<string[]> => {
    const done: string[] = [];
    while ((await next()) !== undefined) {
      const batch = await attempt();
      await write((queue) => queue.finish(batch));
      done.push(...keysOf(batch));
    }
    return done;
  };
  const stateOf = async (message: string): Promise<[string, string][]> =>
    (await store.commit((tx) => tx.queue.ofMessage(message as MessageId))).map(({ key, state }) => [key, state]);
  return {
    ...{ store, delivery, write, next, attempt, drain, stateOf },
    add: (key: string, some?: Some) => store.commit((tx) => tx.queue.add(delivery(key, some))),
  };
}

export function heard(key: string): Heard {
  const place = { platform: "p", chat: "c" };
  return { kind: "heard", platform: "p", event: { kind: "gone", key, at: 0, place, thread: "t" as never } };
}

export function keysOf(batch: readonly Delivery[] | undefined): string[] {
  return (batch ?? []).map(({ key }) => key);
}
