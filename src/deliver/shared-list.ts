/** The PBX's list for all who ask at the same time: one reading answers everybody who asked before it began. */
import { RetryLater, Stopping } from "../errors.js";
import type { Clock } from "../limits.js";
import type { PbxClient, PbxMessage } from "../pbx/types.js";
import { within } from "./within.js";

export interface Asked {
  readonly extension: number;
  readonly direction: "in" | "out";
  /** Epoch ms. */
  readonly since: number;
}

/** The list's texts, oldest first. Rejects as the PBX client does, for all who asked; with `failedForMs`. */
export type ReadsList = (asked: Asked) => Promise<readonly PbxMessage[]>;

export interface SharedListDeps {
  readonly pbx: PbxClient;
  readonly clock: Clock;
  /** Resolves once the PBX's rate has room for a call. Rejects with `Stopping`. */
  anotherCall(): Promise<void>;
}

/** For a list that hangs: texts wait behind it. A long list is read at the PBX's rate, beside others. */
const LIST_MS = 30_000;
/** Who asks for so much, or less, waits for nobody who asks for more; and so for each doubling of it. */
const SHORT_MS = 60 * 60_000;
/** Whoever is not answered asks again sooner. */
const FORGOTTEN_MS = 5 * 60_000;

interface Reading {
  since: number;
  readonly found: ReturnType<ReadsList>;
}

/** How a kind of list has not answered lately: when the first reading began that failed, and when the last one ended. Monotonic ms. */
interface Failing {
  readonly from: number;
  readonly last: number;
}

/** What the PBX asked for, until when it holds. Monotonic ms. */
interface Pause {
  readonly error: RetryLater;
  readonly until: number;
}

export function createSharedList({ pbx, clock, anotherCall }: SharedListDeps): ReadsList {
  /** Not begun yet: whoever asks now joins. */
  const waiting = new Map<string, Reading>();
  /** When the last reading of each kind ends, however it does. */
  const ends = new Map<string, Promise<void>>();
  const failing = new Map<string, Failing>();
  /** By extension. */
  const pauses = new Map<number, Pause>();

  /** For how long it has been failing, this time included, ms. */
  const failed = (kind: string, begunAt: number): number => {
    const last = clock.monotonic();
    const known = failing.get(kind);
    const from = known !== undefined && last - known.last <= FORGOTTEN_MS ? known.from : begunAt;
    failing.set(kind, { from, last });
    return last - from;
  };

  const call = async ({ extension, direction, since }: Asked): Promise<readonly PbxMessage[]> => {
    const [pause, now] = [pauses.get(extension), clock.monotonic()];
    if (pause !== undefined && pause.until > now) throw repeated(pause.error, { afterMs: pause.until - now });
    const list = { since, direction, order: "oldest-first", whole: true } as const;
    try {
      return await within(LIST_MS, clock, (over) => pbx.messages.list(extension, { ...list, over }));
    } catch (error) {
      if (error instanceof RetryLater && error.patient && error.scope === "target")
        pauses.set(extension, { error, until: clock.monotonic() + (error.afterMs ?? 0) });
      throw error;
    }
  };

  const read = async (asked: Asked, doublings: number): Promise<readonly PbxMessage[]> => {
    const begunAt = clock.monotonic();
    try {
      const found = await call(asked);
      // That a shorter part can be read helps nobody who needs the longer one.
      for (let shorter = 0; shorter <= doublings; shorter += 1) failing.delete(kindOf(asked, shorter));
      return found;
    } catch (error) {
      if (!(error instanceof RetryLater) || error instanceof Stopping) throw error;
      throw repeated(error, { afterMs: error.afterMs, failedForMs: failed(kindOf(asked, doublings), begunAt) });
    }
  };

  const begin = (asked: Asked, doublings: number): Reading => {
    const kind = kindOf(asked, doublings);
    const inTurn = async (): Promise<readonly PbxMessage[]> => {
      await ends.get(kind);
      await anotherCall().finally(() => waiting.delete(kind));
      return read({ ...asked, since: reading.since }, doublings);
    };
    const reading: Reading = { since: asked.since, found: inTurn() };
    waiting.set(kind, reading);
    ends.set(kind, reading.found.then(nothing, nothing));
    return reading;
  };

  return async (asked) => {
    const doublings = Math.max(0, Math.ceil(Math.log2((clock.now() - asked.since) / SHORT_MS)));
    const reading = waiting.get(kindOf(asked, doublings)) ?? begin(asked, doublings);
    reading.since = Math.min(reading.since, asked.since);
    return (await reading.found).filter(({ at }) => at === undefined || at >= asked.since);
  };
}

function kindOf({ extension, direction }: Asked, doublings: number): string {
  return `${extension} ${direction} ${doublings}`;
}

/** The same failure once more, for others who asked. */
function repeated(error: RetryLater, change: Pick<RetryLater, "afterMs"> & { failedForMs?: number }): RetryLater {
  const { patient, scope, mend, uncertain } = error;
  return new RetryLater(error.message, { patient, scope, mend, uncertain, ...change, cause: error });
}

function nothing(): void {}
