/**
 * What people wrote while the bridge was away, or its connection was: read from the threads of open conversations, where a platform can
 * be read, and handed in like any other event. What is known has the same key, and is not handed in again.
 *
 * One pass at a time for each platform, in the background and slowly: the platforms allow few such calls, and live work goes first.
 */
import type { ChatAdapter, ChatEvent, Inbox, ReadsMissed } from "./adapter.js";
import { createHorizon, type HorizonDeps } from "./away/horizon.js";
import { RetryLater } from "./errors.js";
import { rateCount, type Clock } from "./limits.js";
import type { Logger } from "./log.js";
import type { ConversationId, Place, ThreadId } from "./message.js";

export interface AwayDeps extends HorizonDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Conversations with texts since then (epoch ms), the latest first. */
  conversationsSince(since: number): readonly ConversationId[];
  /** Where the platform shows the conversation now. */
  threadsOf(conversation: ConversationId, platform: string): Promise<readonly Shown[]>;
  /** Whether the platform's event with this key was taken before. */
  isKnown(platform: string, key: string): boolean;
  /** For metrics: so many events that nobody had told of. */
  found(platform: string, count: number): void;
}

export interface Shown {
  readonly place: Place;
  readonly thread: ThreadId;
}

export interface Away {
  /** Hands on to the platform's inbox, keeps in mind how far the platform has told, and looks after gaps. */
  inbox(adapter: ChatAdapter, inbox: Inbox): Inbox;
  /** Reads what may have been missed. While a pass is under way: once more after it. */
  look(adapter: ChatAdapter): void;
  /** Reads no more. Resolves once what is being stored is stored. */
  stop(): Promise<void>;
}

/** A conversation in which nothing happened for two weeks is hardly answered in just the hours when the bridge is away. */
const OPEN_MS = 14 * 24 * 3_600_000;
/** 30 a minute of the 50 that Slack allows; the rest is for looking up attempts. */
const PACE = { kind: "bucket", key: "away", limit: 10, perMs: 2000 } as const;
const FIRST_WAIT_MS = 5000;
/** Of a page: over about ten minutes, or as the platform asks. */
const MOST_TRIES = 8;
/** After a pass that could not read everything. */
const REST_MS = 10 * 60_000;

type Reader = ChatAdapter & ReadsMissed;

export function createAway(deps: AwayDeps): Away {
  const { clock, logger } = deps;
  const horizon = createHorizon(deps);
  const stopping = new AbortController();
  const { signal } = stopping;
  const inboxes = new Map<string, Inbox>();
  const passes = new Map<string, { again: boolean; done: Promise<void> }>();
  const pace = rateCount(PACE);

  /** Resolves when one more call may be made. */
  const turn = async (): Promise<void> => {
    const now = clock.monotonic();
    const free = pace.freeAt(now);
    pace.take(now);
    if (free > now) await clock.sleep(free - now, signal);
  };

  /** A page; undefined: the thread will never be read. Waits as the platform asks, and throws what it told after many times. */
  const pageOf = async (adapter: Reader, thread: ThreadId, since: number, page?: string) => {
    for (let tries = 1; !signal.aborted; tries += 1) {
      await turn();
      if (signal.aborted) return undefined;
      try {
        return await unlessAborted(adapter.missed(thread, since, page), signal);
      } catch (error) {
        if (!(error instanceof RetryLater)) {
          logger.warn({ err: error }, "a thread could not be read for what was written meanwhile");
          return undefined;
        }
        if (tries === MOST_TRIES) throw error;
        await clock.sleep(error.afterMs ?? FIRST_WAIT_MS * 2 ** (tries - 1), signal);
      }
    }
    return undefined;
  };

  /** All of a thread, in the order in which it happened. */
  const readThread = async (adapter: Reader, thread: ThreadId, since: number): Promise<readonly ChatEvent[]> => {
    const events: ChatEvent[] = [];
    let page = await pageOf(adapter, thread, since);
    while (page !== undefined) {
      events.push(...page.events);
      page = page.more === undefined ? undefined : await pageOf(adapter, thread, since, page.more);
    }
    return events.toSorted((a, b) => a.at - b.at);
  };

  const handIn = async ({ platform }: Reader, inbox: Inbox, events: readonly ChatEvent[]): Promise<void> => {
    for (const event of events) {
      if (signal.aborted || deps.isKnown(platform, event.key)) continue;
      await inbox.accept(event);
      deps.found(platform, 1);
      logger.info({ platform, kind: event.kind }, "something was found that had been written while nobody listened");
    }
  };

  /** false: not all of it could be read. */
  const pass = async (adapter: Reader, inbox: Inbox): Promise<boolean> => {
    const { platform } = adapter;
    const from = horizon.read();
    const closed = new Set<string>();
    for (const conversation of deps.conversationsSince(clock.now() - OPEN_MS))
      for (const { place, thread } of await deps.threadsOf(conversation, platform)) {
        if (signal.aborted) return false;
        if (closed.has(place.chat)) continue;
        try {
          await handIn(adapter, inbox, await readThread(adapter, thread, await from(place)));
        } catch (error) {
          if (!(error instanceof RetryLater)) throw error;
          logger.warn(
            { err: error, platform },
            "a place cannot be read for what was written meanwhile; tried again later",
          );
          closed.add(place.chat);
        }
      }
    return closed.size === 0 && !signal.aborted;
  };

  /** Until all has been read. */
  const keepLooking = async (adapter: Reader, inbox: Inbox, task: { again: boolean }): Promise<void> => {
    const { platform } = adapter;
    while (task.again && !signal.aborted) {
      task.again = false;
      horizon.hold(platform);
      const complete = await pass(adapter, inbox).catch((error: unknown) => {
        logger.warn({ err: error, platform }, "what was written meanwhile could not be read; it is tried again");
        return false;
      });
      if (complete) await horizon.release(platform);
      else {
        task.again = true;
        await clock.sleep(REST_MS, signal);
      }
    }
    passes.delete(platform);
  };

  const look = (adapter: ChatAdapter): void => {
    const inbox = inboxes.get(adapter.platform);
    if (inbox === undefined || !readsMissed(adapter) || signal.aborted) return;
    const under = passes.get(adapter.platform);
    if (under !== undefined) return void (under.again = true);
    const task = { again: true, done: Promise.resolve() };
    passes.set(adapter.platform, task);
    task.done = keepLooking(adapter, inbox, task);
  };

  return {
    inbox(adapter, inbox) {
      inboxes.set(adapter.platform, inbox);
      return {
        async accept(event) {
          await inbox.accept(event);
          horizon.note(event);
        },
        gap: () => look(adapter),
      };
    },
    look,
    async stop() {
      stopping.abort();
      await Promise.all([...passes.values()].map(({ done }) => done));
      await horizon.close();
    },
  };
}

/** undefined, at once, when aborted: nobody waits for a call whose answer is of no use any more. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  let abort = (): void => {};
  const aborted = new Promise<undefined>((resolve) => {
    abort = () => resolve(undefined);
    signal.addEventListener("abort", abort);
  });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener("abort", abort));
}

function readsMissed(adapter: ChatAdapter): adapter is Reader {
  return "missed" in adapter;
}
