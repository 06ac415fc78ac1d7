import { RetryLater } from "../errors.js";
import type { Clock } from "../limits.js";

/** Rejects once the time is over; the work itself may go on. */
export async function within<T>(ms: number, clock: Clock, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = clock.sleep(ms, over.signal).then(() => Promise.reject(new RetryLater(`no answer within ${ms} ms`)));
  try {
    return await Promise.race([work, late]);
  } finally {
    // Ends the wait, whose failure then meets nobody.
    late.catch(() => {});
    over.abort();
  }
}
