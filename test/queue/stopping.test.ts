/** The worker ends, or its store is sick. */
import { describe, expect, it } from "vitest";
import { Stopping, StoreUnavailable } from "../../src/errors.js";
import type { MessageId } from "../../src/message.js";
import type { Outcome } from "../../src/queue/attempts.js";
import { ANNA } from "../fixtures/conversations.js";
import { manualClock } from "../fixtures/manual-clock.js";
import { delivery, DONE, working } from "../fixtures/working.js";

describe("a sick store", () => {
  it("is tried again shortly, and no step is forgotten", async () => {
    const sick = async (): Promise<Outcome> => {
      file.sql.get("pragma query_only = on");
      return DONE;
    };
    const { add, clock, log, file, store, uncertain } = await working({ attempts: { a1: [sick] } });
    await add(delivery("a1", "a"));
    await clock.advance(3000);
    expect(log).toEqual(["a1@0"]);
    file.sql.get("pragma query_only = off");
    await clock.advance(1000);
    expect(log).toHaveLength(2);
    expect(uncertain).toEqual([false, true]);
    expect(store.queue.counts()).toEqual({ waiting: [], aside: 0 });
  });

  it("met by a doer is no bug of its delivery", async () => {
    const { add, clock, log, store } = await working({
      attempts: { a1: [1, 2].map(() => new StoreUnavailable("links")) },
    });
    await add(delivery("a1", "a"));
    await clock.advance(2000);
    expect(log).toEqual(["a1@0", "a1@1000", "a1@2000"]);
    expect(store.queue.counts().aside).toBe(0);
  });
});

describe("stopping", () => {
  it("waits for what is under way, takes nothing new, and leaves the rest with its leases given back", async () => {
    const clock = manualClock();
    const slow = async (): Promise<Outcome> => (await clock.sleep(2000), DONE);
    const { add, worker, log, store, file } = await working({ clock, attempts: { a1: [slow] } });
    await add(delivery("a1", "a"), delivery("b1", "b"));
    await clock.advance(0);
    let stopped = false;
    const stopping = worker.stop(8000).then(() => (stopped = true));
    await add(delivery("c1", "c", { target: "u" }));
    await clock.advance(1999);
    expect(stopped).toBe(false);
    await clock.advance(1);
    await stopping;
    expect(log).toEqual(["a1@0"]);
    expect(store.queue.counts()).toMatchObject({ waiting: [{ count: 1 }, { count: 1 }] });
    expect(file.sql.all("select * from leases")).toEqual([]);
    await clock.advance(60_000);
    expect(clock.sleeping).toBe(0);
  });

  it("does not wait longer than it may; what is under way then is uncertain for the next one", async () => {
    const clock = manualClock();
    const never = new Promise<Outcome>(() => {});
    const { add, worker, store } = await working({ clock, attempts: { a1: [() => never] } });
    await add(delivery("a1", "a"));
    await clock.advance(0);
    let stopped = false;
    const stopping = worker.stop(8000).then(() => (stopped = true));
    await clock.advance(7999);
    expect(stopped).toBe(false);
    await clock.advance(1);
    await stopping;
    expect(store.queue.next("t", clock.now(), new Set(), () => 1)?.[0]).toMatchObject({ key: "a1", uncertain: true });
  });

  it("gives up nothing that it interrupts, however old: the next start goes on with it", async () => {
    const clock = manualClock();
    const interrupted = async (): Promise<Outcome> => {
      await clock.sleep(100);
      throw new Stopping();
    };
    const { add, worker, store } = await working({ clock, attempts: { a1: [interrupted] } });
    const event = { kind: "text-in", extension: 7, contact: ANNA, text: "ok" } as const;
    const work = { kind: "check", event, at: 0, message: "m1" as MessageId, suspected: true } as const;
    // Such work is given up after two minutes.
    await add(delivery("a1", "a", { work, dueAt: clock.now() + 180_000 }));
    await clock.advance(180_000);
    const stopping = worker.stop(8000);
    await clock.advance(100);
    await stopping;
    expect(store.queue.counts().aside).toBe(0);
    expect(store.queue.next("t", clock.now(), new Set(), () => 1)?.[0]).toMatchObject({ key: "a1", attempts: 1 });
  });

  it("ends also when the store is sick", async () => {
    const { clock, worker, file, errors } = await working();
    file.sql.get("pragma query_only = on");
    const stopping = worker.stop(1000);
    await clock.advance(1000);
    await expect(stopping).resolves.toBeUndefined();
    expect(errors).toHaveLength(1);
  });
});
