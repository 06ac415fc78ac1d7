/** Threads read page by page, slowly: the platforms allow few such calls, and live work goes first. */
import type { ChatAdapter, ChatEvent, Missed, ReadsMissed } from "../adapter.js";
import { RetryLater } from "../errors.js";
import { rateCount, type Clock } from "../limits.js";
import type { Logger } from "../log.js";
import type { PostId, ThreadId } from "../message.js";

export type Reader = ChatAdapter & ReadsMissed;

export function readsMissed(adapter: ChatAdapter): adapter is Reader {
  return "missed" in adapter;
}

export interface Thread {
  /** In the order in which it happened. */
  readonly events: readonly ChatEvent[];
  readonly posts: ReadonlySet<PostId>;
  /** Whether it could be read to its end. */
  readonly whole: boolean;
}

/** 30 a minute of the 50 that Slack allows; the rest is for looking up attempts. */
const PACE = { kind: "bucket", key: "away", limit: 10, perMs: 2000 } as const;
const FIRST_WAIT_MS = 5000;
/** Of a page: over about ten minutes, or as the platform asks. */
const MOST_TRIES = 8;

export interface ReadingDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted: nothing is read any more. */
  readonly signal: AbortSignal;
}

/** Gives what reads a thread from `since` (epoch ms) on. It rejects with `RetryLater` where the platform refuses for long. */
export function createReading({ clock, logger, signal }: ReadingDeps) {
  const pace = rateCount(PACE);

  /** Resolves when one more call may be made. */
  const turn = async (): Promise<void> => {
    const now = clock.monotonic();
    const free = pace.freeAt(now);
    pace.take(now);
    if (free > now) await clock.sleep(free - now, signal);
  };

  /** undefined: the thread will never be read. Waits as the platform asks, and throws what it told after many times. */
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

  return async (adapter: Reader, thread: ThreadId, since: number): Promise<Thread> => {
    const pages: Missed[] = [];
    let page = await pageOf(adapter, thread, since);
    while (page !== undefined) {
      pages.push(page);
      if (page.more === undefined) break;
      page = await pageOf(adapter, thread, since, page.more);
    }
    return {
      events: pages.flatMap(({ events }) => events).toSorted((a, b) => a.at - b.at),
      posts: new Set(pages.flatMap(({ posts }) => posts)),
      whole: page !== undefined,
    };
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
