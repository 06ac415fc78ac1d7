/** What is known since a platform came back: which of its threads have been read, and what was missed in them. */
import type { ChatEvent, Deleted, Inbox } from "../adapter.js";
import type { Clock } from "../limits.js";
import type { Logger } from "../log.js";
import type { Place, ThreadId } from "../message.js";
import type { WrittenAs } from "../queue/work.js";
import type { Asked, Reader, Thread } from "./reading.js";
import type { Urgency } from "./slots.js";
import type { Shown } from "./threads.js";

export interface ReturnsDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted: nothing is handed in any more. */
  readonly signal: AbortSignal;
  read(adapter: Reader, asked: Asked): Promise<Thread>;
  /** What is being read and handed in. */
  readonly underWay: Set<Promise<void>>;
  /** Whether the platform's event with this key was taken before. */
  isKnown(platform: string, key: string): boolean;
  /** Whether the thread is one of a conversation's. */
  isOurs(shown: Shown): Promise<boolean>;
  /** The posts in the thread that are yet to be decided, or whose texts have not left. */
  waitingIn(shown: Shown): Promise<readonly WrittenAs[]>;
  /** For metrics: so many events that nobody had told of. */
  found(platform: string, count: number): void;
}

export interface Return {
  /** Epoch ms. */
  readonly at: number;
  /** All threads of open conversations have been read. */
  complete: boolean;
  /**
   * Reads the thread and hands in what was missed, once: later calls give the same promise. Rejects with `RetryLater` where it could not
   * be read; then it may be tried again. `urgent`: somebody waits for it now.
   */
  read(shown: Shown, urgency: Urgency): Promise<void>;
  /** When the thread had been read (epoch ms); undefined: it has not been, or is to be once more. */
  readAt(thread: ThreadId): number | undefined;
  /** It is to be read once more, though all was read. */
  doubt(shown: Shown): void;
  /** Until it has been read. */
  isDoubted(thread: ThreadId): boolean;
  doubted(): readonly Shown[];
}

/** So long, at most, anything waits for a platform that is slow to tell. */
export const LONGEST_MS = 10_000;

interface Reading {
  readonly reading: Promise<void>;
  /** Monotonic ms. Who waits asks again and again, so this is when nobody does any more. */
  urgentUntil: number;
  readAt: number | undefined;
}

/** `since`: from when on a place is to be read. */
export function createReturn(
  { adapter, inbox, since }: { adapter: Reader; inbox: Inbox; since: (place: Place) => Promise<number> },
  deps: ReturnsDeps,
): Return {
  const { clock, logger, signal } = deps;
  const { platform } = adapter;
  const cameBack = clock.now();
  const threads = new Map<ThreadId, Reading>();
  const doubted = new Map<ThreadId, Shown>();

  const handIn = async (events: readonly ChatEvent[]): Promise<void> => {
    for (const event of events) {
      if (signal.aborted || deps.isKnown(platform, event.key)) continue;
      await inbox.accept(event);
      deps.found(platform, 1);
      logger.info({ platform, kind: event.kind }, "something was found that had been written while nobody listened");
    }
  };

  const doubt = (shown: Shown): void => {
    threads.delete(shown.thread);
    doubted.set(shown.thread, shown);
  };

  const readNow = async (shown: Shown, urgency: () => Urgency): Promise<void> => {
    if (!(await deps.isOurs(shown))) return;
    const from = await since(shown.place);
    // Of before it is read: what is posted while it is read need not be in it. What is told of late meanwhile is looked for anew.
    const [waiting, askedAt] = [await deps.waitingIn(shown), clock.now()];
    const thread = await deps.read(adapter, { thread: shown.thread, since: from, urgency });
    await handIn(thread.events);
    await handIn(deletedFrom(thread, waiting, from, askedAt));
    const known = new Set([...thread.posts, ...waiting.map(({ post }) => post)]);
    const isLate = ({ post, at }: WrittenAs): boolean => at < cameBack && !known.has(post);
    if ((await deps.waitingIn(shown)).some(isLate)) doubt(shown);
  };

  return {
    at: cameBack,
    complete: false,
    read(shown, urgency) {
      const { thread } = shown;
      const known = threads.get(thread);
      const urgentUntil = urgency === "urgent" ? clock.monotonic() + LONGEST_MS : -Infinity;
      if (known !== undefined) {
        known.urgentUntil = Math.max(known.urgentUntil, urgentUntil);
        return known.reading;
      }
      const now = (): Urgency => (clock.monotonic() < state.urgentUntil ? "urgent" : "patient");
      const reading = readNow(shown, now).finally(() => deps.underWay.delete(reading));
      const state: Reading = { urgentUntil, readAt: undefined, reading };
      deps.underWay.add(reading);
      threads.set(thread, state);
      const isCurrent = (): boolean => threads.get(thread) === state;
      reading.then(
        () => {
          state.readAt = clock.now();
          if (isCurrent()) doubted.delete(thread);
        },
        () => isCurrent() && threads.delete(thread),
      );
      return reading;
    },
    readAt: (thread) => threads.get(thread)?.readAt,
    doubt,
    isDoubted: (thread) => doubted.has(thread),
    doubted: () => [...doubted.values()],
  };
}

/** What was posted just now may not be listed yet. */
const LISTED_MS = 10_000;

/** Posts that should be in what was read of their thread, and are not. `since`: from when on it was read. Pure. */
export function deletedFrom(
  { posts, whole }: Thread,
  waiting: readonly WrittenAs[],
  since: number,
  now: number,
): readonly Deleted[] {
  // Where nothing is listed, not even what it begins with, the answer tells nothing of it.
  if (!whole || posts.size === 0) return [];
  return waiting
    .filter(({ post, at }) => at >= since && at < now - LISTED_MS && !posts.has(post))
    .map(({ place, post }) => ({ kind: "deleted", key: `missing:${post}`, at: now, place, post }));
}
