/** The machine's clock jumps by hours, days or decades, while the bridge runs and between two runs: nothing waits for it, is lost or doubled. */
import { describe, expect, it } from "vitest";
import { RetryLater } from "../../src/errors.js";
import { openSqliteFile } from "../../src/store/sqlite.js";
import { startBridge, type RunningBridge } from "../fixtures/bridge.js";
import { manualClock } from "../fixtures/manual-clock.js";
import { storeOn } from "../fixtures/store-on.js";
import { delivery, DONE, working } from "../fixtures/working.js";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const JUMPS = [
  ["an hour back", -HOUR],
  ["three days back", -3 * DAY],
  ["thirty years back", -30 * 365 * DAY],
  ["an hour forth", HOUR],
  ["nine days forth", 9 * DAY],
  ["thirty years forth", 30 * 365 * DAY],
] as const;
/** More than the time between two looks at the queue, and less than any jump. */
const SOON = 70_000;

describe.each(JUMPS)("a clock that jumps %s", (_, ms) => {
  it("keeps no retry waiting, and makes nothing give up that has just failed", async () => {
    const down = Array.from({ length: 8 }, () => new RetryLater("down"));
    const { add, clock, log, store } = await working({ attempts: { a1: down } });
    await add(delivery("a1", "a"), delivery("a2", "a"), delivery("b1", "b", { dueAt: clock.now() + 40_000 }));
    await clock.advance(5000);
    clock.jump(ms);
    await clock.advance(5 * SOON);
    expect(log.at(-1)).toMatch(/^a2@/);
    expect(log.filter((line) => line.startsWith("b1"))).toHaveLength(1);
    // Not in a busy loop either: as often as without a jump, give or take one that came early.
    expect(log.length).toBeLessThan(15);
    expect(store.queue.counts()).toEqual({ waiting: [], aside: 0 });
  });

  it("between two runs keeps nothing waiting that the first one put off", async () => {
    const clock = manualClock();
    const file = openSqliteFile(":memory:");
    const first = await working({ file, clock, attempts: { a1: [new RetryLater("down", { afterMs: 50_000 })] } });
    await first.add(delivery("a1", "a"), delivery("a2", "a"));
    await clock.advance(10);
    await first.worker.stop(0);
    clock.jump(ms);
    const second = await working({ file, clock });
    await clock.advance(SOON);
    expect(second.log.map((line) => line.split("@")[0])).toEqual(["a1", "a2"]);
  });

  it("leaves a dead process no lease for longer than any", async () => {
    const clock = manualClock();
    const file = openSqliteFile(":memory:");
    const one = await working({ file, clock, attempts: { a1: [() => new Promise(() => {})] } });
    await one.add(delivery("a1", "a"));
    await clock.advance(0);
    clock.jump(ms);
    const two = await working({ file, clock, owner: "two" });
    await clock.advance(40_000);
    expect(two.log).toHaveLength(1);
  });

  it("does not take a lease from a process that lives", async () => {
    const clock = manualClock();
    const file = openSqliteFile(":memory:");
    const slow = async () => (await clock.sleep(4000), DONE);
    const steps = Object.fromEntries(Array.from({ length: 20 }, (__, index) => [`k${index}`, [slow]]));
    const one = await working({ file, clock, attempts: steps });
    await one.add(...Object.keys(steps).map((key) => delivery(key, key)));
    await clock.advance(6000);
    const two = await working({ file, clock, owner: "two", attempts: steps });
    clock.jump(ms);
    await clock.advance(2 * SOON);
    const keys = [...one.log, ...two.log].map((line) => line.split("@")[0]);
    expect(keys.length).toBe(20);
    expect(new Set(keys).size).toBe(20);
  });

  /** A text whose answer was lost, and then the clock jumps. */
  const lost = async (bridge: RunningBridge) => {
    await bridge.receive("hello");
    await bridge.run();
    bridge.pbx.script.fail("send", new RetryLater("no answer", { uncertain: true }), "after");
    await bridge.write("slack", "one and only");
    await bridge.run(10);
  };

  it("does not hide from the lookup what the PBX took before it", async () => {
    const bridge = await startBridge();
    await lost(bridge);
    bridge.clock.jump(ms);
    await bridge.run(SOON);
    expect(bridge.pbx.words()).toEqual(["one and only"]);
    expect([...bridge.slack.marks.values()]).toEqual(["sent"]);
    expect(bridge.store.queue.counts()).toEqual({ waiting: [], aside: 0 });
  });

  it("and a restart do not hide it either", async () => {
    const file = openSqliteFile(":memory:");
    const bridge = await startBridge({ file });
    await lost(bridge);
    await bridge.worker.stop(0);
    await bridge.clock.advance(8 * HOUR);
    bridge.clock.jump(ms);
    const next = await startBridge({ file, world: bridge.world });
    await next.run(SOON);
    expect(next.pbx.words()).toEqual(["one and only"]);
    expect(next.store.queue.counts()).toEqual({ waiting: [], aside: 0 });
  });

  it("does not make an echo a text from a desk phone, nor lose what the PBX reports later", async () => {
    const bridge = await startBridge();
    await bridge.receive("hello");
    await bridge.run();
    await bridge.write("slack", "a reply");
    await bridge.run(10_000);
    bridge.clock.jump(ms);
    await bridge.run(SOON);
    await bridge.echo("a reply");
    await bridge.status("failed", "a reply");
    await bridge.run(SOON);
    expect(bridge.slack.lines().filter((line) => line.endsWith("a reply"))).toEqual([]);
    expect(bridge.slack.lines().at(-1)).toMatch(/^SMS: Not delivered/);
  });

  it("does not make the store forget what may still come again", async () => {
    const clock = manualClock();
    const { store } = await working({ clock });
    expect(await store.commit((tx) => tx.firstTime("an event"))).toBe(true);
    await clock.advance(HOUR);
    clock.jump(ms);
    await clock.advance(SOON);
    await store.sweep();
    expect(await store.commit((tx) => tx.firstTime("an event"))).toBe(false);
  });
});

describe("a clock that was wrong when the bridge began and is then put right", () => {
  it("by decades: texts of both times are shown once, in order, and none is given up", async () => {
    const clock = manualClock();
    const file = openSqliteFile(":memory:");
    const one = await working({ file, clock, attempts: { a1: [() => new Promise(() => {})] } });
    await one.add(delivery("a1", "a"), delivery("a2", "a"));
    await clock.advance(0);
    const stopped = one.worker.stop(0);
    await clock.advance(0);
    await stopped;
    clock.jump(-50 * 365 * DAY);
    const down = Array.from({ length: 6 }, () => new RetryLater("down"));
    const two = await working({ file, clock, attempts: { a1: down } });
    await two.add(delivery("a3", "a"));
    await clock.advance(10_000);
    clock.jump(50 * 365 * DAY);
    await clock.advance(5 * SOON);
    const done = two.log.map((line) => line.split("@")[0]).filter((key, at, all) => all.indexOf(key) === at);
    expect(done).toEqual(["a1", "a2", "a3"]);
    expect(two.store.queue.counts()).toEqual({ waiting: [], aside: 0 });
  });

  it("is said in the log, and a store that is sick just then follows later", async () => {
    const warnings: object[] = [];
    const clock = manualClock();
    const { add, log, file } = await working({
      clock,
      attempts: { a1: [new RetryLater("down", { afterMs: 20_000 })] },
      warn: (fields) => void warnings.push(fields),
    });
    await add(delivery("a1", "a"));
    await clock.advance(10);
    clock.jump(-DAY);
    file.sql.get("pragma query_only = on");
    await clock.advance(30_000);
    file.sql.get("pragma query_only = off");
    await clock.advance(10_000);
    expect(log).toHaveLength(2);
    expect(warnings).toContainEqual(expect.objectContaining({ jumpedMs: -DAY }));
  });
});

it("a clock that is a little ahead of what was stored last is no jump", async () => {
  const file = openSqliteFile(":memory:");
  const clock = manualClock();
  const one = await working({ file, clock });
  await one.add(delivery("a1", "a", { dueAt: clock.now() + 50_000 }));
  await one.worker.stop(0);
  storeOn(file, { owner: "cli", clock: { now: clock.now() - 30_000 }, gone: new Set() });
  const row = file.sql.get("select due_at from deliveries");
  expect(Number(row?.["due_at"])).toBe(clock.now() + 50_000);
});

describe("a clock that was set back by hours", () => {
  it("is followed once: what begins later finds nothing of before", async () => {
    const clock = manualClock();
    const file = openSqliteFile(":memory:");
    const slow = async () => (await clock.sleep(60_000), DONE);
    const one = await working({ file, clock, attempts: { a1: [slow] } });
    await one.add(delivery("a1", "a"));
    await clock.advance(0);
    clock.jump(-2 * HOUR);
    await clock.advance(SOON);
    await one.add(delivery("b1", "b", { target: "u", dueAt: clock.now() + 600_000 }));
    // A command of the command line opens the store, too.
    const two = await working({ file, clock, owner: "two" });
    await clock.advance(SOON);
    expect([...one.log, ...two.log]).toEqual(["a1@0"]);
  });
});
