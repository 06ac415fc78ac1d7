/** A limit for a call that can be ended from elsewhere too. */

/**
 * Gives `call` a signal that aborts with `stopping`, or with a `TimeoutError` after `ms`. (A signal that `AbortSignal.any` made of
 * `AbortSignal.timeout` may be collected as garbage on Node 20, and then never aborts.)
 */
export async function limited<T>(
  ms: number,
  stopping: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const stop = (): void => ending.abort(stopping.reason);
  const timer = setTimeout(() => ending.abort(new DOMException(`no answer within ${ms} ms`, "TimeoutError")), ms);
  stopping.addEventListener("abort", stop);
  if (stopping.aborted) stop();
  try {
    return await call(ending.signal);
  } finally {
    clearTimeout(timer);
    stopping.removeEventListener("abort", stop);
  }
}
