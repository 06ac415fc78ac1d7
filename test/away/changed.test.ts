/** What was changed or deleted before its text left. */
import { describe, expect, it } from "vitest";
import type { Written } from "../../src/adapter.js";
import { deletedFrom } from "../../src/away/returns.js";
import { RetryLater } from "../../src/errors.js";
import type { PostId, ThreadId } from "../../src/message.js";
import type { WrittenAs } from "../../src/queue/work.js";
import { SLACK } from "../fixtures/conversations.js";
import { createScriptedAdapter } from "../fixtures/scripted-adapter.js";
import { eventAt, HOUR, page, SECOND, setStage } from "./stage.js";

describe("a text that has not left", () => {
  const post = (at: number, key = "post"): WrittenAs => ({
    ...{ place: SLACK, post: key as PostId, thread: "t1" as ThreadId, at },
  });

  it("may have changed if it was written before the platform was back, until its thread has been read", async () => {
    const { away, adapter, clock, next } = setStage([]);
    const at = clock.now();
    await clock.advance(HOUR);
    next(new RetryLater("limited", { afterMs: SECOND }));
    away.look(adapter);
    await clock.advance(0);
    expect(away.mayHaveChanged(post(clock.now()), clock.now())).toBe(false);
    expect(away.mayHaveChanged(post(at), at)).toBe(true);
    await clock.advance(SECOND);
    expect(away.mayHaveChanged(post(at), at)).toBe(false);
  });

  it("may have changed before the platform is connected, for ten seconds", async () => {
    const { away, clock } = setStage([]);
    const at = clock.now() - HOUR;
    expect(away.mayHaveChanged(post(at), at)).toBe(true);
    await clock.advance(10 * SECOND);
    expect(away.mayHaveChanged(post(at), at)).toBe(true);
    await clock.advance(1);
    expect(away.mayHaveChanged(post(at), at)).toBe(false);
  });

  it("may have changed for nine seconds where the platform cannot be read", async () => {
    const { away, clock } = setStage([]);
    const at = clock.now() - HOUR;
    const telegram = createScriptedAdapter("slack", clock);
    away.inbox(telegram, { accept: async () => {} });
    away.look(telegram);
    await clock.advance(9 * SECOND - 1);
    expect(away.mayHaveChanged(post(at), at)).toBe(true);
    await clock.advance(1);
    expect(away.mayHaveChanged(post(at), at)).toBe(false);
  });

  it("may have changed as long as something that was told of it is yet to be decided", async () => {
    const { away, adapter, clock, decide } = setStage(["t1"]);
    const at = clock.now() - HOUR;
    away.look(adapter);
    decide(true);
    await clock.advance(0);
    expect(away.mayHaveChanged(post(at), at)).toBe(true);
    decide(false);
    expect(away.mayHaveChanged(post(at), at)).toBe(false);
  });

  it("may have changed by what waits to be decided however long the platform has been back, and however long that waits", async () => {
    const { away, adapter, clock, decide } = setStage(["t1"]);
    away.look(adapter);
    await clock.advance(HOUR);
    const at = clock.now();
    decide(true);
    await clock.advance(600 * SECOND);
    expect(away.mayHaveChanged(post(at), at)).toBe(true);
    decide(false);
    expect(away.mayHaveChanged(post(at), at)).toBe(false);
  });

  it("was deleted if its thread does not have it any more", async () => {
    const { away, adapter, clock, taken, waiting, next } = setStage(["t1"]);
    waiting.push(post(clock.now() - HOUR, "gone"), post(clock.now() - HOUR, "there"));
    next({ ...page(), posts: ["there" as PostId] });
    away.look(adapter);
    await clock.advance(0);
    expect(taken).toEqual(["missing:gone"]);
  });

  it("was not deleted if it was posted while its thread was read, however wrong the clocks are", async () => {
    const { away, adapter, clock, taken, waiting, next } = setStage(["t1"]);
    next(new RetryLater("limited", { afterMs: HOUR }), { ...page(), posts: ["root" as PostId] });
    away.look(adapter);
    await clock.advance(0);
    waiting.push(post(clock.now() - 60 * SECOND, "new"));
    await clock.advance(HOUR);
    expect(taken).toEqual([]);
  });

  it("is told of so late that its thread does not have it: then the thread is read once more", async () => {
    const { away, adapter, clock, calls, taken, waiting, next, accept } = setStage(["t1"]);
    const at = clock.now();
    await clock.advance(HOUR);
    next(page(), { ...page(), posts: ["root" as PostId] });
    away.look(adapter);
    await clock.advance(0);
    await accept({ ...(eventAt(at, "late") as Written), thread: "t1" as ThreadId });
    waiting.push(post(at, "late"));
    expect(away.mayHaveChanged(post(at, "late"), clock.now())).toBe(true);
    await clock.advance(0);
    expect(calls).toHaveLength(2);
    expect(taken).toEqual(["late", "missing:late"]);
    expect(away.mayHaveChanged(post(at, "late"), clock.now())).toBe(false);
  });
});

describe("a thread that is being read while something is stored that was told of late", () => {
  it("is read once more: it may have been deleted, and this reading did not look for it", async () => {
    const { away, adapter, clock, taken, waiting, next, accept, takes } = setStage(["t1"]);
    const at = clock.now();
    const late = { ...(eventAt(at, "late") as Written), thread: "t1" as ThreadId };
    const written = { place: SLACK, post: late.post, thread: late.thread, at };
    await clock.advance(HOUR);
    const without = { ...page(), posts: ["root" as PostId] };
    next(page(), without, without);
    away.look(adapter);
    await clock.advance(0);
    takes(SECOND);
    const accepting = accept(late);
    expect(away.order({ ...late, at: clock.now(), key: "live" }, clock.now())).toBe("unknown");
    await clock.advance(SECOND);
    await accepting;
    takes(0);
    waiting.push(written);
    expect(away.mayHaveChanged(written, clock.now())).toBe(true);
    await clock.advance(0);
    expect(taken).toEqual(["late", "missing:late"]);
  });

  it("is read once more also where that reading had begun long before", async () => {
    const { away, adapter, clock, taken, waiting, next, accept } = setStage(["t1"]);
    const at = clock.now();
    const late = { ...(eventAt(at, "late") as Written), thread: "t1" as ThreadId };
    await clock.advance(HOUR);
    const without = { ...page(), posts: ["root" as PostId] };
    next(new RetryLater("limited", { afterMs: 9 * SECOND }), without, without);
    away.look(adapter);
    await clock.advance(SECOND);
    await accept(late);
    waiting.push({ place: SLACK, post: late.post, thread: late.thread, at });
    await clock.advance(HOUR);
    expect(taken).toEqual(["late", "missing:late"]);
  });
});

describe("posts that are missing in their thread", () => {
  const now = 100_000;
  const post = (at: number, key = "post"): WrittenAs => ({ place: SLACK, post: key as PostId, at });
  const thread = { events: [], posts: new Set(["root" as PostId]), whole: true };

  it("were deleted, but for those that were not read, or are too new to be listed", () => {
    const waiting = [post(9, "early"), post(10, "gone"), post(now - 10_000, "new")];
    expect(deletedFrom(thread, waiting, 10, now)).toEqual([
      { kind: "deleted", key: "missing:gone", at: now, place: SLACK, post: "gone" },
    ]);
  });

  it("are not known where nothing is listed at all", () => {
    expect(deletedFrom({ ...thread, posts: new Set() }, [post(10)], 10, now)).toEqual([]);
  });

  it("are not known in a thread that was not read to its end", () => {
    expect(deletedFrom({ ...thread, whole: false }, [post(10)], 10, now)).toEqual([]);
  });
});
