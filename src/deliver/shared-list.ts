/** The PBX's list for all who ask at the same time: one reading answers everybody who asked before it began. */
import type { Clock } from "../limits.js";
import type { PbxClient, PbxMessage } from "../pbx/types.js";
import { within } from "./within.js";

export interface Asked {
  readonly extension: number;
  readonly direction: "in" | "out";
  /** Epoch ms; what is older may be among what is given all the same. */
  readonly since: number;
  /** How far that reaches, roughly: who asks for a short part of the list does not wait for a long one. */
  readonly marginMs: number;
}

/** The list's texts, oldest first. Rejects as the PBX client does, for all who asked. */
export type ReadsList = (asked: Asked) => Promise<readonly PbxMessage[]>;

export interface SharedListDeps {
  readonly pbx: PbxClient;
  readonly clock: Clock;
  /** Resolves once the PBX's rate has room for a call. */
  anotherCall(): Promise<void>;
}

/** For a list that hangs: texts wait behind it. A long list is read at the PBX's rate, beside others. */
const LIST_MS = 30_000;

interface Reading {
  readonly reach: { since: number };
  readonly found: ReturnType<ReadsList>;
}

export function createSharedList({ pbx, clock, anotherCall }: SharedListDeps): ReadsList {
  /** Not begun yet: whoever asks now joins. */
  const waiting = new Map<string, Reading>();
  /** When the last reading of each kind ends, however it does. */
  const ends = new Map<string, Promise<void>>();

  const read = async (key: string, { extension, direction }: Asked, reach: Reading["reach"]) => {
    await ends.get(key);
    try {
      await anotherCall();
    } finally {
      waiting.delete(key);
    }
    const list = { since: reach.since, direction, order: "oldest-first", whole: true } as const;
    return within(LIST_MS, clock, (over) => pbx.messages.list(extension, { ...list, over }));
  };

  return (asked) => {
    const key = `${asked.extension} ${asked.direction} ${asked.marginMs}`;
    let reading = waiting.get(key);
    if (reading === undefined) {
      const reach = { since: asked.since };
      reading = { reach, found: read(key, asked, reach) };
      waiting.set(key, reading);
      ends.set(key, reading.found.then(nothing, nothing));
    }
    reading.reach.since = Math.min(reading.reach.since, asked.since);
    return reading.found;
  };
}

function nothing(): void {}
