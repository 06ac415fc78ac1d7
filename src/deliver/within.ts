import { RetryLater } from "../errors.js";
import type { Clock } from "../limits.js";

/** Rejects once the time is over. `work` may go on then, but is told by `over` to begin nothing more. */
export async function within<T>(ms: number, clock: Clock, work: (over: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = clock.sleep(ms, over.signal).then(() => Promise.reject(new RetryLater(`no answer within ${ms} ms`)));
  try {
    return await Promise.race([work(over.signal), late]);
  } finally {
    // Ends the wait, whose failure then meets nobody.
    late.catch(() => {});
    over.abort();
  }
}
