/** What is known since a platform came back: which of its threads have been read, and what was missed in them. */
import type { ChatEvent, Deleted, Inbox } from "../adapter.js";
import type { Clock } from "../limits.js";
import type { Logger } from "../log.js";
import type { Place, ThreadId } from "../message.js";
import type { WrittenAs } from "../queue/work.js";
import type { Reader, Thread } from "./reading.js";
import type { Shown } from "./threads.js";

export interface ReturnsDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted: nothing is handed in any more. */
  readonly signal: AbortSignal;
  read(adapter: Reader, thread: ThreadId, since: number): Promise<Thread>;
  /** What is being read and handed in. */
  readonly underWay: Set<Promise<void>>;
  /** Whether the platform's event with this key was taken before. */
  isKnown(platform: string, key: string): boolean;
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
   * be read; then it may be tried again.
   */
  read(shown: Shown): Promise<void>;
  /** When the thread had been read (epoch ms); undefined: it has not been, or is to be once more. */
  readAt(thread: ThreadId): number | undefined;
  /** It is to be read once more. */
  doubt(thread: ThreadId): void;
}

interface Reading {
  readonly reading: Promise<void>;
  readAt: number | undefined;
}

/** `since`: from when on a place is to be read. */
export function createReturn(
  { adapter, inbox, since }: { adapter: Reader; inbox: Inbox; since: (place: Place) => Promise<number> },
  deps: ReturnsDeps,
): Return {
  const { clock, logger, signal } = deps;
  const { platform } = adapter;
  const threads = new Map<ThreadId, Reading>();

  const handIn = async (events: readonly ChatEvent[]): Promise<void> => {
    for (const event of events) {
      if (signal.aborted || deps.isKnown(platform, event.key)) continue;
      await inbox.accept(event);
      deps.found(platform, 1);
      logger.info({ platform, kind: event.kind }, "something was found that had been written while nobody listened");
    }
  };

  const readNow = async (shown: Shown): Promise<void> => {
    const from = await since(shown.place);
    // Of before it is read: what is posted while it is read need not be in it.
    const [waiting, askedAt] = [await deps.waitingIn(shown), clock.now()];
    const thread = await deps.read(adapter, shown.thread, from);
    await handIn(thread.events);
    await handIn(deletedFrom(thread, waiting, from, askedAt));
  };

  return {
    at: clock.now(),
    complete: false,
    read(shown) {
      const known = threads.get(shown.thread);
      if (known !== undefined) return known.reading;
      const reading = readNow(shown).finally(() => deps.underWay.delete(reading));
      deps.underWay.add(reading);
      const state: Reading = { readAt: undefined, reading };
      threads.set(shown.thread, state);
      reading.then(
        () => (state.readAt = clock.now()),
        () => threads.delete(shown.thread),
      );
      return reading;
    },
    readAt: (thread) => threads.get(thread)?.readAt,
    doubt: (thread) => void threads.delete(thread),
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
