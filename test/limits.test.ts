import { describe, expect, it } from "vitest";
import type { Pace, Rate } from "../src/adapter.js";
import { realClock } from "../src/clock.js";
import { createLimits, rateCount, type Limits } from "../src/limits.js";
import { manualClock, settled, type ManualClock } from "./fixtures/manual-clock.js";

function pace(target: string, concurrency: number, ...rates: Rate[]): Pace {
  return { target, concurrency, rates };
}

/** Starts that happened, as `target@ms`; each takes `tookMs`. */
function starter(limits: Limits, clock: ManualClock) {
  const starts: string[] = [];
  let running = 0;
  let most = 0;
  const begin = (of: Pace, count: number, tookMs = 0): void => {
    let left = count;
    const offer = (): void =>
      limits.offer(of, async (slot) => {
        while (left > 0 && (await slot.ready())) {
          if (left <= 0) break;
          if (!slot.take()) continue;
          left -= 1;
          starts.push(`${of.target}@${clock.monotonic()}`);
          running += 1;
          most = Math.max(most, running);
          if (left > 0) offer();
          if (tookMs > 0) await clock.sleep(tookMs);
          running -= 1;
        }
      });
    offer();
  };
  return { starts, begin, most: () => most };
}

describe("one more start within a step", () => {
  it("waits for its turn and counts, and is refused when the limits close", async () => {
    const clock = manualClock();
    const limits = createLimits(clock);
    const rate: Rate = { kind: "bucket", key: "pbx", limit: 1, perMs: 100 };
    const { starts, begin } = starter(limits, clock);
    begin(pace("a", 1, rate), 1);
    await settled();
    const more = [1, 2].map(() => limits.another(pace("b", 1, rate)).then(() => clock.monotonic()));
    await clock.advance(250);
    begin(pace("a", 1, rate), 2);
    await clock.advance(1000);
    expect([starts, await Promise.all(more)]).toEqual([
      ["a@0", "a@300", "a@400"],
      [100, 200],
    ]);
    const late = limits.another(pace("b", 1, rate));
    await limits.drain();
    expect([await late, await limits.another(pace("b", 1, rate))]).toEqual([false, false]);
  });
});

describe("a bucket", () => {
  it("lets so many go at once and then one each time a slot comes back", async () => {
    const clock = manualClock();
    const { starts, begin } = starter(createLimits(clock), clock);
    begin(pace("t", 1, { kind: "bucket", key: "k", limit: 3, perMs: 100 }), 6);
    await clock.advance(1000);
    expect(starts).toEqual(["t@0", "t@0", "t@0", "t@100", "t@200", "t@300"]);
  });

  it("is full again after a rest, and never fuller", () => {
    const count = rateCount({ kind: "bucket", key: "k", limit: 2, perMs: 100 });
    for (const now of [0, 0]) count.take(now);
    expect(count.freeAt(0)).toBe(100);
    expect(count.freeAt(10_000)).toBeLessThanOrEqual(10_000);
    for (const now of [10_000, 10_000]) count.take(now);
    expect(count.freeAt(10_000)).toBe(10_100);
  });
});

describe("a window", () => {
  it("never lets more than so many start within any stretch of its length", async () => {
    const clock = manualClock();
    const { starts, begin } = starter(createLimits(clock), clock);
    begin(pace("t", 1, { kind: "window", key: "k", limit: 2, perMs: 100 }), 5, 30);
    await clock.advance(1000);
    expect(starts).toEqual(["t@0", "t@30", "t@100", "t@130", "t@200"]);
  });
});

describe("rates", () => {
  it("of equal key are shared by targets, also when all come at the same moment", async () => {
    const clock = manualClock();
    const { starts, begin } = starter(createLimits(clock), clock);
    const shared: Rate = { kind: "bucket", key: "shared", limit: 2, perMs: 100 };
    for (const target of ["a", "b", "c", "d", "e"]) begin(pace(target, 1, shared), 1);
    await clock.advance(1000);
    expect(starts.map((start) => start.split("@")[1])).toEqual(["0", "0", "100", "200", "300"]);
    expect(new Set(starts.map((start) => start.charAt(0))).size).toBe(5);
  });

  it("must all allow a start", async () => {
    const clock = manualClock();
    const { starts, begin } = starter(createLimits(clock), clock);
    const second: Rate = { kind: "bucket", key: "s", limit: 1, perMs: 10 };
    const minute: Rate = { kind: "window", key: "m", limit: 2, perMs: 600 };
    begin(pace("t", 1, second, minute), 3);
    await clock.advance(1000);
    expect(starts).toEqual(["t@0", "t@10", "t@600"]);
  });

  it("do not care for jumps of the wall clock", async () => {
    const clock = manualClock();
    const { starts, begin } = starter(createLimits(clock), clock);
    begin(pace("t", 1, { kind: "bucket", key: "k", limit: 1, perMs: 100 }), 3);
    await settled();
    clock.jump(-3_600_000);
    await clock.advance(1000);
    expect(starts).toEqual(["t@0", "t@100", "t@200"]);
  });
});

describe("a target", () => {
  it("runs no more at once than it may, whatever else runs", async () => {
    const clock = manualClock();
    const limits = createLimits(clock);
    const { starts, begin, most } = starter(limits, clock);
    begin(pace("t", 2), 6, 100);
    await clock.advance(1000);
    expect(starts).toEqual(["t@0", "t@0", "t@100", "t@100", "t@200", "t@200"]);
    expect(most()).toBe(2);
  });

  it("that is paused starts nothing until then, and holds up no other", async () => {
    const clock = manualClock();
    const limits = createLimits(clock);
    const { starts, begin } = starter(limits, clock);
    limits.pause("t", 500);
    begin(pace("t", 1), 2);
    begin(pace("u", 1), 1);
    await clock.advance(499);
    expect(starts).toEqual(["u@0"]);
    await clock.advance(1);
    expect(starts).toEqual(["u@0", "t@500", "t@500"]);
  });

  it("that is paused starts within a second when it is to go on, but for a pause that was asked for", async () => {
    const clock = manualClock();
    const limits = createLimits(clock);
    const { starts, begin } = starter(limits, clock);
    for (const target of ["t", "u"]) limits.pause(target, 50_000);
    limits.pause("u", 5000, true);
    for (const target of ["t", "u"]) begin(pace(target, 1), 1);
    await clock.advance(2500);
    for (const target of ["t", "u"]) limits.resume(target);
    await clock.advance(10_000);
    expect(starts).toEqual(["t@3000", "u@5000"]);
  });

  it("that has worked before starts at once then", async () => {
    const clock = manualClock();
    const limits = createLimits(clock);
    const { starts, begin } = starter(limits, clock);
    begin(pace("t", 1), 1);
    await clock.advance(10);
    limits.pause("t", 50_000);
    begin(pace("t", 1), 1);
    await clock.advance(2500);
    limits.resume("t");
    await clock.advance(0);
    expect(starts).toEqual(["t@0", "t@2510"]);
  });

  it("that is paused twice waits for the later end", async () => {
    const clock = manualClock();
    const limits = createLimits(clock);
    const { starts, begin } = starter(limits, clock);
    begin(pace("t", 1), 1);
    await settled();
    limits.pause("t", 500);
    limits.pause("t", 200);
    begin(pace("t", 1), 1);
    await clock.advance(300);
    limits.pause("t", 400);
    await clock.advance(399);
    expect(starts).toEqual(["t@0"]);
    await clock.advance(1);
    expect(starts).toEqual(["t@0", "t@700"]);
  });

  it("has at most one step that waits for room", async () => {
    const clock = manualClock();
    const limits = createLimits(clock);
    let ran = 0;
    const step = async (): Promise<void> => {
      ran += 1;
      await clock.sleep(100);
    };
    for (let offered = 0; offered < 50; offered += 1) limits.offer(pace("t", 1), step);
    await clock.advance(1000);
    expect(ran).toBe(2);
  });
});

describe("draining", () => {
  it("waits for what runs; what waits for room or for a rate never starts", async () => {
    const clock = manualClock();
    const limits = createLimits(clock);
    const { starts, begin } = starter(limits, clock);
    begin(pace("busy", 1), 2, 300);
    begin(pace("slow", 1, { kind: "bucket", key: "k", limit: 1, perMs: 1000 }), 2);
    limits.pause("paused", 10_000);
    begin(pace("paused", 1), 1);
    await settled();
    let drained = false;
    const draining = limits.drain().then(() => (drained = true));
    await clock.advance(299);
    expect(drained).toBe(false);
    await clock.advance(1);
    await draining;
    await clock.advance(20_000);
    expect(starts).toEqual(["busy@0", "slow@0"]);
    expect(clock.sleeping).toBe(0);
  });
});

describe("many targets that wait", () => {
  it("are no reason for a warning of Node's", async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error): void => void warnings.push(warning);
    process.on("warning", warned);
    const limits = createLimits(realClock);
    for (let target = 0; target < 50; target += 1) {
      limits.pause(`t${target}`, 60_000);
      limits.offer(pace(`t${target}`, 1), async (slot) => void (await slot.ready()));
    }
    await settled();
    await limits.drain();
    process.off("warning", warned);
    expect(warnings).toEqual([]);
  });
});
