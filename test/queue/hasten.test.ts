/** What waits is tried at once when it may succeed again. */
import { describe, expect, it } from "vitest";
import { RetryLater } from "../../src/errors.js";
import { openSqliteFile } from "../../src/store/sqlite.js";
import { delivery, working } from "../fixtures/working.js";

describe("a platform that is there again", () => {
  const down = (times: number) => Array.from({ length: times }, () => new RetryLater("down"));

  it("is tried at once by all that wait there, not when each has rested enough", async () => {
    const attempts = { a1: down(6), b1: down(6), u1: down(6) };
    const { add, clock, log, worker } = await working({ attempts, concurrency: 2 });
    const u1 = delivery("u1", "u", { target: "other:u" });
    await add(delivery("a1", "a", { target: "p:1" }), delivery("b1", "b", { target: "p:2" }), u1);
    await clock.advance(20_000);
    log.length = 0;
    worker.hasten("p");
    await clock.advance(0);
    expect(log.toSorted()).toEqual(["a1@20000", "b1@20000"]);
  });

  it("is tried at once also where the failure concerned all that goes there", async () => {
    const unreachable = Array.from({ length: 8 }, () => new RetryLater("unreachable", { scope: "target" }));
    const { add, clock, log, worker } = await working({ attempts: { a1: unreachable }, concurrency: 2 });
    await add(delivery("a1", "a", { target: "p:1" }), delivery("b1", "b", { target: "p:1" }));
    await clock.advance(20_000);
    log.length = 0;
    worker.hasten("p");
    await clock.advance(1000);
    expect(log).toEqual(["a1@21000"]);
  });

  it("is known by the first call that succeeds after several failures", async () => {
    const attempts = { a1: down(5), b1: down(5) };
    const { add, clock, log } = await working({ attempts, concurrency: 2 });
    await add(delivery("a1", "a", { target: "p:1" }), delivery("b1", "b", { target: "p:1" }));
    await clock.advance(20_000);
    log.length = 0;
    await add(delivery("c1", "c", { target: "p:2" }));
    await clock.advance(0);
    expect(log.toSorted()).toEqual(["a1@20000", "b1@20000", "c1@20000"]);
  });

  it("is not tried at every success by what fails for a reason of its own", async () => {
    const attempts = { a1: down(100), b1: down(100) };
    const { add, clock, log } = await working({ attempts, concurrency: 2 });
    await add(delivery("a1", "a", { target: "p:1" }), delivery("b1", "b", { target: "p:1" }));
    for (let second = 0; second < 60; second += 1) {
      await add(delivery(`c${second}`, "c", { target: "p:2" }));
      await clock.advance(1000);
    }
    expect(log.filter((each) => each.startsWith("a1")).length).toBeLessThan(10);
  });

  it("is left alone until the time that it asked for, and what is not due yet stays so", async () => {
    const attempts = {
      a1: [...down(2), new RetryLater("limit", { afterMs: 60_000, patient: true, scope: "target" })],
      b1: down(4),
      c1: [new RetryLater("limit", { afterMs: 60_000, patient: true })],
    };
    const { add, clock, log, worker } = await working({ attempts, concurrency: 3 });
    await add(delivery("a1", "a", { target: "p:1" }), delivery("b1", "b", { target: "p:1" }));
    await add(delivery("c1", "c", { target: "p:2" }));
    await add(delivery("d1", "d", { target: "p:2", dueAt: clock.now() + 40_000 }));
    await clock.advance(10_000);
    log.length = 0;
    worker.hasten("p");
    await clock.advance(29_999);
    expect(log).toEqual([]);
    await clock.advance(30_000);
    expect(log).toEqual(["d1@40000", "c1@60000", expect.stringMatching(/@6\d{4}$/), expect.stringMatching(/@6\d{4}$/)]);
  });

  it("finds together what was attempted together", async () => {
    const file = openSqliteFile(":memory:");
    const { add, clock, worker, store } = await working({
      file,
      doer: { attempt: () => Promise.reject(new RetryLater("lost", { uncertain: true })) },
      join: (waiting) => waiting.length,
    });
    await add(delivery("a1", "a", { target: "p:1" }), delivery("a2", "a", { target: "p:1" }));
    await clock.advance(20_000);
    await worker.stop(0);
    await store.commit((tx) => tx.queue.hasten("a", clock.now()));
    expect(store.queue.next("p:1", clock.now(), new Set(), () => 1)?.map(({ key }) => key)).toEqual(["a1", "a2"]);
  });
});

describe("what somebody has to mend", () => {
  const toBeMended = (scope: "target" | "delivery") =>
    new RetryLater("invite me", { afterMs: 60_000, mend: true, scope });

  it("is tried as soon as that is told, with all that waits behind it, and nothing else is", async () => {
    const attempts = { a1: [toBeMended("target")], c1: [toBeMended("target")] };
    const { add, clock, log, worker } = await working({ attempts });
    await add(delivery("a1", "a", { target: "p:1" }), delivery("c1", "c", { target: "q:1" }));
    await clock.advance(5000);
    await add(delivery("a2", "a", { target: "p:1" }), delivery("b1", "b", { target: "p:1" }));
    await clock.advance(5000);
    expect(log).toEqual(["a1@0", "c1@0"]);
    worker.mended(["p:1", "p:marks"]);
    await clock.advance(1000);
    expect(log.slice(2).map((each) => each.split("@")[0])).toEqual(["a1", "a2", "b1"]);
    await clock.advance(50_000);
    expect(log.at(-1)).toBe("c1@60000");
  });

  it("is tried as soon as that is told also where it concerns one lane alone, each time", async () => {
    const attempts = { a1: [toBeMended("delivery"), toBeMended("delivery")] };
    const { add, clock, log, worker } = await working({ attempts });
    await add(delivery("a1", "a", { target: "p:1" }));
    await clock.advance(1000);
    worker.mended(["p:1"]);
    await clock.advance(1000);
    worker.mended(["p:1"]);
    await clock.advance(0);
    worker.mended(["p:1"]);
    await clock.advance(100_000);
    expect(log).toEqual(["a1@0", "a1@1000", "a1@2000"]);
  });
});
