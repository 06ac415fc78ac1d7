/** What reads the missed, with a platform whose answers are in the test's hands; time stands still. */
import type { ChatAdapter, ChatEvent, Missed, ReadsMissed } from "../../src/adapter.js";
import { createAway, type Away } from "../../src/away.js";
import { StoreUnavailable } from "../../src/errors.js";
import type { ConversationId, Place, PostId, ThreadId } from "../../src/message.js";
import type { WrittenAs } from "../../src/queue/work.js";
import { SLACK } from "../fixtures/conversations.js";
import { manualClock, type ManualClock } from "../fixtures/manual-clock.js";
import { createScriptedAdapter } from "../fixtures/scripted-adapter.js";

export const SECOND = 1000;
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export interface Call {
  readonly thread: ThreadId;
  readonly since: number;
  readonly page: string | undefined;
  readonly at: number;
}

export type Answer = Missed | Error;

export interface Stage {
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
  /** How long what is taken from now on takes to be stored. */
  takes(ms: number): void;
  accept(event: ChatEvent): Promise<void>;
  /** A thread whose name begins with "foreign" is one of a conversation's after all. */
  adopt(thread: string): void;
  /** Whether something that was told of posts is yet to be decided. */
  decide(is: boolean): void;
  tells(at: number, key?: string): Promise<void>;
  gap(why?: "routine"): void;
}

export function setStage(
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
  let takesMs = 0;
  let deciding = false;
  const adopted = new Set<string>();
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
    threadsOf: async (conversation) => [{ place: placeOf(conversation), thread: conversation as string as ThreadId }],
    isKnown: (_, key) => taken.includes(key),
    waitingIn: async () => [...waiting],
    isDeciding: () => deciding,
    isOurs: async ({ thread }) => !String(thread).startsWith("foreign") || adopted.has(thread),
    found() {},
  });
  const inbox = away.inbox(adapter, {
    async accept({ key }) {
      if (takesMs > 0) await clock.sleep(takesMs);
      refusals -= 1;
      if (refusals >= 0) throw new StoreUnavailable("the disk is full");
      taken.push(key);
    },
  });
  return {
    ...{ clock, away, adapter, calls, memory, taken, lookedBack, waiting },
    next: (...more) => void answers.push(...more),
    refuses: (times) => void (refusals = times),
    takes: (ms) => void (takesMs = ms),
    accept: (event) => inbox.accept(event),
    adopt: (thread) => void adopted.add(thread),
    decide: (is) => void (deciding = is),
    tells: (at, key = `told ${at}`) => inbox.accept(eventAt(at, key)),
    gap: (why) => inbox.gap?.(why),
  };
}

/** A thread whose name ends with `@` and the name of another chat stands there. */
const placeOf = (thread: string): Place => ({ ...SLACK, chat: thread.split("@")[1] ?? SLACK.chat });

export function eventAt(at: number, key: string): ChatEvent {
  const author = { id: "U1" };
  return { kind: "written", key, at, place: SLACK, post: key as PostId, author, text: key, files: [] };
}

export const page = (...keys: readonly string[]): Missed => ({
  events: keys.map((key, index) => eventAt(index, key)),
  posts: keys as readonly PostId[],
});
