/** Changing what waits. */
import { describe, expect, it } from "vitest";
import { begin, heard, type MakeStores } from "./given.js";

export function describeChanges(name: string, makeStores: MakeStores): void {
  const start = () => begin(makeStores);

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

  describe(`${name}: keeping a place`, () => {
    it("tells what waits behind a delivery, in order, in its own lane", async () => {
      const { add, attempt, clock, write } = await start();
      for (const key of ["a", "b", "c"]) await add(key);
      await add("x", { lane: "x" });
      await write(async (queue) => {
        expect(await queue.behind("a")).toEqual(["b", "c"]);
        expect(await queue.behind("c")).toEqual([]);
        expect(await queue.behind("unknown")).toEqual([]);
      });
      const batch = await attempt();
      await write(async (queue) => {
        await queue.finish(batch, clock.now + 1000);
        expect(await queue.behind("a")).toEqual([]);
      });
    });

    it("tells whether a lane has something that waits, also what was written or undone just now", async () => {
      const { delivery, store, write } = await start();
      const x = { lane: "x", target: "x" };
      await write(async (queue) => {
        expect(await queue.waits("x", "x")).toBe(false);
        await queue.add(delivery("b", x));
        expect(await queue.waits("x", "x")).toBe(true);
        expect(await queue.waits("y", "x")).toBe(false);
      });
      const undone = write(async (queue) => {
        await queue.withdraw("b");
        expect(await queue.waits("x", "x")).toBe(false);
        throw new Error("undone");
      });
      const behind = store.commit((tx) => tx.queue.waits("x", "x"));
      await expect(undone).rejects.toThrow("undone");
      expect(await behind).toBe(true);
    });

    it("puts what waits at the end of its lane, as it is, also the first", async () => {
      const { add, clock, delivery, write, next, drain } = await start();
      await add("a", { dueAt: clock.now + 1000 });
      await add("b", { dueAt: clock.now + 500 });
      await write(async (queue) => {
        await queue.add(delivery("c"));
        await queue.putLast("a");
        await queue.putLast("b");
        await queue.putLast("unknown");
      });
      expect((await next())?.[0].key).toBe("c");
      clock.now += 1000;
      await write(async (queue) => {
        expect(await queue.behind("c")).toEqual(["a", "b"]);
      });
      expect(await drain()).toEqual(["c", "a", "b"]);
    });

    it("leaves what was begun where it is: it may be under way at this moment", async () => {
      const { add, attempt, clock, write, drain } = await start();
      for (const key of ["a", "b"]) await add(key);
      const batch = await attempt();
      await write((queue) => queue.putLast("a"));
      await write((queue) => queue.postpone(batch, clock.now, true));
      await write((queue) => queue.putLast("a"));
      expect(await drain()).toEqual(["a", "b"]);
    });

    it("does so with nothing that is done or set aside", async () => {
      const { add, attempt, clock, store, write, drain } = await start();
      for (const key of ["a", "b", "c"]) await add(key);
      const batch = await attempt();
      await write(async (queue) => {
        await queue.finish(batch, clock.now + 1000);
        await queue.setAside("b", "why");
        await queue.putLast("a");
        await queue.putLast("b");
      });
      expect(store.queue.aside()).toMatchObject([{ key: "b", id: 2 }]);
      expect(await drain()).toEqual(["c"]);
    });
  });

  describe(`${name}: erasing`, () => {
    it("knows what was erased while it was under way from what was set aside", async () => {
      const { add, attempt, write } = await start();
      await add("a");
      const batch = await attempt();
      await write(async (queue) => {
        expect(await queue.isErased(batch)).toBe(false);
        await queue.setAside("a", "why");
        expect(await queue.isErased(batch)).toBe(false);
        await queue.erase("a");
        expect(await queue.isErased(batch)).toBe(true);
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
}
