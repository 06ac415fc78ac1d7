/** Whether all is known that was written before an event. */
import { describe, expect, it } from "vitest";
import type { ChatEvent, Written } from "../../src/adapter.js";
import { RetryLater, StoreUnavailable } from "../../src/errors.js";
import type { PostId, ThreadId } from "../../src/message.js";
import { SLACK } from "../fixtures/conversations.js";
import { createScriptedAdapter } from "../fixtures/scripted-adapter.js";
import { eventAt, HOUR, page, SECOND, setStage } from "./stage.js";

describe("whether all is known that was written before an event in its thread", () => {
  const reply = (at: number, thread = "t1"): ChatEvent => ({
    ...(eventAt(at, `reply ${at}`) as Written),
    thread: thread as ThreadId,
  });

  it("is not before the platform is back and the thread has been read; what was found may be behind what came before that", async () => {
    const { away, adapter, clock, next } = setStage(["t1"]);
    const at = clock.now();
    expect(away.order(reply(9), at)).toBe("unknown");
    next(new RetryLater("limited", { afterMs: SECOND }), page("a"));
    away.look(adapter);
    await clock.advance(0);
    expect(away.order(reply(9), at)).toBe("unknown");
    await clock.advance(SECOND);
    expect(away.order(reply(9), at)).toBe("mixed");
  });

  it("has the thread read before others", async () => {
    const { away, adapter, clock, calls, next } = setStage(["t1", "t2", "t3"]);
    next(new RetryLater("down"));
    away.look(adapter);
    await clock.advance(0);
    expect(away.order(reply(9, "t3"), clock.now())).toBe("unknown");
    await clock.advance(1);
    expect(away.order(reply(9, "t3"), clock.now())).toBe("mixed");
    expect(calls.map(({ thread }) => thread)).toEqual(["t1", "t3"]);
  });

  it("is known soon of eight live replies, though a hundred threads are to be read", async () => {
    const { away, adapter, clock } = setStage(Array.from({ length: 100 }, (_, n) => `t${n}`));
    away.look(adapter);
    await clock.advance(0);
    const at = clock.now();
    const states = (): string[] => Array.from({ length: 8 }, (_, n) => away.order(reply(9, `t${90 + n}`), at));
    states();
    await clock.advance(9 * SECOND);
    expect(new Set(states())).toEqual(new Set(["mixed"]));
  });

  it("is known soon of a live reply, though a hundred threads are still to be read for texts that have left meanwhile", async () => {
    const { away, adapter, clock } = setStage(Array.from({ length: 100 }, (_, n) => `t${n}`));
    const at = clock.now() - HOUR;
    away.look(adapter);
    await clock.advance(0);
    for (let n = 0; n < 100; n += 1)
      away.mayHaveChanged({ place: SLACK, post: `p${n}` as PostId, thread: `t${n}` as ThreadId, at }, at);
    await clock.advance(30 * SECOND);
    for (const thread of ["t98", "t97"]) {
      const acceptedAt = clock.now();
      expect(away.order(reply(9, thread), acceptedAt)).toBe("unknown");
      await clock.advance(5 * SECOND);
      expect(away.order(reply(9, thread), acceptedAt)).toBe("mixed");
    }
  });

  it("waits as the platform asks, with one call at a time for all threads, until it limits us no more", async () => {
    const { away, adapter, clock, calls, next } = setStage(["t0"]);
    const limited = () => new RetryLater("limited", { afterMs: 60 * SECOND });
    next(limited(), limited(), limited());
    away.look(adapter);
    await clock.advance(0);
    for (let n = 1; n <= 5; n += 1) away.order(reply(9, `t${n}`), clock.now());
    await clock.advance(179 * SECOND);
    expect(calls).toHaveLength(3);
    await clock.advance(10 * SECOND);
    expect(new Set(calls.map(({ thread }) => thread)).size).toBe(6);
  });

  it("is no question in a thread that is none of ours, which is not read", async () => {
    const { away, adapter, clock, calls, next } = setStage(["t1"]);
    next(new RetryLater("down"));
    away.look(adapter);
    await clock.advance(0);
    away.order(reply(9, "foreign"), clock.now());
    await clock.advance(1);
    expect(away.order(reply(9, "foreign"), clock.now())).toBe("mixed");
    expect(calls.map(({ thread }) => thread)).toEqual(["t1"]);
  });

  it("is no question once all has been read", async () => {
    const { away, adapter, clock } = setStage(["t1"]);
    away.look(adapter);
    await clock.advance(1);
    expect(away.order(reply(9), clock.now())).toBe("mixed");
    expect(away.order(reply(9, "another"), clock.now())).toBe("mixed");
  });

  it("is no question for long", async () => {
    const { away, adapter, clock, next } = setStage(["t1"]);
    next(new RetryLater("limited", { afterMs: HOUR }));
    away.look(adapter);
    const at = clock.now();
    await clock.advance(10 * SECOND);
    expect(away.order(reply(9), at)).toBe("unknown");
    await clock.advance(1);
    expect(away.order(reply(9), at)).toBe("mixed");
    expect(away.order(reply(9), clock.now())).toBe("unknown");
  });

  it("is no question on a platform that cannot be read, as it tells everything in order", async () => {
    const { away, clock } = setStage([]);
    away.inbox(createScriptedAdapter("slack", clock), { accept: async () => {} });
    expect(away.order(reply(9), clock.now())).toBe("known");
  });

  it("is one again once an event could not be stored: the platform tells it again behind later ones", async () => {
    const { away, adapter, clock, next, accept, refuses } = setStage(["t1"]);
    away.look(adapter);
    await clock.advance(0);
    refuses(1);
    next(page("reply 8"));
    await expect(accept(reply(8))).rejects.toThrow(StoreUnavailable);
    expect(away.order(reply(9), clock.now())).toBe("unknown");
    await clock.advance(0);
    expect(away.order(reply(9), clock.now())).toBe("mixed");
  });
});

describe("a thread that is found to be one of ours", () => {
  it("is read, whatever was known of it before", async () => {
    const { away, adapter, clock, calls, taken, next, adopt } = setStage(["t1"]);
    const thread = "foreign" as ThreadId;
    const live: ChatEvent = { ...(eventAt(9, "live") as Written), thread };
    next(new RetryLater("down"));
    away.look(adapter);
    await clock.advance(0);
    away.order(live, clock.now());
    await clock.advance(SECOND);
    expect(away.order(live, clock.now())).toBe("mixed");
    adopt(thread);
    next(page("missed"));
    away.threadFound({ place: SLACK, thread });
    expect(away.order(live, clock.now())).toBe("unknown");
    await clock.advance(0);
    expect(away.order(live, clock.now())).toBe("mixed");
    expect(taken).toEqual(["missed"]);
    expect(calls.map((call) => call.thread)).toEqual(["t1", thread]);
  });

  it("is read though all else was, and nothing more is written in it", async () => {
    const { away, adapter, clock, taken, next } = setStage(["t1"]);
    away.look(adapter);
    await clock.advance(0);
    next(page("missed"));
    away.threadFound({ place: SLACK, thread: "found" as ThreadId });
    await clock.advance(0);
    expect(taken).toEqual(["missed"]);
  });
});

describe("an event that could not be stored", () => {
  const reply = (thread: string): ChatEvent => ({
    ...(eventAt(8, `reply in ${thread}`) as Written),
    thread: thread as ThreadId,
  });

  it("is found in its thread, though the platform does not tell it again and nothing more is written there", async () => {
    const { away, adapter, clock, calls, taken, next, accept, refuses } = setStage(["t1", "t2"]);
    away.look(adapter);
    await clock.advance(0);
    // The store takes nothing for a while.
    refuses(2);
    next(page("reply in t1"), page("reply in t1"));
    await expect(accept(reply("t1"))).rejects.toThrow(StoreUnavailable);
    await clock.advance(HOUR);
    expect(taken).toEqual(["reply in t1"]);
    // Its own thread alone is read again, once at once and once after a rest.
    expect(calls.map(({ thread }) => thread)).toEqual(["t1", "t2", "t1", "t1"]);
  });

  it("is found even in a thread in which nothing had happened for long, and in spite of a new gap", async () => {
    const { away, adapter, clock, taken, next, accept, refuses, gap } = setStage([]);
    away.look(adapter);
    await clock.advance(0);
    refuses(2);
    next(page("reply in old"), page("reply in old"));
    await expect(accept(reply("old"))).rejects.toThrow(StoreUnavailable);
    await clock.advance(0);
    gap();
    await clock.advance(HOUR);
    expect(taken).toEqual(["reply in old"]);
  });

  it("and tells that a post was deleted makes us look everywhere: it does not tell in which thread", async () => {
    const { away, adapter, clock, taken, waiting, next, accept, refuses } = setStage(["t1"]);
    waiting.push({ place: SLACK, post: "p" as PostId, thread: "t1" as ThreadId, at: clock.now() - HOUR });
    next({ ...page(), posts: ["p" as PostId] }, { ...page(), posts: ["root" as PostId] });
    away.look(adapter);
    await clock.advance(0);
    refuses(1);
    const deleted = { kind: "deleted", key: "d", at: clock.now(), place: SLACK, post: "p" as PostId } as const;
    await expect(accept(deleted)).rejects.toThrow(StoreUnavailable);
    await clock.advance(0);
    expect(taken).toEqual(["missing:p"]);
  });

  it("is looked for no longer where its thread is none of ours", async () => {
    const { away, adapter, clock, calls, accept, refuses } = setStage([]);
    away.look(adapter);
    await clock.advance(0);
    refuses(1);
    await expect(accept(reply("foreign"))).rejects.toThrow(StoreUnavailable);
    await clock.advance(HOUR);
    expect(calls).toEqual([]);
    expect(clock.sleeping).toBe(0);
  });
});
