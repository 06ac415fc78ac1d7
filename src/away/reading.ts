/** Threads read page by page. */
import type { ChatAdapter, ChatEvent, Missed, ReadsMissed } from "../adapter.js";
import { RetryLater } from "../errors.js";
import type { Clock } from "../limits.js";
import type { Logger } from "../log.js";
import type { PostId, ThreadId } from "../message.js";
import { createSlots, type Urgency } from "./slots.js";

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

const FIRST_WAIT_MS = 5000;
/** Of a page: over about ten minutes, or as the platform asks. */
const MOST_TRIES = 8;

export interface Asked {
  readonly thread: ThreadId;
  /** From when on, epoch ms. */
  readonly since: number;
  /** Now: somebody may come to wait for it while it is read, and wait no longer. */
  urgency(): Urgency;
}

export interface ReadingDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted: nothing is read any more. */
  readonly signal: AbortSignal;
}

/** Gives what reads a thread. It rejects with `RetryLater` where the platform refuses for long, or until somebody mends something. */
export function createReading({ clock, logger, signal }: ReadingDeps) {
  const slots = createSlots(clock, signal);

  /** undefined: the thread will never be read. Waits as the platform asks, and throws what it told after many times. */
  const pageOf = async (adapter: Reader, { thread, since, urgency }: Asked, page?: string) => {
    for (let tries = 1; await slots.turn(urgency); tries += 1) {
      try {
        return await slots.call(() => unlessAborted(adapter.missed(thread, since, page), signal));
      } catch (error) {
        if (!(error instanceof RetryLater)) {
          logger.warn({ err: error }, "a thread could not be read for what was written meanwhile");
          return undefined;
        }
        // Until somebody has mended it no try helps, and other places need not wait for that.
        if (error.mend || tries === MOST_TRIES) throw error;
        slots.limit(error);
        if (error.afterMs === undefined) await clock.sleep(FIRST_WAIT_MS * 2 ** (tries - 1), signal);
      }
    }
    return undefined;
  };

  return async (adapter: Reader, asked: Asked): Promise<Thread> => {
    const pages: Missed[] = [];
    let page = await pageOf(adapter, asked);
    while (page !== undefined) {
      pages.push(page);
      if (page.more === undefined) break;
      page = await pageOf(adapter, asked, page.more);
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
