/** How far the PBX's list was read, and from when on it is read next. Pure; all times epoch ms. */

import { APART_MS } from "../matching.js";

/** Read again each time: the PBX may list late, and out of order. */
const OVERLAP_MS = 15 * 60_000;
/** At least so far back by our own clock. */
const LEAST_MS = 3_600_000;
/** The first time at least so far as a text is ever looked for: what came before the bridge must be known from what it sends. */
const LEAST_AT_FIRST_MS = APART_MS + LEAST_MS;
const DAY_MS = 24 * 3_600_000;

export interface Reach {
  /** Where the very first look began: what is older came before the bridge. */
  readonly from: number;
  /** All up to this time, by the PBX's clock, was gone through. */
  readonly seen: number;
}

export interface ReadFrom {
  /** By our clock. */
  readonly now: number;
  /** Absent: the list was never read. */
  readonly reach: Reach | undefined;
  /** The whole of the look-back, not only what came since. */
  readonly whole: boolean;
  readonly lookBackMs: number;
  /** So long the ledger knows what was there. */
  readonly knownForMs: number;
  /** The times of what the last look left open. */
  readonly open: readonly number[];
}

/**
 * After a stop that was longer than the look-back, it is read from where it ended; but never what the ledger has forgotten, for that
 * would look new.
 */
export function readFrom({ now, reach, whole, lookBackMs, knownForMs, open }: ReadFrom): number {
  if (reach === undefined) return now - Math.max(lookBackMs, LEAST_AT_FIRST_MS);
  const back = now - (whole ? Math.max(lookBackMs, LEAST_MS) : LEAST_MS);
  const floor = Math.max(reach.from, now - knownForMs + DAY_MS);
  return Math.max(floor, Math.min(back, reach.seen - OVERLAP_MS, ...open));
}

/** `listed`, `open`: times of all that was read, and of what of it is left open. A message from the future does not count. */
export function reachAfter(
  before: Reach | undefined,
  { now, since, listed, open }: { now: number; since: number; listed: readonly number[]; open: readonly number[] },
): Reach {
  const newest = Math.min(now, Math.max(before?.seen ?? since, ...listed));
  return { from: before?.from ?? since, seen: Math.min(newest, ...open) };
}

export function readReach(noted: string | undefined): Reach | undefined {
  const [from, seen] = (noted ?? "").split(" ").map(Number);
  if (noted === undefined || from === undefined || seen === undefined) return undefined;
  return Number.isFinite(from) && Number.isFinite(seen) ? { from, seen } : undefined;
}

export function writeReach({ from, seen }: Reach): string {
  return `${from} ${seen}`;
}
