/** Reading what was written while nobody listened: from which threads, from when, how fast, and what becomes of it. */
import { describe, expect, it } from "vitest";
import type { Missed } from "../../src/adapter.js";
import { GiveUp, RetryLater } from "../../src/errors.js";
import type { ThreadId } from "../../src/message.js";
import { SLACK } from "../fixtures/conversations.js";
import { createScriptedAdapter } from "../fixtures/scripted-adapter.js";
import { DAY, eventAt, HOUR, page, SECOND, setStage } from "./stage.js";

describe("a look", () => {
  it("reads the threads of open conversations, the latest first, and hands in what is new", async () => {
    const { away, adapter, clock, calls, taken, lookedBack, next } = setStage(["t1", "t2"]);
    taken.push("known");
    next(page("known", "new"), page("newer"));
    away.look(adapter);
    await clock.advance(0);
    expect(calls.map(({ thread }) => thread)).toEqual(["t1", "t2"]);
    expect(taken).toEqual(["known", "new", "newer"]);
    expect(lookedBack).toEqual([14 * DAY]);
  });

  it("takes a thread's events in the order in which they happened, whatever the pages' order", async () => {
    const { away, adapter, clock, calls, taken, next } = setStage();
    next({ ...page(), events: [eventAt(3, "c"), eventAt(4, "d")], more: "p2" });
    next({ ...page(), events: [eventAt(1, "a"), eventAt(2, "b")] });
    away.look(adapter);
    await clock.advance(0);
    expect(calls.map((call) => call.page)).toEqual([undefined, "p2"]);
    expect(taken).toEqual(["a", "b", "c", "d"]);
  });

  it("makes four calls at once and then one every two seconds", async () => {
    const { away, adapter, clock, calls } = setStage(Array.from({ length: 100 }, (_, n) => `t${n}`));
    away.look(adapter);
    await clock.advance(0);
    expect(calls).toHaveLength(4);
    await clock.advance(60 * SECOND);
    expect(calls).toHaveLength(34);
  });

  it("goes on where it was when the platform limits it, also to one page a minute", async () => {
    const { away, adapter, clock, calls, taken, next } = setStage();
    const limited = () => new RetryLater("limited", { afterMs: 60 * SECOND });
    next({ ...page("a"), more: "p2" }, limited(), { ...page("b"), more: "p3" }, limited(), page("c"));
    away.look(adapter);
    await clock.advance(3 * 60 * SECOND);
    expect(calls.map((call) => call.page)).toEqual([undefined, "p2", "p2", "p3", "p3"]);
    expect(taken.toSorted()).toEqual(["a", "b", "c"]);
  });

  it("leaves out a thread that cannot be read, and reads the rest of a place that cannot be read later", async () => {
    const { away, adapter, clock, calls, next } = setStage(["t1", "t2"]);
    next(new GiveUp("no such thread"), ...Array.from({ length: 8 }, () => new RetryLater("down")));
    away.look(adapter);
    await clock.advance(2 * HOUR);
    expect(calls.slice(0, 9).map(({ thread }) => thread)).toEqual(["t1", ...Array.from({ length: 8 }, () => "t2")]);
    expect(calls.slice(9).map(({ thread }) => thread)).toEqual(["t2"]);
  });

  it("waits in no other place for one that somebody has to mend first, and reads that later", async () => {
    const { away, adapter, clock, calls, taken, next } = setStage(["t1@closed", "t2@closed", "t3", "t4"]);
    next(new RetryLater("invite the bot", { scope: "target", afterMs: 60 * SECOND, mend: true }), page("a"), page("b"));
    away.look(adapter);
    await clock.advance(0);
    expect(calls.map(({ thread }) => thread)).toEqual(["t1@closed", "t3", "t4"]);
    expect(taken).toEqual(["a", "b"]);
    next(page("c"), page("d"));
    await clock.advance(10 * 60 * SECOND);
    expect(taken).toEqual(["a", "b", "c", "d"]);
  });

  it("that cannot store what it found begins again later and loses nothing", async () => {
    const { away, adapter, clock, taken, next, refuses } = setStage();
    next(page("a", "b"), page("a", "b"));
    refuses(1);
    away.look(adapter);
    await clock.advance(HOUR);
    expect(taken).toEqual(["a", "b"]);
  });

  it("is one at a time: what is asked for meanwhile comes after it, once", async () => {
    const { away, adapter, clock, calls, next, gap } = setStage();
    next(new RetryLater("down"));
    away.look(adapter);
    await clock.advance(0);
    gap();
    gap();
    expect(calls).toHaveLength(1);
    await clock.advance(HOUR);
    expect(calls).toHaveLength(3);
  });

  it("that could not read all rests for ten minutes, but for a new reason to look", async () => {
    const { away, adapter, clock, taken, next, refuses, gap } = setStage();
    next(page("a"), page("a"));
    refuses(1);
    away.look(adapter);
    await clock.advance(60 * SECOND);
    expect(taken).toEqual([]);
    gap();
    await clock.advance(0);
    expect(taken).toEqual(["a"]);
  });

  it("ends where a new one is asked for, which reads everything", async () => {
    const { away, adapter, clock, calls, gap } = setStage(Array.from({ length: 20 }, (_, n) => `t${n}`));
    away.look(adapter);
    await clock.advance(6 * SECOND);
    expect(calls).toHaveLength(7);
    gap();
    await clock.advance(HOUR);
    expect(calls.length).toBeLessThanOrEqual(28);
    expect(calls.slice(-20).map(({ thread }) => thread)).toEqual(Array.from({ length: 20 }, (_, n) => `t${n}`));
  });

  it("is not begun anew, while it lasts, where nothing says that something was missed; after it, it is", async () => {
    const { away, adapter, clock, calls, gap } = setStage(Array.from({ length: 20 }, (_, n) => `t${n}`));
    away.look(adapter);
    await clock.advance(6 * SECOND);
    gap("routine");
    await clock.advance(HOUR);
    expect(calls).toHaveLength(20);
    gap("routine");
    await clock.advance(HOUR);
    expect(calls).toHaveLength(40);
  });

  it("ends with the bridge at once, even when the platform does not answer", async () => {
    const { away, clock, calls, adapter } = setStage();
    const silent = { ...adapter, missed: () => new Promise<Missed>(() => calls) };
    away.look(silent);
    await clock.advance(0);
    await away.stop();
    away.look(silent);
    expect(calls).toEqual([]);
  });

  it("is none on a platform that cannot be read", async () => {
    const { away, clock, lookedBack } = setStage();
    away.look(createScriptedAdapter("slack", clock));
    await clock.advance(0);
    expect(lookedBack).toEqual([]);
  });
});

describe("a thread is read", () => {
  const sinceAfter = async (memory: Map<string, string>, wall = 0, keysKeptMs = 7 * DAY): Promise<number> => {
    const stage = setStage(["t1"], memory, keysKeptMs);
    stage.clock.jump(wall);
    stage.away.look(stage.adapter);
    await stage.clock.advance(0);
    return stage.calls[0]?.since ?? NaN;
  };

  it("from a day before the last event that was told, by the platform's clock, however wrong ours is", async () => {
    const stage = setStage();
    const at = stage.clock.now() - 5 * HOUR;
    await stage.tells(at);
    await stage.tells(at + HOUR);
    await stage.away.stop();
    expect(await sinceAfter(stage.memory)).toBe(at + HOUR - DAY);
    expect(await sinceAfter(stage.memory, 3 * HOUR)).toBe(at + HOUR - DAY);
  });

  it("never from further back than keys are remembered", async () => {
    const stage = setStage();
    await stage.tells(stage.clock.now() - 30 * DAY);
    expect(await sinceAfter(stage.memory)).toBe(stage.clock.now() - 6 * DAY);
    expect(await sinceAfter(new Map())).toBe(stage.clock.now() - 6 * DAY);
    expect(await sinceAfter(new Map(), 0, 365 * DAY)).toBe(stage.clock.now() - 6 * DAY);
    expect(await sinceAfter(new Map(), 0, 3.5 * DAY)).toBe(stage.clock.now() - 3 * DAY);
  });

  it("never from further back than keys are remembered, also once more long after the platform came back", async () => {
    const stage = setStage(["t1"]);
    stage.away.look(stage.adapter);
    await stage.clock.advance(0);
    await stage.clock.advance(20 * DAY);
    stage.away.threadFound({ place: SLACK, thread: "t1" as ThreadId });
    await stage.clock.advance(0);
    expect(stage.calls.at(-1)?.since).toBe(stage.clock.now() - 6 * DAY);
  });

  it("from where it was before, if not everything could be read the last time", async () => {
    const stage = setStage(["t1", "t2"]);
    const at = stage.clock.now() - 4 * DAY;
    await stage.tells(at);
    stage.next(page(), new RetryLater("limited", { afterMs: HOUR }));
    stage.away.look(stage.adapter);
    await stage.clock.advance(0);
    await stage.tells(stage.clock.now());
    await stage.clock.advance(0);
    await stage.away.stop();
    expect(await sinceAfter(stage.memory)).toBe(at - DAY);
  });

  it("with hardly a write for the events: at most one a minute, and one at the end", async () => {
    let writes = 0;
    const memory = new (class extends Map<string, string> {
      override set(key: string, value: string): this {
        writes += 1;
        return super.set(key, value);
      }
    })();
    const stage = setStage(["t1"], memory);
    for (let n = 0; n < 120; n += 1) {
      await stage.tells(stage.clock.now());
      await stage.clock.advance(SECOND);
    }
    expect(writes).toBe(2);
    const last = stage.clock.now();
    await stage.tells(last);
    await stage.away.stop();
    expect([...memory.values()]).toEqual([String(last)]);
  });
});
