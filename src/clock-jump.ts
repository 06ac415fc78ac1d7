/** Notices when the wall clock is set: it then moves otherwise than the monotonic one, which nobody can set. */
import type { Clock } from "./limits.js";

/** Less is what a clock that is being slowed down or sped up makes of a few seconds. */
const SMALLEST_MS = 2000;

export interface ClockWatch {
  /** By how many ms the clock has jumped since `settle` was last called; 0: it has not. Also what a machine slept counts. */
  jumped(): number;
  /** The jump is seen to. */
  settle(jumpedMs: number): void;
}

export function watchClock({ now, monotonic }: Pick<Clock, "now" | "monotonic">): ClockWatch {
  let offset = now() - monotonic();
  return {
    jumped() {
      const jump = now() - monotonic() - offset;
      return Math.abs(jump) < SMALLEST_MS ? 0 : jump;
    },
    settle: (jumpedMs) => void (offset += jumpedMs),
  };
}
