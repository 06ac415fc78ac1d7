/**
 * What people wrote while the bridge was away, or its connection was: read from the threads of open conversations, where a platform can
 * be read, and handed in like any other event. What is known has the same key, and is not handed in again.
 *
 * One pass at a time for each platform, in the background. What comes live meanwhile waits a moment for its thread to be read, so that it
 * goes behind what was missed there; and a text that was written before waits until it is known whether it was changed or deleted.
 */
import type { ChatAdapter, ChatEvent, Inbox } from "./adapter.js";
import { createHorizon, type HorizonDeps } from "./away/horizon.js";
import { createReading, readsMissed } from "./away/reading.js";
import { createReturn, type Return, type ReturnsDeps } from "./away/returns.js";
import type { Shown } from "./away/threads.js";
import { createTurns } from "./away/turns.js";
import { RetryLater } from "./errors.js";
import type { ConversationId, Place, ThreadId } from "./message.js";
import type { WrittenAs } from "./queue/work.js";

export interface AwayDeps extends Omit<HorizonDeps, "clock">, Omit<ReturnsDeps, "signal" | "read" | "underWay"> {
  /** Conversations with texts since then (epoch ms), the latest first. */
  conversationsSince(since: number): readonly ConversationId[];
  /** Where the platform shows the conversation now. */
  threadsOf(conversation: ConversationId, platform: string): Promise<readonly Shown[]>;
  /** Whether something that the place told of is yet to be decided. */
  isDeciding(place: Place): boolean;
}

export interface Away {
  /** Hands on to the platform's inbox, keeps in mind how far the platform has told, and looks after gaps. */
  inbox(adapter: ChatAdapter, inbox: Inbox): Inbox;
  /** The platform is back: reads what may have been missed. While a pass is under way: once more after it. */
  look(adapter: ChatAdapter): void;
  /**
   * Whether a text that has not left may have been changed or deleted while nobody listened, without our knowing yet; no longer than for
   * a short time. `acceptedAt`: epoch ms, by our clock.
   */
  mayHaveChanged(written: WrittenAs, acceptedAt: number): boolean;
  /** Reads no more. Resolves once what is being stored is stored. */
  stop(): Promise<void>;
}

/** A conversation in which nothing happened for two weeks is hardly answered in just the hours when the bridge is away. */
const OPEN_MS = 14 * 24 * 3_600_000;
/** After a pass that could not read everything. */
const REST_MS = 10 * 60_000;
/** So long what comes live waits for its thread to be read: the platforms want their answers within 3 s. */
const PATIENCE_MS = 1000;
/** So long a text waits at most, however slow its platform is. */
const LONGEST_MS = 15_000;
/** A platform that cannot be read tells by itself what it kept, soon. */
const SOON_MS = 2000;

export function createAway(deps: AwayDeps): Away {
  const { clock, logger } = deps;
  const horizon = createHorizon(deps);
  const stopping = new AbortController();
  const { signal } = stopping;
  const read = createReading({ clock, logger, signal });
  const inTurn = createTurns();
  const underWay = new Set<Promise<void>>();
  const inboxes = new Map<string, { readonly inbox: Inbox; readonly looked: Deferred }>();
  const cameBack = new Map<string, number>();
  const returns = new Map<string, Return>();
  const passes = new Map<string, { again: boolean; done: Promise<void> }>();
  const startedAt = clock.now();

  /** false: not all of it could be read. */
  const pass = async (platform: string, back: Return): Promise<boolean> => {
    const closed = new Set<string>();
    for (const conversation of deps.conversationsSince(clock.now() - OPEN_MS))
      for (const shown of await deps.threadsOf(conversation, platform)) {
        if (signal.aborted) return false;
        if (closed.has(shown.place.chat)) continue;
        try {
          await back.read(shown);
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

  /** Until all has been read. */
  const keepLooking = async (platform: string, task: { again: boolean }): Promise<void> => {
    while (task.again && !signal.aborted) {
      task.again = false;
      const back = returns.get(platform);
      if (back === undefined) return;
      back.complete = await pass(platform, back).catch((error: unknown) => {
        logger.warn({ err: error, platform }, "what was written meanwhile could not be read; it is tried again");
        return false;
      });
      if (back.complete && !task.again) await horizon.release(platform);
      else if (!back.complete) {
        task.again = true;
        await clock.sleep(REST_MS, signal);
      }
    }
    passes.delete(platform);
  };

  const look = (adapter: ChatAdapter): void => {
    const { platform } = adapter;
    const known = inboxes.get(platform);
    if (known === undefined || signal.aborted) return;
    const { inbox, looked } = known;
    cameBack.set(platform, clock.now());
    if (!readsMissed(adapter)) return;
    horizon.hold(platform);
    returns.set(platform, createReturn({ adapter, inbox, since: horizon.read() }, { ...deps, signal, read, underWay }));
    looked.resolve();
    const under = passes.get(platform);
    if (under !== undefined) return void (under.again = true);
    const task = { again: true, done: Promise.resolve() };
    passes.set(platform, task);
    task.done = keepLooking(platform, task);
  };

  /** Resolves once what was missed in the event's thread went before it, or it cannot be waited for any longer. */
  const threadRead = (looked: Promise<void>, event: ChatEvent): Promise<void> | undefined => {
    const thread = threadOf(event);
    const back = returns.get(event.place.platform);
    if (thread === undefined || back?.complete === true || back?.isRead(thread) === true) return undefined;
    const reading = async () => returns.get(event.place.platform)?.read({ place: event.place, thread });
    // Events may come before it is known that the platform is back.
    return atMost(PATIENCE_MS, looked.then(reading));
  };

  const atMost = async (ms: number, work: Promise<unknown>): Promise<void> => {
    const over = new AbortController();
    await Promise.race([work.catch(() => {}), clock.sleep(ms, over.signal)]);
    over.abort();
  };

  /** What was told of so late that its thread, read meanwhile, does not have it: it was deleted, perhaps. */
  const doubt = (platform: string, event: ChatEvent): void => {
    const thread = threadOf(event);
    const back = returns.get(platform);
    if (back === undefined || thread === undefined || event.kind !== "written" || event.at >= back.at) return;
    if (back.isRead(thread) && !deps.isKnown(platform, event.key)) back.doubt(thread);
  };

  return {
    inbox(adapter, inbox) {
      const { platform } = adapter;
      const looked = deferred();
      inboxes.set(platform, { inbox, looked });
      return {
        async accept(event) {
          if (readsMissed(adapter)) await inTurn(event.place, threadRead(looked.promise, event));
          doubt(platform, event);
          try {
            await inbox.accept(event);
          } catch (error) {
            // The platform tells it again, perhaps behind later ones.
            look(adapter);
            throw error;
          }
          horizon.note(event);
        },
        gap: () => look(adapter),
      };
    },
    look,
    mayHaveChanged(written, acceptedAt) {
      const { place, thread, at } = written;
      const back = returns.get(place.platform);
      const backAt = cameBack.get(place.platform);
      const waitedMs = Math.abs(clock.now() - Math.max(acceptedAt, backAt ?? startedAt));
      if (at >= (backAt ?? startedAt) || waitedMs > LONGEST_MS) return false;
      // It is not connected yet.
      if (backAt === undefined || deps.isDeciding(place)) return true;
      if (back === undefined) return waitedMs < SOON_MS;
      if (thread === undefined || back.isRead(thread)) return false;
      void back.read({ place, thread }).catch(() => {});
      return true;
    },
    async stop() {
      stopping.abort();
      await Promise.all([...passes.values()].map(({ done }) => done));
      await Promise.allSettled(underWay);
      await horizon.close();
    },
  };
}

type Deferred = ReturnType<typeof deferred>;

function deferred() {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

function threadOf(event: ChatEvent): ThreadId | undefined {
  return event.kind === "written" || event.kind === "edited" ? event.thread : undefined;
}
