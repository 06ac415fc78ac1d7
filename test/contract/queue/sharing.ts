/** Several processes, and what outlives them. */
import { describe, expect, it } from "vitest";
import { alone, begin, FREE, keysOf, onStore, type MakeStores } from "./given.js";

export function describeSharing(name: string, makeStores: MakeStores): void {
  const start = () => begin(makeStores);

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
