/** What was missed is read whole each time, so that it is told at most so often, however often Slack tells that there is more. */
export const gapsApartMs = 10 * 60_000;

export interface Gaps {
  /** Something was missed: tells it now, or once it may be told again. */
  missed(): void;
  /** Tells no more of what was missed before. */
  stop(): void;
}

/** `now`: epoch ms. */
export function createGaps(tell: () => void, now: () => number): Gaps {
  let toldAt = -Infinity;
  let later: NodeJS.Timeout | undefined;
  const tellNow = (): void => {
    clearTimeout(later);
    later = undefined;
    toldAt = now();
    tell();
  };
  return {
    missed() {
      // Either way: a clock that was set back must not hide a gap.
      const sinceMs = Math.abs(now() - toldAt);
      if (sinceMs >= gapsApartMs) return tellNow();
      later ??= setTimeout(tellNow, gapsApartMs - sinceMs).unref();
    },
    stop() {
      clearTimeout(later);
      later = undefined;
    },
  };
}
