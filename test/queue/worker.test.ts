import { describe, expect, it } from "vitest";
import { GiveUp, RetryLater } from "../../src/errors.js";
import type { Batch } from "../../src/queue/port.js";
import type { Doer, Outcome } from "../../src/queue/attempts.js";
import { openSqliteFile } from "../../src/store/sqlite.js";
import { manualClock } from "../fixtures/manual-clock.js";
import { storeOn } from "../fixtures/store-on.js";
import { delivery, DONE, working } from "../fixtures/working.js";

const written: string[] = [];

describe("a lane", () => {
  it("that fails blocks no other, and its retry keeps its place", async () => {
    const attempts = { a1: [new RetryLater("down"), new RetryLater("down")] };
    const { add, clock, log } = await working({ attempts });
    await add(delivery("a1", "a"), delivery("a2", "a"), delivery("b1", "b"), delivery("b2", "b"));
    await clock.advance(10_000);
    expect(log).toEqual(["a1@0", "b1@0", "b2@0", "a1@1000", "a1@3000", "a2@3000"]);
  });

  it("goes on when its delivery gives up, and the doer says so in the same transaction", async () => {
    const gaveUp: string[] = [];
    const doer: Partial<Doer> = {
      gaveUp:
        async ([{ key }], reason) =>
        async () =>
          void gaveUp.push(`${key}: ${reason}`),
    };
    const { add, clock, log, store } = await working({ attempts: { a1: [new GiveUp("no such number")] }, doer });
    await add(delivery("a1", "a"), delivery("a2", "a"));
    await clock.advance(0);
    expect(log).toEqual(["a1@0", "a2@0"]);
    expect(gaveUp).toEqual(["a1: no such number"]);
    expect(store.queue.aside()).toMatchObject([{ key: "a1", reason: "no such number" }]);
  });

  it("is never worked twice at once, while others are worked beside it", async () => {
    let running = 0;
    let most = 0;
    const slow = async (): Promise<Outcome> => {
      most = Math.max(most, (running += 1));
      await clock.sleep(100);
      running -= 1;
      return DONE;
    };
    const { add, clock, log } = await working({ attempts: { a1: [slow], a2: [slow], b1: [slow] }, concurrency: 5 });
    await add(delivery("a1", "a"), delivery("a2", "a"), delivery("b1", "b"));
    await clock.advance(1000);
    expect(log).toEqual(["a1@0", "b1@0", "a2@100"]);
    expect(most).toBe(2);
  });
});

describe("a step", () => {
  it("that asks for another one is followed by it at once, before anything else of its lane", async () => {
    const { add, clock, log } = await working({ attempts: { a1: [{ result: "again" }, { result: "again" }] } });
    await add(delivery("a1", "a"), delivery("a2", "a"));
    await clock.advance(0);
    expect(log).toEqual(["a1@0", "a1@0", "a1@0", "a2@0"]);
  });

  it("is repeated exactly when the other side said, however often", async () => {
    const { add, clock, log } = await working({
      attempts: { a1: [7654, 1, 0].map((afterMs) => new RetryLater("later", { afterMs })) },
    });
    await add(delivery("a1", "a"));
    await clock.advance(20_000);
    expect(log).toEqual(["a1@0", "a1@7654", "a1@7655", "a1@7655"]);
  });

  it("gives up when it has failed for too long, with the last reason", async () => {
    const { add, clock, store } = await working({
      attempts: { a1: Array.from({ length: 10_000 }, () => new RetryLater("the PBX is down")) },
    });
    await add(delivery("a1", "a"));
    await clock.advance(25 * 3_600_000);
    expect(store.queue.aside()).toMatchObject([{ key: "a1", reason: "the PBX is down" }]);
  });

  it("whose outcome is unknown is told so to every later attempt, whatever fails in between", async () => {
    const attempts = { a1: [new RetryLater("lost", { uncertain: true }), new RetryLater("refused")] };
    const { add, clock, uncertain } = await working({ attempts });
    await add(delivery("a1", "a"));
    await clock.advance(60_000);
    expect(uncertain).toEqual([false, true, true]);
  });

  it("that meets a bug is set aside and logged, and the worker lives on", async () => {
    const { add, clock, log, store, errors } = await working({ attempts: { a1: [new TypeError("oops")] } });
    await add(delivery("a1", "a"), delivery("a2", "a"));
    await clock.advance(0);
    expect(log).toEqual(["a1@0", "a2@0"]);
    expect(errors).toMatchObject([{ err: { message: "oops" }, kind: "heard" }]);
    expect(store.queue.aside()).toMatchObject([
      { key: "a1", reason: expect.stringMatching(/inside the bridge/) as unknown },
    ]);
  });

  it("writes its result and its end together or not at all", async () => {
    const failing: Outcome = { result: "done", and: () => Promise.reject(new Error("a bug in the result")) };
    const { add, clock, store } = await working({ attempts: { a1: [failing] } });
    await add(delivery("a1", "a"));
    await clock.advance(0);
    expect(store.queue.aside()).toMatchObject([{ key: "a1" }]);
  });
});

describe("a target", () => {
  it("that tells everybody to wait is left alone until then; others are not", async () => {
    const attempts = { a1: [new RetryLater("rate limit", { afterMs: 5000, scope: "target" })] };
    const { add, clock, log } = await working({ attempts });
    await add(delivery("a1", "a"), delivery("b1", "b"), delivery("u1", "u", { target: "u" }));
    await clock.advance(4999);
    expect(log.toSorted()).toEqual(["a1@0", "u1@0"]);
    await clock.advance(1);
    expect(log.slice(2)).toEqual(["a1@5000", "b1@5000"]);
  });

  it("does the urgent first", async () => {
    const { add, clock, log } = await working();
    await add(delivery("mark", "m", { urgency: 2 }), delivery("text", "x", { urgency: 0 }), delivery("post", "p"));
    await clock.advance(0);
    expect(log).toEqual(["text@0", "post@0", "mark@0"]);
  });

  it("that another process works is left to it, and taken over when its lease has run out", async () => {
    const clock = manualClock();
    const file = openSqliteFile(":memory:");
    const never = new Promise<Outcome>(() => {});
    const one = await working({ file, clock, attempts: { a1: [() => never] } });
    await one.add(delivery("a1", "a"), delivery("b1", "b"));
    await clock.advance(0);
    const two = await working({ file, clock, owner: "two" });
    await clock.advance(29_000);
    expect([one.log, two.log]).toEqual([["a1@0"], []]);
    await clock.advance(10_000);
    expect(two.log.map((entry) => entry.split("@")[0])).toEqual(["a1", "b1"]);
    expect(two.uncertain).toEqual([true, false]);
  });
});

describe("work", () => {
  it("that becomes due later is done then", async () => {
    const { add, clock, log } = await working();
    await add(delivery("a1", "a", { dueAt: clock.now() + 150_000 }));
    await clock.advance(149_999);
    expect(log).toEqual([]);
    await clock.advance(1);
    expect(log).toEqual(["a1@150000"]);
  });

  it("is done on time after the wall clock was put right", async () => {
    const { add, clock, log } = await working();
    await add(delivery("a1", "a", { dueAt: clock.now() + 3_600_000 }));
    await clock.advance(0);
    clock.jump(3_600_000);
    await clock.advance(60_000);
    expect(log).toHaveLength(1);
  });

  it.each([
    ["done", { ...DONE, and: async () => void written.push("done") }],
    ["tried again", new RetryLater("down")],
    ["given up", new GiveUp("no")],
  ] as const)("that is erased before it is %s is written of nowhere", async (_, outcome) => {
    written.length = 0;
    const doer: Partial<Doer> = {
      postponed: async () => void written.push("postponed"),
      gaveUp: async () => async () => void written.push("gave up"),
    };
    const slow = async (): Promise<Outcome> => {
      await clock.sleep(1000);
      if (outcome instanceof Error) throw outcome;
      return outcome;
    };
    const clock = manualClock();
    const { add, log, store, errors } = await working({ clock, doer, attempts: { a1: [slow] } });
    await add(delivery("a1", "a"), delivery("a2", "a"));
    await clock.advance(500);
    await store.commit(async (tx) => void (await tx.queue.erase("a1")));
    await clock.advance(60_000);
    expect(log).toEqual(["a1@0", "a2@1000"]);
    expect(written).toEqual([]);
    expect(errors).toEqual([]);
  });

  it("does not keep the process from all else where a lane says that it is due and has nothing", async () => {
    const { add, clock, log, file } = await working();
    file.sql.run("insert into lanes (lane, target, urgency, head, due_at) values ('x', 't', 1, 99, 0)");
    await add(delivery("a1", "a"));
    await clock.advance(60_000);
    await add(delivery("b1", "b"));
    await clock.advance(50);
    expect(log).toEqual(["a1@0", "b1@60000"]);
  });

  it("follows a jump of the clock once, however much of it notices at the same time", async () => {
    const jumps: unknown[] = [];
    const warn = (fields: object): void => void ("jumpedMs" in fields && jumps.push(fields.jumpedMs));
    const slow = async (): Promise<Outcome> => (await clock.sleep(100), DONE);
    const targets = Array.from({ length: 30 }, (_, index) => `t${index}`);
    const attempts = Object.fromEntries(targets.map((target) => [`${target}.1`, [slow]]));
    const clock = manualClock();
    const { add } = await working({ clock, attempts, warn, commitMs: 10 });
    for (const part of [1, 2]) await add(...targets.map((target) => delivery(`${target}.${part}`, target, { target })));
    await clock.advance(50);
    clock.jump(7_200_000);
    await clock.advance(20_000);
    expect(jumps).toEqual([7_200_000]);
  });

  it("that another process added is found within seconds", async () => {
    const { clock, log, file } = await working();
    await clock.advance(100);
    const other = storeOn(file, { owner: "cli", clock: { now: clock.now() }, gone: new Set() });
    await other.commit(async (tx) => void (await tx.queue.add(delivery("a1", "a"))));
    await clock.advance(5000);
    expect(log).toEqual(["a1@5000"]);
  });

  it("of thousands of lanes is done without holding it all in memory", async () => {
    const { add, clock, log } = await working({ concurrency: 4 });
    const count = 20_000;
    const text = "x".repeat(1000);
    await add(...Array.from({ length: count }, (_, index) => delivery(`k${index}${text}`, `l${index}`)));
    const before = process.memoryUsage().heapUsed;
    let most = 0;
    while (log.length < 3000) {
      await clock.advance(0);
      most = Math.max(most, process.memoryUsage().heapUsed);
    }
    expect((most - before) / 2 ** 20).toBeLessThan(60);
  });
});

describe("a doer", () => {
  it("is told when an attempt begins and when it has to wait, with the time of the first attempt", async () => {
    const told: string[] = [];
    const doer: Partial<Doer> = {
      begin: async ([{ key, attempts: before }]: Batch) => void told.push(`begin ${key} ${before}`),
      postponed: async ([{ key }]: Batch, _, since) => void told.push(`postponed ${key} ${since - started}`),
    };
    const clock = manualClock();
    const started = clock.now();
    const { add } = await working({ clock, doer, attempts: { a1: [new RetryLater("x"), new RetryLater("x")] } });
    await add(delivery("a1", "a"));
    await clock.advance(10_000);
    expect(told).toEqual(["begin a1 0", "postponed a1 0", "begin a1 1", "postponed a1 0", "begin a1 2"]);
  });
});
