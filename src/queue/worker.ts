/**
 * Does what waits in the queue: for each target, one batch after the other as its limits allow, the most urgent and oldest lane
 * first. Knows nothing of what the work is; that is in `deliver/`.
 */
import { setMaxListeners } from "node:events";
import type { Pace } from "../adapter.js";
import { watchClock } from "../clock-jump.js";
import { GiveUp, RetryLater, StoreUnavailable } from "../errors.js";
import { faultPoint } from "../fault-point.js";
import type { Clock, Limits, Slot } from "../limits.js";
import type { Logger } from "../log.js";
import type { Store, Transaction } from "../store/port.js";
import type { Batch, Delivery, Join } from "./port.js";
import { createResting, platformOf } from "./resting.js";
import { nextAttempt, RETRY_POLICIES } from "./retry.js";

/** What follows from an attempt: `again` leaves the batch where it is, due at once (one step of several is done). */
export interface Outcome {
  readonly result: "done" | "again";
  /** For `again`: when (epoch ms); absent: at once. */
  readonly dueAt?: number;
  /** Written in the same transaction as the batch's end. */
  readonly and?: (tx: Transaction) => Promise<void>;
  /** Epoch ms: the work is kept so long, so that it can be done again. */
  readonly keepUntil?: number;
}

/** How work is done. `Doer` of each kind is in `deliver/`. */
export interface Doer {
  /** One step: at most one call that changes something outside. Throws the failures of `errors.ts`. */
  attempt(batch: Batch): Promise<Outcome>;
  /** Written when an attempt begins. */
  begin?(batch: Batch, tx: Transaction): Promise<void>;
  /** Written when the batch has to wait for another attempt. `since`: when the first attempt was made, epoch ms. */
  postponed?(batch: Batch, tx: Transaction, since: number, why: RetryLater): Promise<void>;
  /** Written when no attempt follows. `reason`: words for people. */
  gaveUp?(batch: Batch, tx: Transaction, reason: string): Promise<void>;
}

/** `refused`: no repetition would help; `exhausted`: it was tried for as long as its kind is; `bug`: an error of ours. */
export type WhyGaveUp = "refused" | "exhausted" | "bug";

export interface WorkerDeps {
  readonly store: Store;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly join: Join;
  paceOf(delivery: Delivery): Pace;
  doerOf(delivery: Delivery): Doer;
  /** For metrics. */
  observe?(batch: Batch, result: "done" | "again" | "postponed" | "gave-up", tookMs: number): void;
  /** For metrics: no attempt follows. */
  gaveUp?(batch: Batch, why: WhyGaveUp): void;
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
  /** Takes nothing new and resolves once what is under way has ended and is written, or after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** How often the queue is looked through for work that nobody announced (another process, the command line). */
const LOOK_EVERY_MS = 5000;
/** How long to leave a target alone whose lease somebody else holds, or when the store is sick. */
const BACK_OFF_MS = 1000;
/** A target looks again after so long at the latest, whatever the wall clock did meanwhile. */
const LONGEST_REST_MS = 60_000;

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

  const hasten = (platform: string): void => {
    const lanes = resting.take(platform, clock.monotonic());
    if (lanes.length === 0 || ended.signal.aborted) return;
    const write = store.commit(async (tx) => {
      for (const { lane } of lanes) await tx.queue.hasten(lane, clock.now());
    });
    for (const { target } of lanes) limits.resume(target);
    write.catch((error: unknown) =>
      report(logger, error, "what waits was not hastened; it keeps its times", { platform }),
    );
  };

  const answered = (delivery: Delivery): void => {
    if (resting.succeeded(delivery)) hasten(platformOf(delivery.target));
  };

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
  const join: Join = (waiting) => orElse(() => deps.join(waiting), 1);

  /** Arranges that the target is looked at again when its next lane is due. */
  const rest = (target: string): void => {
    const due = store.queue.nextDue(target, busyOf(target));
    if (due !== undefined) wake(target, due - clock.now());
  };

  const workThrough = async (target: string, slot: Slot): Promise<void> => {
    try {
      while (!ended.signal.aborted && (await slot.ready())) {
        if (watch.jumped() !== 0) await followClock();
        const lanes = busyOf(target);
        const batch = store.queue.next(target, clock.now(), lanes, join);
        if (batch === undefined) break;
        if (!slot.take()) continue;
        lanes.add(batch[0].lane);
        // Another lane of the target may be worked beside this one, if its pace allows.
        offer(target);
        await workOn(batch).finally(() => lanes.delete(batch[0].lane));
      }
      if (!ended.signal.aborted) rest(target);
    } catch (error) {
      report(logger, error, "the queue could not be worked; trying again shortly", { target });
      limits.pause(target, BACK_OFF_MS);
      wake(target, BACK_OFF_MS);
    }
  };

  const workOn = async (batch: Batch): Promise<void> => {
    const [first] = batch;
    const doer = deps.doerOf(first);
    const begun = await begin(batch, doer);
    if (begun === undefined) return;
    if (!begun) return clock.sleep(BACK_OFF_MS, ended.signal);
    resting.begun(first);
    faultPoint("begun", batch);
    const startedAt = clock.monotonic();
    const result = await attempt(batch, doer);
    deps.observe?.(batch, result, clock.monotonic() - startedAt);
  };

  /** undefined: it met a bug, and is set aside. */
  const begin = async (batch: Batch, doer: Doer): Promise<boolean | undefined> => {
    // Of before the commit: since then the clock may have jumped, and leases have not followed yet.
    const now = clock.now();
    try {
      return await store.commit(async (tx) => {
        if (!(await tx.queue.begin(batch, now))) return false;
        await doer.begin?.(batch, tx);
        return true;
      });
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      await handle(batch, doer, error);
      return undefined;
    }
  };

  const attempt = async (batch: Batch, doer: Doer): Promise<"done" | "again" | "postponed" | "gave-up"> => {
    try {
      const outcome = await doer.attempt(batch);
      faultPoint("returned", batch);
      await conclude(batch, outcome);
      faultPoint("concluded", batch);
      answered(batch[0]);
      return outcome.result;
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      return handle(batch, doer, error);
    }
  };

  const conclude = (batch: Batch, { result, dueAt, and, keepUntil }: Outcome): Promise<void> =>
    store.commit(async (tx) => {
      if (result === "done") await tx.queue.finish(batch, keepUntil);
      else await tx.queue.postpone(batch, dueAt ?? clock.now(), false);
      await and?.(tx);
    });

  const handle = async (batch: Batch, doer: Doer, error: unknown): Promise<"postponed" | "gave-up"> => {
    const [first] = batch;
    if (error instanceof RetryLater) {
      const now = clock.now();
      const due = dueAfter(first, error, now, deps.random());
      if (error.scope === "target") pause(first.target, due === undefined ? BACK_OFF_MS : due - now, error.afterMs);
      logger.warn({ ...aboutDelivery(first), err: error, again: due }, "an attempt failed and will be repeated");
      if (due !== undefined) {
        await postpone(batch, doer, due, error);
        if (error.afterMs === undefined) resting.failed(first);
        // How long this one is to wait is known from an answer, such as that of a look for what a lost attempt left behind.
        else if (error.scope === "delivery") answered(first);
        return "postponed";
      }
    } else if (!(error instanceof GiveUp)) {
      report(logger, error, "a delivery met a bug and was set aside", aboutDelivery(first));
    }
    await giveUp(batch, doer, reasonOf(error), first.uncertain || mayHaveTakenEffect(error));
    deps.gaveUp?.(batch, whyOf(error));
    return "gave-up";
  };

  const pause = (target: string, ms: number, askedMs: number | undefined): void => {
    deps.paused?.(target);
    limits.pause(target, ms, askedMs !== undefined);
  };

  const postpone = (batch: Batch, doer: Doer, due: number, why: RetryLater): Promise<void> =>
    store.commit(async (tx) => {
      // Once an outcome is unknown it stays so until the work is done: a later, certain failure says nothing about it.
      await tx.queue.postpone(batch, due, why.uncertain || batch[0].uncertain);
      await doer.postponed?.(batch, tx, batch[0].firstAttemptAt ?? clock.now(), why);
    });

  const giveUp = async (batch: Batch, doer: Doer, reason: string, uncertain: boolean): Promise<void> => {
    logger.warn({ ...aboutDelivery(batch[0]), reason }, "a delivery gave up and was set aside");
    const setAside = async (tx: Transaction): Promise<void> => {
      for (const { key } of batch) await tx.queue.setAside(key, reason, uncertain);
    };
    try {
      await store.commit(async (tx) => {
        await setAside(tx);
        await doer.gaveUp?.(batch, tx, reason);
      });
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      report(logger, error, "what gave up cannot be told of in its threads", aboutDelivery(batch[0]));
      await store.commit(setAside);
    }
  };

  const look = (): void => {
    try {
      learn();
    } catch (error) {
      report(logger, error, "the queue could not be read", {});
    }
  };

  /** Every rest was reckoned by the clock as it was; the next look reckons anew. */
  const followClock = async (): Promise<void> => {
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

function orElse<T>(ask: () => T, otherwise: T): T {
  try {
    return ask();
  } catch {
    return otherwise;
  }
}

function dueAfter(first: Delivery, error: RetryLater, now: number, random: number): number | undefined {
  const { afterMs, patient } = error;
  const [policy, attempts] = [RETRY_POLICIES[first.work.kind], first.attempts + 1];
  return nextAttempt({ policy, attempts, acceptedAt: first.createdAt, now, afterMs, patient, random });
}

/** A bug may have struck after the call as well as before it. */
function mayHaveTakenEffect(error: unknown): boolean {
  return error instanceof RetryLater ? error.uncertain : !(error instanceof GiveUp);
}

function whyOf(error: unknown): WhyGaveUp {
  if (error instanceof GiveUp) return "refused";
  return error instanceof RetryLater ? "exhausted" : "bug";
}

function reasonOf(error: unknown): string {
  if (error instanceof GiveUp || error instanceof RetryLater) return error.message;
  return "An error inside the bridge. Its log says more.";
}

/** What a log line may say of a delivery: no text, no numbers. */
function aboutDelivery({ id, target, attempts, work }: Delivery): object {
  return { delivery: id, kind: work.kind, target, attempts: attempts + 1 };
}

function report(logger: Logger, error: unknown, what: string, fields: object): void {
  logger.error({ ...fields, err: error }, what);
}
