/** When one more page of a thread may be asked for: slowly, what somebody waits for first, and as the platform asks. */
import type { RetryLater } from "../errors.js";
import { rateCount, type Clock } from "../limits.js";

/** 30 a minute of the 50 that Slack allows; the rest is for looking up attempts. */
const PACE = { kind: "bucket", key: "away", limit: 10, perMs: 2000 } as const;
/** What nobody waits for leaves most of a burst to the others. */
const PATIENT_PACE = { ...PACE, limit: 4 } as const;
/** Where a wait may end early, or somebody else be first, it is looked again after so long. */
const LOOK_AGAIN_MS = 1000;

/** `patient`: nobody waits for it. */
export type Urgency = "urgent" | "patient";

export function createSlots(clock: Clock, signal: AbortSignal) {
  const pace = rateCount(PACE);
  const patientPace = rateCount(PATIENT_PACE);
  let urgent = 0;
  let closedUntil = -Infinity;
  /** While the platform limits us, one call at a time finds out whether it still does. */
  let limited = false;
  let underWay = 0;

  const freeAt = (urgency: Urgency, now: number): number => {
    const free = Math.max(closedUntil, pace.freeAt(now), urgency === "urgent" ? now : patientPace.freeAt(now));
    const isBehind = (limited && underWay > 0) || (urgency === "patient" && urgent > 0);
    return isBehind ? Math.max(free, now + LOOK_AGAIN_MS) : free;
  };

  /** Resolves once a call may be made; false: nothing is read any more. `urgency` may change, and change back, while it waits. */
  const turn = async (urgency: () => Urgency): Promise<boolean> => {
    let counted = 0;
    try {
      for (;;) {
        if (signal.aborted) return false;
        const now = clock.monotonic();
        const how = urgency();
        urgent -= counted;
        urgent += counted = how === "urgent" ? 1 : 0;
        const free = freeAt(how, now);
        if (free > now) await clock.sleep(Math.min(free - now, LOOK_AGAIN_MS), signal);
        else return take(how, now);
      }
    } finally {
      urgent -= counted;
    }
  };

  const take = (urgency: Urgency, now: number): true => {
    pace.take(now);
    if (urgency === "patient") patientPace.take(now);
    return true;
  };

  return {
    turn,
    /** Makes a call that has its turn. */
    async call<T>(work: () => Promise<T>): Promise<T> {
      underWay += 1;
      try {
        const answer = await work();
        limited = false;
        return answer;
      } finally {
        underWay -= 1;
      }
    },
    /** The platform asked to wait: all calls do. */
    limit({ afterMs }: RetryLater): void {
      if (afterMs === undefined) return;
      limited = true;
      closedUntil = Math.max(closedUntil, clock.monotonic() + afterMs);
    },
  };
}
