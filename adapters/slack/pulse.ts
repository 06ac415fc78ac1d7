/** Notices that time went by without us: the machine slept, say, or the process was frozen. */
export interface Pulse {
  start(): void;
  stop(): void;
  /** Whether we stood still since the start, or since this was asked the last time. */
  stoodStill(): boolean;
}

const everyMs = 1000;

/** `now`: epoch ms. Standing still for up to `longestMs` counts for nothing. */
export function createPulse(now: () => number, longestMs: number): Pulse {
  let seenAt = now();
  let still = false;
  let timer: NodeJS.Timeout | undefined;
  const beat = (): void => {
    const at = now();
    // Either way: a clock that was set meanwhile must not hide it.
    still ||= Math.abs(at - seenAt) > longestMs;
    seenAt = at;
  };
  return {
    start() {
      clearInterval(timer);
      [seenAt, still] = [now(), false];
      timer = setInterval(beat, everyMs).unref();
    },
    stop: () => clearInterval(timer),
    stoodStill() {
      beat();
      const was = still;
      still = false;
      return was;
    },
  };
}
