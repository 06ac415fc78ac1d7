/** What becomes of attempts. */
import { describe, expect, it } from "vitest";
import { all, begin, FREE, heard, onStore, type MakeStores } from "./given.js";

export function describeAttempts(name: string, makeStores: MakeStores): void {
  const start = () => begin(makeStores);

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

    it("is told of as begun while it is under way and while nobody knows how it ended", async () => {
      const { add, attempt, clock, store, write } = await start();
      const begun = (target = "t"): string[] => store.queue.begun(target).map(({ key }) => key);
      await add("a");
      await add("b", { lane: "m" });
      expect(begun()).toEqual([]);
      const batch = await attempt();
      expect([begun(), begun("u")]).toEqual([["a"], []]);
      await write((queue) => queue.postpone(batch, clock.now, true));
      expect(begun()).toEqual(["a"]);
      await write((queue) => queue.postpone(batch, clock.now, false));
      expect(begun()).toEqual([]);
    });

    it("leaves its delivery in its lane, where it is told of with what waits or is held", async () => {
      const { add, attempt, store, write } = await start();
      const inLane = (lane: string): string[] => store.queue.inLane(lane).map(({ key }) => key);
      await add("a");
      const held = { key: "h", lane: "l", target: "t", urgency: 1, work: heard("held") } as const;
      await write(async (queue) => void (await queue.addAside(held, "held", "why")));
      await add("b");
      await add("c", { lane: "m" });
      await attempt();
      expect([inLane("l"), inLane("m"), inLane("n")]).toEqual([["a", "h", "b"], ["c"], []]);
      const [, h] = store.queue.inLane("l");
      expect(store.queue.inLane("l", h?.id).map(({ key }) => key)).toEqual(["b"]);
      await write(async (queue) => void (await queue.setAside("b", "why")));
      expect(inLane("l")).toEqual(["a", "h"]);
    });

    it("is not begun with what was read before somebody else worked it", async () => {
      const { add, next, attempt, clock, store, write } = await start();
      await add("a");
      const stale = await next();
      const batch = await attempt();
      await write((queue) => queue.postpone(batch, clock.now, true));
      expect(stale && (await store.commit((tx) => tx.queue.begin(stale, clock.now)))).toBe(false);
    });

    it("is not begun with work that was revised after it was read", async () => {
      const { add, next, clock, store, write } = await start();
      await add("a");
      const stale = await next();
      await write(async (queue) => void (await queue.revise("a", heard("other words"))));
      expect(stale && (await store.commit((tx) => tx.queue.begin(stale, clock.now)))).toBe(false);
      expect((await next())?.[0].work).toEqual(heard("other words"));
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
      expect(await store.sweep()).toMatchObject({ texts: 0 });
      clock.now += 1000;
      expect(await store.sweep()).toMatchObject({ texts: 1 });
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

    it("is known to be as it was read, until somebody decides on it or changes it", async () => {
      const { clock, delivery, store, write } = await start();
      await write(async (queue) => {
        await queue.addAside(delivery("a"), "set-aside", "why");
        await queue.addAside(delivery("b"), "held", "sure?");
      });
      const [a, b] = store.queue.aside();
      if (a === undefined || b === undefined) throw new Error("nothing is aside");
      await write(async (queue) => {
        for (const each of [a, b]) expect(await queue.isStill(each)).toBe(true);
        await queue.revive("a", clock.now);
        expect(await queue.isStill(a)).toBe(false);
        await queue.setAside("a", "why");
        expect(await queue.isStill(a)).toBe(false);
        await queue.withdraw("b");
        await queue.addAside(delivery("b"), "held", "sure?");
        expect(await queue.isStill(b)).toBe(false);
      });
    });

    it("keeps the number that people know it by, whatever place it gets, and no other has that", async () => {
      const { add, clock, store, write, next } = await start();
      for (const key of ["a", "b", "c"]) await add(key);
      const numbers = (): (number | undefined)[] => store.queue.aside().map(({ number }) => number);
      await write(async (queue) => {
        await queue.setAside("b", "why");
        await queue.setAside("c", "why");
      });
      const [b, c] = numbers();
      for (let times = 0; times < 2; times += 1)
        await write(async (queue) => {
          await queue.revive("b", clock.now);
          await queue.putLast("b");
          await queue.setAside("b", "again");
        });
      expect(numbers()).toEqual([c, b]);
      await add("d");
      await write((queue) => queue.putLast("a"));
      const [first] = (await next()) ?? [];
      expect(first).toMatchObject({ key: "d" });
      expect(numbers()).not.toContain(first?.number);
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
}
