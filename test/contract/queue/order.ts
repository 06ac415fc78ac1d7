/** What is taken first, together, or later. */
import { describe, expect, it } from "vitest";
import { all, alone, begin, FREE, keysOf, type MakeStores } from "./given.js";

export function describeOrder(name: string, makeStores: MakeStores): void {
  const start = () => begin(makeStores);

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

    it("finds a lane's deliveries however many of other lanes were added between them", async () => {
      const { add, delivery, next, store, write } = await start();
      const others = (from: number): Promise<void> =>
        store.commit(async ({ queue }) => {
          for (let n = from; n < from + 2500; n += 1) await queue.add(delivery(`o${n}`, { lane: `o${n}`, urgency: 2 }));
        });
      await add("a");
      await others(0);
      await add("b");
      await others(2500);
      await add("c");
      expect(keysOf(await next(FREE, all))).toEqual(["a", "b", "c"]);
      await write(async (queue) => void (await queue.withdraw("a")));
      expect(keysOf(await next(FREE, alone))).toEqual(["b"]);
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
}
