/**
 * What people wrote while the bridge was away, or its connection was: read from the threads of open conversations, where a platform can
 * be read, and handed in like any other event. What is known has the same key, and is not handed in again.
 *
 * One pass at a time for each platform, in the background. What comes live meanwhile is decided once its thread has been read, so that it
 * goes behind what was missed there; and a text that was written before waits until it is known whether it was changed or deleted.
 */
import { setMaxListeners } from "node:events";
import type { ChatAdapter, ChatEvent, Inbox } from "./adapter.js";
import { createHorizon, type HorizonDeps } from "./away/horizon.js";
import { createReading, readsMissed } from "./away/reading.js";
import { createReturn, LONGEST_MS, type Return, type ReturnsDeps } from "./away/returns.js";
import type { Shown } from "./away/threads.js";
import { RetryLater } from "./errors.js";
import type { ConversationId, ThreadId } from "./message.js";
import type { WrittenAs } from "./queue/work.js";

export interface AwayDeps extends Omit<HorizonDeps, "clock">, Omit<ReturnsDeps, "signal" | "read" | "underWay"> {
  /** Conversations with texts since then (epoch ms), the latest first. */
  conversationsSince(since: number): readonly ConversationId[];
  /** Where the platform shows the conversation now. */
  threadsOf(conversation: ConversationId, platform: string): Promise<readonly Shown[]>;
  /** Whether an edit or a deletion of the post that the platform told of is yet to be decided. Asked for every text. */
  isDeciding(written: WrittenAs): boolean;
}

export interface Away {
  /** Hands on to the platform's inbox, keeps in mind how far the platform has told, and looks after gaps. */
  inbox(adapter: ChatAdapter, inbox: Inbox): Inbox;
  /** The thread is one of a conversation's, which was not known until now: reads what was written in it meanwhile. */
  threadFound(shown: Shown): void;
  /** The platform is back: reads what may have been missed. While a pass is under way: once more after it. */
  look(adapter: ChatAdapter): void;
  /**
   * Whether all is known that was written in the event's thread before it; `mixed`: by now, but some of it may have been taken behind the
   * event, as what is found in a thread, told again, or told by two requests at once. `unknown` for a short time only. `acceptedAt`: epoch
   * ms, by our clock.
   */
  order(event: ChatEvent, acceptedAt: number): "known" | "mixed" | "unknown";
  /**
   * Whether a text that has not left may have been changed or deleted: by what is yet to be decided, or while nobody listened, without
   * our knowing yet. No longer than for a short time. `acceptedAt`: epoch ms, by our clock.
   */
  mayHaveChanged(written: WrittenAs, acceptedAt: number): boolean;
  /** Reads no more. Resolves once what is being stored is stored. */
  stop(): Promise<void>;
}

/** A conversation in which nothing happened for two weeks is hardly answered in just the hours when the bridge is away. */
const OPEN_MS = 14 * 24 * 3_600_000;
/** After a pass that could not read everything. */
const REST_MS = 10 * 60_000;
/** A platform that cannot be read tells by itself what it kept, soon. */
const SOON_MS = 9000;

interface Pass {
  again: boolean;
  /** Between two passes; ends early when there is a new reason to look. */
  rest: AbortController;
  done: Promise<void>;
}

export function createAway(deps: AwayDeps): Away {
  const { clock, logger } = deps;
  const horizon = createHorizon(deps);
  const stopping = new AbortController();
  const { signal } = stopping;
  // Every thread that is being read listens to it.
  setMaxListeners(0, signal);
  const read = createReading({ clock, logger, signal });
  const underWay = new Set<Promise<void>>();
  const inboxes = new Map<string, { readonly adapter: ChatAdapter; readonly inbox: Inbox }>();
  const cameBack = new Map<string, number>();
  const returns = new Map<string, Return>();
  const passes = new Map<string, Pass>();
  const startedAt = clock.now();

  /** The threads of open conversations, unless all of them have been read; and those that are to be read once more. */
  async function* toRead(platform: string, back: Return): AsyncGenerator<Shown> {
    if (!back.complete)
      for (const conversation of deps.conversationsSince(clock.now() - OPEN_MS))
        yield* await deps.threadsOf(conversation, platform);
    yield* back.doubted();
  }

  /** false: not all of it could be read. */
  const pass = async (platform: string, back: Return): Promise<boolean> => {
    const closed = new Set<string>();
    for await (const shown of toRead(platform, back)) {
      if (signal.aborted || returns.get(platform) !== back) return false;
      if (closed.has(shown.place.chat)) continue;
      try {
        await back.read(shown, "patient");
      } catch (error) {
        if (!(error instanceof RetryLater)) throw error;
        logger.warn(
          { err: error, platform },
          "a place cannot be read for what was written meanwhile; tried again later",
        );
        closed.add(shown.place.chat);
      }
    }
    return closed.size === 0 && !signal.aborted;
  };

  /** Until all has been read since the platform came back the last time, and nothing of it is to be read once more. */
  const keepLooking = async (platform: string, task: Pass): Promise<void> => {
    while (task.again && !signal.aborted) {
      task.again = false;
      task.rest = new AbortController();
      const back = returns.get(platform);
      if (back === undefined) return;
      const isRead = await pass(platform, back).catch((error: unknown) => {
        logger.warn({ err: error, platform }, "what was written meanwhile could not be read; it is tried again");
        return false;
      });
      back.complete ||= isRead;
      if (task.again) continue;
      if (isRead) await horizon.release(platform);
      else await clock.sleep(REST_MS, task.rest.signal);
      task.again ||= !isRead || back.doubted().length > 0;
    }
    passes.delete(platform);
  };

  const startLooking = (platform: string): void => {
    const task: Pass = { again: true, rest: new AbortController(), done: Promise.resolve() };
    passes.set(platform, task);
    task.done = keepLooking(platform, task);
  };

  const look = (adapter: ChatAdapter): void => {
    const { platform } = adapter;
    const inbox = inboxes.get(platform)?.inbox;
    if (inbox === undefined || signal.aborted) return;
    cameBack.set(platform, clock.now());
    if (!readsMissed(adapter)) return;
    horizon.hold(platform);
    const doubted = returns.get(platform)?.doubted() ?? [];
    const back = createReturn({ adapter, inbox, since: horizon.read() }, { ...deps, signal, read, underWay });
    for (const shown of doubted) back.doubt(shown);
    returns.set(platform, back);
    const under = passes.get(platform);
    if (under === undefined) return startLooking(platform);
    under.again = true;
    under.rest.abort();
  };

  const readAgain = (shown: Shown): void => {
    const { platform } = shown.place;
    const back = returns.get(platform);
    // It is not back yet: then everything is read.
    if (back === undefined) return;
    back.doubt(shown);
    if (!passes.has(platform) && !signal.aborted) startLooking(platform);
  };

  /** Its thread has it, should the platform not tell it again; if it does, then perhaps behind later ones. */
  const notStored = (adapter: ChatAdapter, event: ChatEvent): void => {
    const thread = threadOf(event);
    if (thread !== undefined) readAgain({ place: event.place, thread });
    // It does not tell in which thread.
    else if (event.kind === "deleted") look(adapter);
  };

  /** Of what is told of late: it was deleted, perhaps, and where its thread has been read, nobody looked for it. Gives what has it read anew. */
  const doubtOf = (platform: string, event: ChatEvent): (() => void) => {
    const thread = threadOf(event);
    const back = returns.get(platform);
    const isLate = event.kind === "written" && event.at < (back?.at ?? -Infinity) && !deps.isKnown(platform, event.key);
    if (back === undefined || thread === undefined || !isLate) return () => {};
    return () => {
      if (back.readAt(thread) !== undefined) back.doubt({ place: event.place, thread });
    };
  };

  return {
    inbox(adapter, inbox) {
      const { platform } = adapter;
      inboxes.set(platform, { adapter, inbox });
      return {
        ...inbox,
        async accept(event) {
          const doubt = doubtOf(platform, event);
          doubt();
          try {
            await inbox.accept(event);
          } catch (error) {
            notStored(adapter, event);
            throw error;
          }
          // Its thread may have been read since, without anybody who could look for it.
          doubt();
          horizon.note(event);
        },
        gap(why) {
          // What is being read would be begun anew, and perhaps never end.
          if (why !== "routine" || !passes.has(platform)) look(adapter);
        },
      };
    },
    threadFound: readAgain,
    look,
    order(event, acceptedAt) {
      const { platform } = event.place;
      const adapter = inboxes.get(platform)?.adapter;
      const back = returns.get(platform);
      const thread = threadOf(event);
      if (adapter !== undefined && !readsMissed(adapter)) return "known";
      if (thread === undefined) return "mixed";
      const waitedMs = clock.now() - Math.max(cameBack.get(platform) ?? startedAt, acceptedAt);
      if (Math.abs(waitedMs) > LONGEST_MS) return "mixed";
      if (back === undefined) return "unknown";
      if (back.readAt(thread) !== undefined || (back.complete && !back.isDoubted(thread))) return "mixed";
      void back.read({ place: event.place, thread }, "urgent").catch(() => {});
      return "unknown";
    },
    mayHaveChanged(written, acceptedAt) {
      const { place, thread, at } = written;
      // However old: what is decided soon waits for no text.
      if (deps.isDeciding(written)) return true;
      const back = returns.get(place.platform);
      const backAt = cameBack.get(place.platform);
      const since = backAt ?? startedAt;
      const isNew = at >= since;
      const waitedMs = clock.now() - Math.max(since, acceptedAt);
      if (Math.abs(waitedMs) > LONGEST_MS) return false;
      if (isNew) return false;
      // It is not connected yet.
      if (backAt === undefined) return true;
      if (back === undefined) return waitedMs < SOON_MS;
      if (thread === undefined || back.readAt(thread) !== undefined) return false;
      void back.read({ place, thread }, "urgent").catch(() => {});
      return true;
    },
    async stop() {
      stopping.abort();
      for (const { rest } of passes.values()) rest.abort();
      await Promise.all([...passes.values()].map(({ done }) => done));
      await Promise.allSettled(underWay);
      await horizon.close();
    },
  };
}

function threadOf(event: ChatEvent): ThreadId | undefined {
  return event.kind === "written" || event.kind === "edited" ? event.thread : undefined;
}
