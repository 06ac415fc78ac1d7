/**
 * Does what waits in the queue: for each target, one batch after the other as its limits allow, the most urgent and oldest lane
 * first. Knows nothing of what the work is; that is in `deliver/`.
 */
import { setMaxListeners } from "node:events";
import type { Pace } from "../adapter.js";
import { watchClock } from "../clock-jump.js";
import type { Limits, Slot } from "../limits.js";
import { BACK_OFF_MS, createAttempts, report, type AttemptsDeps } from "./attempts.js";
import { createChoice, orElse } from "./choice.js";
import type { Delivery, Join } from "./port.js";
import { createResting, platformOf } from "./resting.js";

export interface WorkerDeps extends AttemptsDeps {
  readonly limits: Limits;
  readonly join: Join;
  paceOf(delivery: Delivery): Pace;
  /** For metrics: the target told us to wait. */
  paused?(target: string): void;
}

export interface Worker {
  start(): Promise<void>;
  /**
   * The platform can be reached again: what failed there is tried at once and does not rest any longer, as fast as the rates allow. What
   * the platform itself asked for is waited for all the same.
   */
  hasten(platform: string): void;
  /** Somebody has mended something there, or may have: what waits for that is tried at once, and so is what waits behind it. */
  mended(targets: readonly string[]): void;
  /** Takes nothing new and resolves once what is under way has ended and is written, or after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** How often the queue is looked through for work that nobody announced (another process, the command line). */
const LOOK_EVERY_MS = 5000;
/** Where something is due and nothing was found to do, the target rests so long: else nothing but looking would be done. */
const FUTILE_REST_MS = 50;
/** A target looks again after so long at the latest, whatever the wall clock did meanwhile. */
const LONGEST_REST_MS = 60_000;

/** Where nothing is shown yet there is nothing to mark, and the end of such work tells nothing of its platform. */
const MAYBE_WITHOUT_CALL: ReadonlySet<string> = new Set(["mark", "card", "settle"]);

export function createWorker(deps: WorkerDeps): Worker {
  const { store, limits, clock, logger } = deps;
  const paces = new Map<string, Pace>();
  const busy = new Map<string, Set<string>>();
  /** One for each target that waits for its next lane to be due. */
  const rests = new Map<string, AbortController>();
  const resting = createResting();
  const watch = watchClock(clock);
  const ended = new AbortController();
  setMaxListeners(0, ended.signal);

  const busyOf = (target: string): Set<string> => {
    let lanes = busy.get(target);
    if (lanes === undefined) busy.set(target, (lanes = new Set()));
    return lanes;
  };

  /** Never throws: what cannot be read now is found by the next look. */
  const wake = (target: string, inMs: number): void => {
    rests.get(target)?.abort();
    rests.delete(target);
    if (ended.signal.aborted) return;
    if (inMs > 0) return void sleepThenWake(target, Math.min(inMs, LONGEST_REST_MS));
    try {
      offer(target);
    } catch (error) {
      report(logger, error, "new work was not taken up at once", { target });
    }
  };

  const sleepThenWake = async (target: string, ms: number): Promise<void> => {
    const rested = new AbortController();
    rests.set(target, rested);
    await clock.sleep(ms, rested.signal);
    if (!rested.signal.aborted) wake(target, 0);
  };

  const tryAtOnce = (lanes: readonly { readonly lane: string; readonly target: string }[]): void => {
    if (lanes.length === 0 || ended.signal.aborted) return;
    const write = store.commit(async (tx) => {
      for (const { lane } of lanes) await tx.queue.hasten(lane, clock.now());
    });
    const targets = [...new Set(lanes.map(({ target }) => target))];
    for (const target of targets) limits.resume(target);
    write.catch((error: unknown) =>
      report(logger, error, "what waits was not hastened; it keeps its times", { targets }),
    );
  };
  const hasten = (platform: string): void => tryAtOnce(resting.take(platform, clock.monotonic()));

  const workOn = createAttempts(deps, {
    begun: resting.begun,
    answered: (first) =>
      !MAYBE_WITHOUT_CALL.has(first.work.kind) && resting.succeeded(first) && hasten(platformOf(first.target)),
    failed: resting.failed,
    broken: resting.broken,
    pause(target, ms, asked) {
      deps.paused?.(target);
      limits.pause(target, ms, asked);
    },
  });

  const offer = (target: string): void => {
    const pace = paces.get(target);
    if (pace === undefined) learn();
    else limits.offer(pace, (slot) => workThrough(target, slot));
  };

  /** Looks at what waits, learns the pace of targets not met before, and sees to it that each is worked when due. */
  const learn = (): void => {
    for (const { target, sample } of store.queue.targets()) {
      paces.set(target, paceOf(sample));
      rest(target);
    }
  };

  /** Work that lacks what its kind needs is met by its doer, which tells; here it must not keep others from being chosen. */
  const paceOf = (sample: Delivery): Pace =>
    orElse(() => deps.paceOf(sample), { target: sample.target, concurrency: 1, rates: [] });
  const choice = createChoice({ ...deps, join: (waiting) => orElse(() => deps.join(waiting), 1) });

  /** Arranges that the target is looked at again when its next lane is due; in `overdueMs` where one is due already. */
  const rest = (target: string, overdueMs = 0): void => {
    const due = store.queue.nextDue(target, busyOf(target));
    if (due === undefined) return;
    const inMs = due - clock.now();
    wake(target, inMs > 0 ? inMs : overdueMs);
  };

  const workThrough = async (target: string, slot: Slot): Promise<void> => {
    let overdueMs = FUTILE_REST_MS;
    try {
      while (!ended.signal.aborted && (await slot.ready())) {
        if (watch.jumped() !== 0) await followClock();
        // Nothing is waited for between the choice of a lane and its being busy, or it would be chosen twice.
        const { batch, early } = choice.next(target, busyOf(target));
        if (early.length > 0) {
          await choice.putOff(early, busyOf(target));
          continue;
        }
        if (batch === undefined) break;
        overdueMs = 0;
        if (!slot.take()) continue;
        const lanes = busyOf(target);
        lanes.add(batch[0].lane);
        // Another lane of the target may be worked beside this one, if its pace allows.
        offer(target);
        try {
          if (!(await workOn(batch))) await clock.sleep(BACK_OFF_MS, ended.signal);
        } finally {
          lanes.delete(batch[0].lane);
        }
      }
      if (!ended.signal.aborted) rest(target, overdueMs);
    } catch (error) {
      report(logger, error, "the queue could not be worked; trying again shortly", { target });
      limits.pause(target, BACK_OFF_MS);
      wake(target, BACK_OFF_MS);
    }
  };

  const look = (): void => {
    try {
      learn();
    } catch (error) {
      report(logger, error, "the queue could not be read", {});
    }
  };

  /** For all who notice the jump at the same time: followed twice, it would move all times twice. */
  let following: Promise<void> | undefined;
  const followClock = (): Promise<void> => (following ??= follow().finally(() => (following = undefined)));
  /** Every rest was reckoned by the clock as it was; the next look reckons anew. */
  const follow = async (): Promise<void> => {
    const jumpedMs = watch.jumped();
    if (jumpedMs === 0) return;
    logger.warn({ jumpedMs }, "the clock of this machine was set, or it slept; what waits keeps its times");
    try {
      await store.commit((tx) => tx.followClock(jumpedMs));
      watch.settle(jumpedMs);
    } catch (error) {
      report(logger, error, "the queue could not follow the clock", {});
    }
  };

  const lookAgainAndAgain = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      await followClock();
      look();
      await clock.sleep(LOOK_EVERY_MS, ended.signal);
    }
  };

  return {
    hasten,
    mended: (targets) => tryAtOnce(targets.flatMap(resting.takeBroken)),
    async start() {
      store.onWork((targets) => {
        for (const target of targets) wake(target, 0);
      });
      void lookAgainAndAgain();
    },
    async stop(graceMs) {
      ended.abort();
      for (const rested of rests.values()) rested.abort();
      const grace = new AbortController();
      await Promise.race([limits.drain(), clock.sleep(graceMs, grace.signal)]);
      grace.abort();
      await store
        .commit((tx) => tx.queue.release())
        .catch((error: unknown) => {
          report(logger, error, "the leases were not given back; they run out by themselves", {});
        });
    },
  };
}
