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

interface Reading {
  since: number;
  readonly found: ReturnType<ReadsList>;
}

export function createSharedList({ pbx, clock, anotherCall }: SharedListDeps): ReadsList {
  /** Not begun yet: whoever asks now joins. */
  const waiting = new Map<string, Reading>();
  /** When the last reading of each kind ends, however it does. */
  const ends = new Map<string, Promise<void>>();
  /** Of each extension whose list has not answered lately: when the first reading began that failed, monotonic ms. */
  const failing = new Map<number, number>();

  const read = async ({ extension, direction, since }: Asked): Promise<readonly PbxMessage[]> => {
    const begunAt = clock.monotonic();
    const list = { since, direction, order: "oldest-first", whole: true } as const;
    try {
      const found = await within(LIST_MS, clock, (over) => pbx.messages.list(extension, { ...list, over }));
      failing.delete(extension);
      return found;
    } catch (error) {
      if (!(error instanceof RetryLater) || error instanceof Stopping) throw error;
      if (!failing.has(extension)) failing.set(extension, begunAt);
      const failedForMs = clock.monotonic() - (failing.get(extension) ?? begunAt);
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
    const doublings = Math.max(0, Math.ceil(Math.log2((clock.now() - asked.since) / SHORT_MS)));
    const key = `${asked.extension} ${asked.direction} ${doublings}`;
    const reading = waiting.get(key) ?? begin(key, asked);
    reading.since = Math.min(reading.since, asked.since);
    return (await reading.found).filter(({ at }) => at === undefined || at >= asked.since);
  };
}

function nothing(): void {}
