/** What every implementation of the queue's port promises. */
import { describe, expect, it } from "vitest";
import type { MessageId } from "../../src/message.js";
import type { Batch, Delivery, NewDelivery, QueueWriter } from "../../src/queue/port.js";
import type { Store } from "../../src/store/port.js";
import type { Heard } from "../../src/queue/work.js";

export interface StoresUnderTest {
  readonly clock: { now: number };
  /** Opens the one database; `owner`: another one is another process. */
  open(owner?: string): Promise<Store>;
  /** From now on the owner's leases count as a dead process's. */
  die(owner: string): void;
}

const FREE: ReadonlySet<string> = new Set();
const alone = (): number => 1;
const all = (waiting: readonly Delivery[]): number => waiting.length;

export function describeQueue(name: string, makeStores: () => StoresUnderTest): void {
  const start = async () => {
    const stores = makeStores();
    const { clock } = stores;
    return { stores, clock, ...onStore(await stores.open(), clock) };
  };

  describe(`${name}: order`, () => {
    it("takes a lane's deliveries in the order in which they were added", async () => {
      const { add, drain } = await start();
      for (const key of ["a", "b", "c"]) await add(key);
      expect(await drain()).toEqual(["a", "b", "c"]);
    });

    it("takes the most urgent lane first, and of equally urgent ones the one whose head is oldest", async () => {
      const { add, drain } = await start();
      await add("mark", { lane: "m", urgency: 2 });
      await add("post", { lane: "p", urgency: 1 });
      await add("text 2", { lane: "t2", urgency: 0 });
      await add("text 1", { lane: "t1", urgency: 0 });
      await add("older post", { lane: "q", urgency: 1 });
      expect(await drain()).toEqual(["text 2", "text 1", "post", "older post", "mark"]);
    });

    it("gives a lane that is worked to nobody else, but the next one", async () => {
      const { add, next } = await start();
      await add("a1", { lane: "a" });
      await add("a2", { lane: "a" });
      await add("b1", { lane: "b" });
      expect(keysOf(await next(new Set(["a"])))).toEqual(["b1"]);
      expect(await next(new Set(["a", "b"]))).toBeUndefined();
    });

    it("keeps targets apart", async () => {
      const { add, next, store } = await start();
      await add("a", { lane: "a", target: "other" });
      expect(await next()).toBeUndefined();
      expect(store.queue.targets().map(({ target, sample }) => [target, sample.key])).toEqual([["other", "a"]]);
    });

    it("takes nothing before it is due, and nothing that follows it in its lane", async () => {
      const { add, clock, next, drain } = await start();
      await add("later", { lane: "a", dueAt: clock.now + 1000 });
      await add("behind", { lane: "a" });
      await add("other", { lane: "b" });
      expect(await drain()).toEqual(["other"]);
      expect(await next()).toBeUndefined();
      clock.now += 1000;
      expect(await drain()).toEqual(["later", "behind"]);
    });
  });

  describe(`${name}: what has to wait`, () => {
    it("holds back its own lane and no other, and keeps its place", async () => {
      const { add, attempt, clock, write, drain } = await start();
      await add("a1", { lane: "a" });
      await add("a2", { lane: "a" });
      await add("b1", { lane: "b" });
      const batch = await attempt();
      await write((queue) => queue.postpone(batch, clock.now + 500, false));
      expect(await drain()).toEqual(["b1"]);
      clock.now += 500;
      expect(await drain()).toEqual(["a1", "a2"]);
    });

    it("tells when the next lane is due, leaving out those that are worked", async () => {
      const { add, clock, store } = await start();
      expect(store.queue.nextDue("t", FREE)).toBeUndefined();
      await add("a", { lane: "a", dueAt: clock.now + 100 });
      await add("b", { lane: "b", dueAt: clock.now + 200 });
      expect(store.queue.nextDue("t", FREE)).toBe(clock.now + 100);
      expect(store.queue.nextDue("t", new Set(["a"]))).toBe(clock.now + 200);
      expect(store.queue.nextDue("t", new Set(["a", "b"]))).toBeUndefined();
    });

    it("does not make its lane wait when it has been set aside meanwhile", async () => {
      const { add, attempt, clock, write, drain } = await start();
      await add("a1");
      await add("a2");
      const batch = await attempt();
      await write(async (queue) => void (await queue.setAside("a1", "carrier")));
      await write((queue) => queue.postpone(batch, clock.now + 500, true));
      expect(await drain()).toEqual(["a2"]);
    });

    it("is counted", async () => {
      const { add, store, write } = await start();
      await add("a");
      await add("b");
      await write(async (queue) => void (await queue.setAside("b", "why")));
      expect(store.queue.counts()).toEqual({ waiting: [{ target: "t", kind: "heard", count: 1 }], aside: 1 });
    });
  });

  describe(`${name}: joining`, () => {
    it("takes together what the caller joins, and no more than is due", async () => {
      const { add, clock, next } = await start();
      await add("a");
      await add("b");
      await add("later", { dueAt: clock.now + 1 });
      await add("d");
      expect(keysOf(await next(FREE, all))).toEqual(["a", "b"]);
      expect(keysOf(await next(FREE, () => 2))).toEqual(["a", "b"]);
      expect(keysOf(await next(FREE, () => 0))).toEqual(["a"]);
    });

    it("repeats together what was attempted together when the outcome is not known", async () => {
      const { add, attempt, clock, write, next } = await start();
      await add("a");
      await add("b");
      const batch = await attempt(all);
      await add("c");
      await write((queue) => queue.postpone(batch, clock.now, true));
      const again = await next(FREE, alone);
      expect(keysOf(again)).toEqual(["a", "b"]);
      expect(again?.map(({ attempt: name_, uncertain }) => [name_, uncertain])).toEqual([
        ["a", true],
        ["a", true],
      ]);
    });

    it("joins anew when the attempt certainly failed", async () => {
      const { add, attempt, clock, write, next } = await start();
      await add("a");
      const batch = await attempt(all);
      await add("b");
      await write((queue) => queue.postpone(batch, clock.now, false));
      const again = await next(FREE, all);
      expect(keysOf(again)).toEqual(["a", "b"]);
      expect(again?.[0]).toMatchObject({ attempts: 1, uncertain: false, attempt: undefined });
    });
  });

  describe(`${name}: an attempt`, () => {
    it("is written before it is made, so that a crash leaves it uncertain", async () => {
      const { add, attempt, clock, stores } = await start();
      await add("a");
      const begunAt = clock.now;
      await attempt();
      stores.die("one");
      clock.now += 1000;
      const after = onStore(await stores.open("two"), clock);
      expect((await after.next())?.[0]).toMatchObject({
        ...{ attempts: 1, uncertain: true, attempt: "a", firstAttemptAt: begunAt },
      });
      expect((await after.attempt())[0].attempts).toBe(1);
      expect((await after.next())?.[0]).toMatchObject({ attempts: 2, uncertain: true, firstAttemptAt: begunAt });
    });

    it("is not begun with what was read before somebody else worked it", async () => {
      const { add, next, attempt, clock, store, write } = await start();
      await add("a");
      const stale = await next();
      const batch = await attempt();
      await write((queue) => queue.postpone(batch, clock.now, true));
      expect(stale && (await store.commit((tx) => tx.queue.begin(stale, clock.now)))).toBe(false);
    });

    it("of several is begun with all of them or none", async () => {
      const { add, next, clock, store, write } = await start();
      await add("a");
      await add("b");
      const batch = await next(FREE, all);
      await write(async (queue) => void (await queue.withdraw("b")));
      expect(batch && (await store.commit((tx) => tx.queue.begin(batch, clock.now)))).toBe(false);
      expect((await next())?.[0]).toMatchObject({ key: "a", attempts: 0, uncertain: false });
    });

    it("that is done leaves nothing, or what is kept for a while", async () => {
      const { add, attempt, clock, store, write, stateOf } = await start();
      await add("m.a");
      await add("m.b");
      const first = await attempt();
      await write((queue) => queue.finish(first));
      const second = await attempt();
      await write((queue) => queue.finish(second, clock.now + 1000));
      expect(await stateOf("m")).toEqual([["m.b", "done"]]);
      expect(await store.sweep()).toBe(0);
      clock.now += 1000;
      expect(await store.sweep()).toBe(1);
      expect(await stateOf("m")).toEqual([]);
    });

    it("that ends after its delivery was set aside leaves it aside", async () => {
      const { add, attempt, clock, write, stateOf } = await start();
      await add("m.a");
      const batch = await attempt();
      await write(async (queue) => void (await queue.setAside("m.a", "carrier")));
      await write((queue) => queue.finish(batch, clock.now + 1000));
      expect(await stateOf("m")).toEqual([["m.a", "set-aside"]]);
    });
  });

  describe(`${name}: what gave up`, () => {
    it("leaves its lane, which goes on, and is kept with its reason", async () => {
      const { add, store, write, drain } = await start();
      for (const key of ["a", "b"]) await add(key);
      await write(async (queue) => void (await queue.setAside("a", "no such number")));
      expect(await drain()).toEqual(["b"]);
      expect(store.queue.aside()).toMatchObject([{ key: "a", state: "set-aside", reason: "no such number" }]);
    });

    it("goes to the end of its lane when revived, as if new", async () => {
      const { add, attempt, clock, write, next, drain } = await start();
      await add("a");
      await add("b");
      const batch = await attempt();
      await write(async (queue) => {
        await queue.postpone(batch, clock.now, false);
        await queue.setAside("a", "why");
        expect(await queue.revive("a", clock.now)).toBe(true);
        expect(await queue.revive("a", clock.now)).toBe(false);
      });
      expect(await drain()).toEqual(["b", "a"]);
      await add("c");
      expect((await next())?.[0]).toMatchObject({ key: "c", attempts: 0 });
    });

    it("is still uncertain when revived, if it was", async () => {
      const { add, attempt, clock, write, next } = await start();
      await add("a");
      const begunAt = clock.now;
      await attempt();
      await write(async (queue) => void (await queue.setAside("a", "no answer for hours", true)));
      clock.now += 5000;
      await write(async (queue) => void (await queue.revive("a", clock.now)));
      expect((await next())?.[0]).toMatchObject({ uncertain: true, attempt: "a", firstAttemptAt: begunAt });
    });

    it("may have been done already, as long as it is kept", async () => {
      const { add, attempt, clock, write, drain } = await start();
      await add("a");
      const batch = await attempt();
      await write((queue) => queue.finish(batch, clock.now + 1000));
      await write(async (queue) => {
        expect(await queue.setAside("a", "carrier")).toBe(true);
        expect(await queue.revive("a", clock.now)).toBe(true);
      });
      expect(await drain()).toEqual(["a"]);
    });

    it("is nothing when there is no such delivery", async () => {
      const { write } = await start();
      await write(async (queue) => {
        expect(await queue.setAside("x", "why")).toBe(false);
        expect(await queue.revive("x", 0)).toBe(false);
        expect(await queue.withdraw("x")).toBe(false);
      });
    });
  });

  describe(`${name}: what is held`, () => {
    it("waits for a decision and holds nothing back", async () => {
      const { add, delivery, clock, store, write, drain } = await start();
      await write(async (queue) => void (await queue.addAside(delivery("a"), "held", "a command?")));
      await add("b");
      expect(await drain()).toEqual(["b"]);
      expect(store.queue.aside()).toMatchObject([{ key: "a", state: "held", reason: "a command?" }]);
      await write(async (queue) => void (await queue.revive("a", clock.now)));
      expect(await drain()).toEqual(["a"]);
    });

    it("can be withdrawn", async () => {
      const { delivery, store, write } = await start();
      await write(async (queue) => {
        await queue.addAside(delivery("a"), "held", "a command?");
        expect(await queue.withdraw("a")).toBe(true);
      });
      expect(store.queue.aside()).toEqual([]);
    });
  });

  describe(`${name}: taking back`, () => {
    it("withdraws what was not begun, and its lane goes on", async () => {
      const { add, clock, write, drain } = await start();
      await add("a", { dueAt: clock.now + 1000 });
      await add("b");
      await write(async (queue) => {
        expect(await queue.withdraw("a")).toBe(true);
      });
      expect(await drain()).toEqual(["b"]);
    });

    it("withdraws what certainly failed, but nothing that may have left", async () => {
      const { add, attempt, clock, write } = await start();
      await add("a");
      let batch = await attempt();
      await write(async (queue) => {
        expect(await queue.withdraw("a")).toBe(false);
        await queue.postpone(batch, clock.now, true);
        expect(await queue.withdraw("a")).toBe(false);
      });
      batch = await attempt();
      await write(async (queue) => {
        await queue.postpone(batch, clock.now, false);
        expect(await queue.withdraw("a")).toBe(true);
      });
    });

    it("does not withdraw what is done", async () => {
      const { add, attempt, clock, write } = await start();
      await add("a");
      const batch = await attempt();
      await write(async (queue) => {
        await queue.finish(batch, clock.now + 1000);
        expect(await queue.withdraw("a")).toBe(false);
      });
    });

    it("revises what was not begun, and nothing else", async () => {
      const { add, attempt, clock, next, write } = await start();
      await add("a");
      const other = heard("another");
      await write(async (queue) => {
        expect(await queue.revise("a", other)).toBe(true);
      });
      expect((await next())?.[0].work).toEqual(other);
      const batch = await attempt();
      await write(async (queue) => {
        expect(await queue.revise("a", other)).toBe(false);
        await queue.finish(batch, clock.now + 1000);
        expect(await queue.revise("a", other)).toBe(false);
        expect(await queue.revise("x", other)).toBe(false);
      });
    });
  });

  describe(`${name}: replacing`, () => {
    it("lets the last one win", async () => {
      const { delivery, write, drain } = await start();
      for (const key of ["a", "b", "c"]) await write((queue) => queue.replace(delivery(key)));
      expect(await drain()).toEqual(["c"]);
    });

    it("lets what is under way end, and does the last one after it", async () => {
      const { delivery, attempt, write, drain } = await start();
      await write((queue) => queue.replace(delivery("a")));
      const batch = await attempt();
      await write((queue) => queue.replace(delivery("b")));
      await write((queue) => queue.replace(delivery("c")));
      await write((queue) => queue.finish(batch));
      expect(await drain()).toEqual(["c"]);
    });

    it("does again what gave up earlier", async () => {
      const { delivery, write, drain, store } = await start();
      await write((queue) => queue.replace(delivery("a")));
      await write(async (queue) => void (await queue.setAside("a", "why")));
      await write((queue) => queue.replace(delivery("b")));
      await write((queue) => queue.replace(delivery("a")));
      expect(await drain()).toEqual(["a"]);
      expect(store.queue.aside()).toEqual([]);
    });

    it("leaves other lanes alone", async () => {
      const { add, delivery, write, drain } = await start();
      await add("x", { lane: "x" });
      await write((queue) => queue.replace(delivery("a")));
      expect(await drain()).toEqual(["x", "a"]);
    });
  });

  describe(`${name}: keys`, () => {
    it("are taken once, wherever the first one stands", async () => {
      const { add, attempt, clock, delivery, write, store, drain } = await start();
      expect(await add("a")).toBe(true);
      expect(await add("a", { lane: "elsewhere" })).toBe(false);
      const batch = await attempt();
      expect(await add("a")).toBe(false);
      await write((queue) => queue.finish(batch, clock.now + 1));
      expect(await add("a")).toBe(false);
      await write(async (queue) => {
        expect(await queue.addAside(delivery("a"), "held", "")).toBe(false);
      });
      expect(await drain()).toEqual([]);
      expect(store.queue.counts()).toEqual({ waiting: [], aside: 0 });
    });

    it("of a message are found, with what became of each", async () => {
      const { add, stateOf, write, attempt, clock } = await start();
      for (const key of ["m.a", "m.b", "m.c"]) await add(key);
      await add("mm.other", { lane: "n" });
      await add("n.other", { lane: "n" });
      const batch = await attempt();
      await write(async (queue) => {
        await queue.finish(batch, clock.now + 1);
        await queue.setAside("m.b", "why");
      });
      expect(await stateOf("m")).toEqual([
        ["m.a", "done"],
        ["m.b", "set-aside"],
        ["m.c", "waiting"],
      ]);
    });
  });

  describe(`${name}: leases`, () => {
    it("let one process work a target, and another one another target", async () => {
      const { stores, clock, add, attempt } = await start();
      await add("a1", { lane: "a" });
      await add("b1", { lane: "b" });
      await add("c1", { lane: "c", target: "u" });
      await attempt();
      const two = onStore(await stores.open("two"), clock);
      const foreign = await two.next(new Set(["a"]));
      expect(keysOf(foreign)).toEqual(["b1"]);
      expect(foreign && (await two.store.commit((tx) => tx.queue.begin(foreign, clock.now)))).toBe(false);
      const free = two.store.queue.next("u", clock.now, FREE, alone);
      expect(free && (await two.store.commit((tx) => tx.queue.begin(free, clock.now)))).toBe(true);
    });

    it("of a dead process are taken over at once, those of a living one when they have run out", async () => {
      const { stores, clock, add, attempt } = await start();
      await add("a");
      await add("b");
      await attempt();
      const two = onStore(await stores.open("two"), clock);
      const tryIt = async (): Promise<boolean> => {
        const batch = await two.next();
        return batch !== undefined && (await two.store.commit((tx) => tx.queue.begin(batch, clock.now)));
      };
      expect(await tryIt()).toBe(false);
      clock.now += 29_999;
      expect(await tryIt()).toBe(false);
      clock.now += 1;
      expect(await tryIt()).toBe(true);
      stores.die("two");
      const three = onStore(await stores.open("three"), clock);
      const batch = await three.next();
      expect(batch && (await three.store.commit((tx) => tx.queue.begin(batch, clock.now)))).toBe(true);
    });

    it("are given back", async () => {
      const { stores, clock, add, attempt, write } = await start();
      await add("a");
      const batch = await attempt();
      await write((queue) => queue.postpone(batch, clock.now, false));
      await write((queue) => queue.release());
      const two = onStore(await stores.open("two"), clock);
      expect(keysOf(await two.attempt())).toEqual(["a"]);
    });
  });

  describe(`${name}: the store`, () => {
    it("still has everything after it was closed and opened", async () => {
      const { stores, clock, add, attempt, store, write, delivery } = await start();
      for (const key of ["a", "b", "c"]) await add(key);
      await add("later", { lane: "later", dueAt: clock.now + 1000 });
      await write(async (queue) => void (await queue.addAside(delivery("h", { lane: "h" }), "held", "why")));
      const batch = await attempt();
      await write((queue) => queue.postpone(batch, clock.now, true));
      await store.close();

      const again = onStore(await stores.open(), clock);
      expect(again.store.queue.counts()).toMatchObject({ waiting: [{ count: 4 }], aside: 1 });
      expect((await again.next())?.[0]).toMatchObject({ key: "a", uncertain: true, attempt: "a" });
      expect(await again.drain()).toEqual(["a", "b", "c"]);
    });

    it("undoes all of a transaction that fails", async () => {
      const { store, delivery, next } = await start();
      const failing = store.commit(async (tx) => {
        await tx.queue.add(delivery("a"));
        await tx.firstTime("event");
        throw new Error("no");
      });
      await expect(failing).rejects.toThrow("no");
      expect(await next()).toBeUndefined();
      expect(await store.commit((tx) => tx.firstTime("event"))).toBe(true);
      expect(await store.commit((tx) => tx.firstTime("event"))).toBe(false);
    });

    it("tells, after the commit, which targets have something to do", async () => {
      const { store, delivery } = await start();
      const told: string[] = [];
      store.onWork((targets) => told.push(...targets));
      await store.commit(async (tx) => {
        await tx.queue.add(delivery("a", { target: "t1", lane: "1" }));
        await tx.queue.add(delivery("b", { target: "t2", lane: "2" }));
        expect(told).toEqual([]);
      });
      expect(told.toSorted()).toEqual(["t1", "t2"]);
    });
  });
}

interface Some {
  readonly lane?: string;
  readonly target?: string;
  readonly urgency?: 0 | 1 | 2;
  readonly dueAt?: number;
}

function onStore(store: Store, clock: { now: number }) {
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

function heard(key: string): Heard {
  const place = { platform: "p", chat: "c" };
  return { kind: "heard", platform: "p", event: { kind: "gone", key, at: 0, place, thread: "t" as never } };
}

function keysOf(batch: readonly Delivery[] | undefined): string[] {
  return (batch ?? []).map(({ key }) => key);
}
