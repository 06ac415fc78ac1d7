/**
 * How fast each target may be worked. A p-queue per target bounds how much runs at once and is paused while the target told us to
 * wait; the rates (bursts, windows, budgets that several targets share) are counted here. All times are monotonic ms.
 */
import { setMaxListeners } from "node:events";
import PQueue from "p-queue";
import type { Pace, Rate } from "./adapter.js";

export interface Clock {
  /** Epoch ms; may jump. */
  now(): number;
  /** Ms since some moment; never jumps. */
  monotonic(): number;
  /** Resolves after `ms`, or early when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Limits {
  /** Runs `step` as soon as the target has room; resolves when it ends. At most one step of a target waits for room. */
  offer(pace: Pace, step: (slot: Slot) => Promise<void>): void;
  /** For one more start within a step that runs: resolves once the rates allow it, and counts it; false: the limits are closing. */
  another(pace: Pace): Promise<boolean>;
  /** Nothing of the target starts for `ms`. `asked`: by the other side, so that nothing shortens it. */
  pause(target: string, ms: number, asked?: boolean): void;
  /** Ends the target's pause, but for what the other side asked for. */
  resume(target: string): void;
  /** Resolves when nothing runs. What waits for room never starts. */
  drain(): Promise<void>;
}

export interface Slot {
  /** Resolves when the rates allow one more start; false: the limits are closing. Takes nothing yet. */
  ready(): Promise<boolean>;
  /** Counts one start. false: another one was faster since `ready` resolved, and nothing may start. */
  take(): boolean;
}

/** A pause may end early: whoever waits for its end looks so often. */
const LOOK_EVERY_MS = 1000;

export function createLimits(clock: Clock): Limits {
  const queues = new Map<string, PQueue>();
  const rates = new Map<string, RateCount>();
  const askedUntil = new Map<string, number>();
  const restsUntil = new Map<string, number>();
  const closing = new AbortController();
  // Every target that waits listens to it; there may be many.
  setMaxListeners(0, closing.signal);

  const queueOf = ({ target, concurrency }: Pace): PQueue => {
    let queue = queues.get(target);
    if (queue === undefined) queues.set(target, (queue = new PQueue({ concurrency })));
    return queue;
  };
  const countOf = (rate: Rate): RateCount => {
    const key = `${rate.kind} ${rate.key}`;
    let count = rates.get(key);
    if (count === undefined) rates.set(key, (count = rateCount(rate)));
    return count;
  };

  const pausedUntil = (target: string): number =>
    Math.max(askedUntil.get(target) ?? -Infinity, restsUntil.get(target) ?? -Infinity);
  const freeAt = ({ target, rates: of }: Pace, now: number): number =>
    Math.max(pausedUntil(target), ...of.map((rate) => countOf(rate).freeAt(now)));

  const slotOf = (pace: Pace): Slot => ({
    async ready() {
      while (!closing.signal.aborted) {
        const now = clock.monotonic();
        const free = freeAt(pace, now);
        if (free <= now) return true;
        await clock.sleep(Math.min(free - now, LOOK_EVERY_MS), closing.signal);
      }
      return false;
    },
    take() {
      const now = clock.monotonic();
      if (closing.signal.aborted || freeAt(pace, now) > now) return false;
      for (const rate of pace.rates) countOf(rate).take(now);
      return true;
    },
  });

  return {
    offer(pace, step) {
      const queue = queueOf(pace);
      if (closing.signal.aborted || queue.size > 0) return;
      void queue.add(async () => {
        if (!closing.signal.aborted) await step(slotOf(pace));
      });
    },
    async another(pace) {
      const slot = slotOf(pace);
      while (await slot.ready()) if (slot.take()) return true;
      return false;
    },
    pause(target, ms, asked = false) {
      const until = clock.monotonic() + ms;
      const pauses = asked ? askedUntil : restsUntil;
      if (until <= (pauses.get(target) ?? 0)) return;
      pauses.set(target, until);
      const queue = queues.get(target);
      queue?.pause();
      void clock.sleep(ms, closing.signal).then(() => {
        if (pausedUntil(target) === until) queue?.start();
      });
    },
    resume(target) {
      restsUntil.delete(target);
      if (pausedUntil(target) <= clock.monotonic()) queues.get(target)?.start();
    },
    async drain() {
      closing.abort();
      for (const queue of queues.values()) queue.clear();
      await Promise.all([...queues.values()].map((queue) => queue.onPendingZero()));
    },
  };
}

/** Counts the starts of one rate. */
export interface RateCount {
  /** When one more start is allowed (monotonic ms); in the past: now. */
  freeAt(now: number): number;
  take(now: number): void;
}

export function rateCount({ kind, limit, perMs }: Rate): RateCount {
  return kind === "bucket" ? bucket(limit, perMs) : slidingWindow(limit, perMs);
}

/** The bucket is full at `fullAt`; every start moves that by `perMs`. One more fits while at most `limit - 1` are missing. */
function bucket(limit: number, perMs: number): RateCount {
  let fullAt = -Infinity;
  return {
    freeAt: () => fullAt - (limit - 1) * perMs,
    take: (now) => {
      fullAt = Math.max(fullAt, now) + perMs;
    },
  };
}

/** The last `limit` starts, as a ring: one more is allowed once the oldest of them is `perMs` ago. */
function slidingWindow(limit: number, perMs: number): RateCount {
  const starts: number[] = Array.from({ length: limit }, () => -Infinity);
  let oldest = 0;
  return {
    freeAt: () => (starts[oldest] ?? -Infinity) + perMs,
    take: (now) => {
      starts[oldest] = now;
      oldest = (oldest + 1) % limit;
    },
  };
}
