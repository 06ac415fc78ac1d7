/** Attempts of unknown outcome: what they left behind is looked for, more than once, before anything is done again. */
import { RetryLater } from "../errors.js";
import type { Clock } from "../limits.js";

/**
 * Gives what the attempt with this key left behind, or undefined once it has been looked for in vain for so long that there is
 * nothing. Throws `RetryLater` until then.
 */
export type Earlier = <T>(key: string, look: () => Promise<T | undefined>) => Promise<T | undefined>;

export interface Patience {
  /** So long after a look the next one follows, ms. */
  readonly againMs: number;
  /** So long after the first look it is believed that there is nothing, ms. */
  readonly lookForMs: number;
}

/** Platforms show some seconds later what they took: three looks in ten seconds. */
export const A_MOMENT: Patience = { againMs: 5000, lookForMs: 9500 };

/** What is remembered is lost with the process; the next one then looks for as long again. */
export function createEarlier(
  { monotonic }: Pick<Clock, "monotonic">,
  { againMs, lookForMs }: Patience = A_MOMENT,
): Earlier {
  const lookingSince = new Map<string, number>();
  return async (key, look) => {
    const found = await look();
    const since = lookingSince.get(key) ?? monotonic();
    if (found === undefined && monotonic() - since < lookForMs) {
      lookingSince.set(key, since);
      throw new RetryLater("It is not known yet whether an earlier attempt succeeded; it is looked up once more.", {
        afterMs: againMs,
        uncertain: true,
      });
    }
    lookingSince.delete(key);
    return found;
  };
}
