/** Attempts of unknown outcome: what they left behind is looked for, more than once, before anything is done again. */
import { RetryLater } from "../errors.js";
import type { Clock } from "../limits.js";

/**
 * Gives what the attempt with this key left behind, or undefined once it has been looked for in vain for so long that there is
 * nothing. Throws `RetryLater` until then.
 */
export type Earlier = <T>(key: string, look: () => Promise<T | undefined>) => Promise<T | undefined>;

/** Platforms show some seconds later what they took: three looks in ten seconds. */
const LOOK_AGAIN_MS = 5000;
const LOOK_FOR_MS = 9500;

/** What is remembered is lost with the process; the next one then looks for as long again. */
export function createEarlier({ monotonic }: Pick<Clock, "monotonic">): Earlier {
  const lookingSince = new Map<string, number>();
  return async (key, look) => {
    const found = await look();
    const since = lookingSince.get(key) ?? monotonic();
    if (found === undefined && monotonic() - since < LOOK_FOR_MS) {
      lookingSince.set(key, since);
      throw new RetryLater("It is not known yet whether an earlier attempt succeeded; it is looked up once more.", {
        afterMs: LOOK_AGAIN_MS,
        uncertain: true,
      });
    }
    lookingSince.delete(key);
    return found;
  };
}
