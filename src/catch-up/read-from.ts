/** From when on the PBX's list is read. Pure; all times epoch ms. */

/** Read again each time: the PBX may list late, and out of order. */
const OVERLAP_MS = 15 * 60_000;
/** At least so far back by our own clock: one message from the future must not end all reading. */
const LEAST_MS = 3_600_000;

export interface ReadFrom {
  /** By our clock. */
  readonly now: number;
  /** The newest time in the list so far, by the PBX's clock; undefined: it was never read. */
  readonly seen: number | undefined;
  /** The whole of the look-back, not only what came since. */
  readonly whole: boolean;
  readonly lookBackMs: number;
}

/** After a stop that was longer than the look-back, it is read from where it ended. */
export function readFrom({ now, seen, whole, lookBackMs }: ReadFrom): number {
  const back = now - (whole || seen === undefined ? Math.max(lookBackMs, LEAST_MS) : LEAST_MS);
  return seen === undefined ? back : Math.min(back, seen - OVERLAP_MS);
}
