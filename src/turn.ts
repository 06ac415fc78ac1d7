/** When something of the PBX is looked at again: after a rest, or sooner on suspicion. */
import type { Clock } from "./limits.js";

export interface Turn {
  /** Resolves after `ms`; hurried, sooner, but not before `leastMs`. */
  rest(ms: number, leastMs?: number): Promise<void>;
  /** Also during a look: then there is another one. */
  hurry(): void;
}

/** `hurriedMs`: how soon after a suspicion. */
export function createTurn(clock: Clock, hurriedMs: number, stopped: AbortSignal): Turn {
  let hurried = false;
  let resting = new AbortController();
  return {
    async rest(ms, leastMs = 0) {
      resting = new AbortController();
      if (hurried) resting.abort();
      await clock.sleep(leastMs, stopped);
      await clock.sleep(Math.max(0, ms - leastMs), AbortSignal.any([stopped, resting.signal]));
      if (hurried) await clock.sleep(Math.max(0, hurriedMs - leastMs), stopped);
      hurried = false;
    },
    hurry() {
      hurried = true;
      resting.abort();
    },
  };
}
