/** Reading what was written while nobody listened: from which threads, from when, how fast, and what becomes of it. */
import { describe, expect, it } from "vitest";
import type { ChatAdapter, ChatEvent, Missed, ReadsMissed, Written } from "../src/adapter.js";
import { createAway, type Away } from "../src/away.js";
import { deletedFrom } from "../src/away/returns.js";
import { GiveUp, RetryLater, StoreUnavailable } from "../src/errors.js";
import type { ConversationId, PostId, ThreadId } from "../src/message.js";
import type { WrittenAs } from "../src/queue/work.js";
import { SLACK } from "./fixtures/conversations.js";
import { manualClock, type ManualClock } from "./fixtures/manual-clock.js";
import { createScriptedAdapter } from "./fixtures/scripted-adapter.js";

const SECOND = 1000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

interface Call {
  readonly thread: ThreadId;
  readonly since: number;
  readonly page: string | undefined;
  readonly at: number;
}

type Answer = Missed | Error;

interface Stage {
  readonly clock: ManualClock;
  readonly away: Away;
  readonly adapter: ChatAdapter & ReadsMissed;
  readonly calls: readonly Call[];
  readonly memory: Map<string, string>;
  /** What the inbox took, oldest first. */
  readonly taken: string[];
  readonly lookedBack: readonly number[];
  /** The posts whose texts have not left. */
  readonly waiting: WrittenAs[];
  /** What the next calls are answered; then with nothing. */
  next(...answers: readonly Answer[]): void;
  refuses(times: number): void;
  accept(event: ChatEvent): Promise<void>;
  /** Whether something that was told of posts is yet to be decided. */
  decide(is: boolean): void;
  tells(at: number, key?: string): Promise<void>;
  gap(): void;
}

function setStage(
  threads: readonly string[] = ["t1"],
  memory = new Map<string, string>(),
  keysKeptMs = 7 * DAY,
): Stage {
  const clock = manualClock();
  const calls: Call[] = [];
  const answers: Answer[] = [];
  const taken: string[] = [];
  const lookedBack: number[] = [];
  const waiting: WrittenAs[] = [];
  let refusals = 0;
  let deciding = false;
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const adapter = {
    ...createScriptedAdapter("slack", clock),
    async missed(thread: ThreadId, since: number, page?: string): Promise<Missed> {
      calls.push({ thread, since, page, at: clock.monotonic() });
      const answer = answers.shift() ?? { events: [], posts: [] };
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  const away = createAway({
    ...{ clock, logger, keysKeptMs },
    memory: { get: async (key) => memory.get(key), set: async (key, value) => void memory.set(key, value) },
    conversationsSince(since) {
      lookedBack.push(clock.now() - since);
      return threads as readonly ConversationId[];
    },
    threadsOf: async (conversation) => [{ place: SLACK, thread: conversation as string as ThreadId }],
    isKnown: (_, key) => taken.includes(key),
    waitingIn: async () => [...waiting],
    isDeciding: () => deciding,
    found() {},
  });
  const inbox = away.inbox(adapter, {
    async accept({ key }) {
      refusals -= 1;
      if (refusals >= 0) throw new StoreUnavailable("the disk is full");
      taken.push(key);
    },
  });
  return {
    ...{ clock, away, adapter, calls, memory, taken, lookedBack, waiting },
    next: (...more) => void answers.push(...more),
    refuses: (times) => void (refusals = times),
    accept: (event) => inbox.accept(event),
    decide: (is) => void (deciding = is),
    tells: (at, key = `told ${at}`) => inbox.accept(eventAt(at, key)),
    gap: () => inbox.gap?.(),
  };
}

function eventAt(at: number, key: string): ChatEvent {
  const author = { id: "U1" };
  return { kind: "written", key, at, place: SLACK, post: key as PostId, author, text: key, files: [] };
}

const page = (...keys: readonly string[]): Missed => ({
  events: keys.map((key, index) => eventAt(index, key)),
  posts: keys as readonly PostId[],
});

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

  it("makes ten calls at once and then one every two seconds", async () => {
    const { away, adapter, clock, calls } = setStage(Array.from({ length: 100 }, (_, n) => `t${n}`));
    away.look(adapter);
    await clock.advance(0);
    expect(calls).toHaveLength(10);
    await clock.advance(60 * SECOND);
    expect(calls).toHaveLength(40);
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
    expect(away.order(reply(9), clock.now() + 1)).toBe("known");
  });

  it("has the thread read before others", async () => {
    const { away, adapter, clock, calls, next } = setStage(["t1", "t2", "t3"]);
    next(new RetryLater("limited", { afterMs: 5 * SECOND }));
    away.look(adapter);
    await clock.advance(0);
    expect(away.order(reply(9, "t3"), clock.now())).toBe("unknown");
    await clock.advance(1);
    expect(away.order(reply(9, "t3"), clock.now())).toBe("known");
    expect(calls.map(({ thread }) => thread)).toEqual(["t1", "t3"]);
  });

  it("is no question once all has been read", async () => {
    const { away, adapter, clock } = setStage(["t1"]);
    away.look(adapter);
    await clock.advance(1);
    expect(away.order(reply(9), clock.now())).toBe("known");
    expect(away.order(reply(9, "another"), clock.now())).toBe("known");
  });

  it("is no question for long", async () => {
    const { away, adapter, clock, next } = setStage(["t1"]);
    next(new RetryLater("limited", { afterMs: HOUR }));
    away.look(adapter);
    const at = clock.now();
    await clock.advance(10 * SECOND);
    expect(away.order(reply(9), at)).toBe("unknown");
    await clock.advance(1);
    expect(away.order(reply(9), at)).toBe("known");
    expect(away.order(reply(9), clock.now())).toBe("unknown");
  });

  it("is no question on a platform that cannot be read", async () => {
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
