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

/** How a list has not answered lately. Times are monotonic ms. */
interface Failing {
  /** When the first reading began that failed, and when the last one ended. */
  readonly from: number;
  readonly last: number;
  /** How far back the longest of them reached, ms: that a shorter part can be read helps nobody who needs the longer one. */
  readonly reachMs: number;
}

export function createSharedList({ pbx, clock, anotherCall }: SharedListDeps): ReadsList {
  /** Not begun yet: whoever asks now joins. */
  const waiting = new Map<string, Reading>();
  /** When the last reading of each kind ends, however it does. */
  const ends = new Map<string, Promise<void>>();
  const failing = new Map<string, Failing>();

  /** For how long it has been failing, this time included, ms. */
  const failed = (name: string, begunAt: number, reachMs: number): number => {
    const last = clock.monotonic();
    const known = failing.get(name);
    const before = known !== undefined && last - known.last <= FORGOTTEN_MS ? known : { from: begunAt, reachMs };
    failing.set(name, { from: before.from, last, reachMs: Math.max(before.reachMs, reachMs) });
    return last - before.from;
  };

  const read = async ({ extension, direction, since }: Asked): Promise<readonly PbxMessage[]> => {
    const name = `${extension} ${direction}`;
    const [begunAt, reachMs] = [clock.monotonic(), clock.now() - since];
    const list = { since, direction, order: "oldest-first", whole: true } as const;
    try {
      const found = await within(LIST_MS, clock, (over) => pbx.messages.list(extension, { ...list, over }));
      if (reachMs >= (failing.get(name)?.reachMs ?? 0)) failing.delete(name);
      return found;
    } catch (error) {
      if (!(error instanceof RetryLater) || error instanceof Stopping) throw error;
      const failedForMs = failed(name, begunAt, reachMs);
      const { afterMs, patient, scope, mend, uncertain } = error;
      throw new RetryLater(error.message, { afterMs, patient, scope, mend, uncertain, failedForMs, cause: error });
    }
  };

  const begin = (key: string, asked: Asked): Reading => {
    const inTurn = async (): Promise<readonly PbxMessage[]> => {
      await ends.get(key);
      await anotherCall().finally(() => waiting.delete(key));
      return read({ ...asked, since: reading.since });
    };
    const reading: Reading = { since: asked.since, found: inTurn() };
    waiting.set(key, reading);
    ends.set(key, reading.found.then(nothing, nothing));
    return reading;
  };

  return async (asked) => {
    const doublings = Math.ceil(Math.log2(Math.max(1, (clock.now() - asked.since) / SHORT_MS)));
    const key = `${asked.extension} ${asked.direction} ${doublings}`;
    const reading = waiting.get(key) ?? begin(key, asked);
    reading.since = Math.min(reading.since, asked.since);
    return (await reading.found).filter(({ at }) => at === undefined || at >= asked.since);
  };
}

function nothing(): void {}
