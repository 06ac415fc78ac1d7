/** One attempt at a batch: noted before it is made, and its outcome written, whatever it is. */
import { GiveUp, RetryLater, Stopping, StoreUnavailable } from "../errors.js";
import { faultPoint } from "../fault-point.js";
import type { Clock } from "../limits.js";
import type { Logger } from "../log.js";
import type { Store, Transaction } from "../store/port.js";
import type { Batch, Delivery } from "./port.js";
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
  /**
   * Asked before an attempt begins, and before it counts anywhere: when to look again (epoch ms), as long as it is too early to attempt it;
   * undefined: it is not. Changes nothing outside.
   */
  tooEarly?(batch: Batch): number | undefined;
  /** Written when an attempt begins. */
  begin?(batch: Batch, tx: Transaction): Promise<void>;
  /** Written when the batch has to wait for another attempt. `since`: when the first attempt was made, epoch ms. */
  postponed?(batch: Batch, tx: Transaction, since: number, why: RetryLater): Promise<void>;
  /** No attempt follows: gives what is written then. `reason`: words for people. */
  gaveUp?(batch: Batch, reason: string): Promise<(tx: Transaction) => Promise<void>>;
}

/** `refused`: no repetition would help; `exhausted`: it was tried for as long as its kind is; `bug`: an error of ours. */
export type WhyGaveUp = "refused" | "exhausted" | "bug";

export interface AttemptsDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  doerOf(delivery: Delivery): Doer;
  /** For metrics. */
  observe?(batch: Batch, result: Result, tookMs: number): void;
  /** For metrics: no attempt follows. */
  gaveUp?(batch: Batch, why: WhyGaveUp): void;
}

export type Result = "done" | "again" | "postponed" | "gave-up";

/** What the schedule has to know of attempts. */
export interface Witness {
  begun(first: Delivery): void;
  /** It was done, or a step of it. */
  answered(first: Delivery): void;
  /** It waits for another attempt, for a time of our own choosing. */
  failed(first: Delivery): void;
  /** It waits until somebody has mended something, and is tried now and then until that is known. */
  broken(first: Delivery): void;
  /** Nothing of its target is to start for `ms`. `asked`: by the other side. */
  pause(target: string, ms: number, asked: boolean): void;
}

/** How long a target's work is left alone where it cannot be said when it may go on. */
export const BACK_OFF_MS = 1000;

/** Gives what makes an attempt. It resolves to false where somebody else has the batch or its target. */
export function createAttempts(deps: AttemptsDeps, witness: Witness): (batch: Batch) => Promise<boolean> {
  const { store, clock, logger } = deps;

  const workOn = async (batch: Batch): Promise<boolean> => {
    const [first] = batch;
    const doer = deps.doerOf(first);
    const begun = await begin(batch, doer);
    if (begun === undefined) return true;
    if (!begun) return false;
    witness.begun(first);
    faultPoint("begun", batch);
    const startedAt = clock.monotonic();
    const result = await attempt(batch, doer);
    deps.observe?.(batch, result, clock.monotonic() - startedAt);
    return true;
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
      witness.answered(batch[0]);
      return outcome.result;
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      return handle(batch, doer, error);
    }
  };

  /** Nothing is written of what was erased meanwhile. */
  const write = (batch: Batch, what: (tx: Transaction) => Promise<void>): Promise<void> =>
    store.commit(async (tx) => {
      if (!(await tx.queue.isErased(batch))) await what(tx);
    });

  const conclude = (batch: Batch, { result, dueAt, and, keepUntil }: Outcome): Promise<void> =>
    write(batch, async (tx) => {
      if (result === "done") await tx.queue.finish(batch, keepUntil);
      else await tx.queue.postpone(batch, dueAt ?? clock.now(), false);
      await and?.(tx);
    });

  const handle = async (batch: Batch, doer: Doer, error: unknown): Promise<"postponed" | "gave-up"> => {
    const [first] = batch;
    if (error instanceof Stopping) return "postponed";
    if (error instanceof RetryLater) {
      const now = clock.now();
      const due = dueAfter(first, error, now, deps.random());
      const waitMs = due === undefined ? BACK_OFF_MS : due - now;
      if (error.scope === "target") witness.pause(first.target, waitMs, error.patient);
      logger.warn({ ...aboutDelivery(first), err: error, again: due }, "an attempt failed and will be repeated");
      if (due !== undefined) {
        await postpone(batch, doer, due, error);
        if (isOwnRest(error)) witness.failed(first);
        if (error.mend) witness.broken(first);
        return "postponed";
      }
    } else if (!(error instanceof GiveUp)) {
      report(logger, error, "a delivery met a bug and was set aside", aboutDelivery(first));
    }
    await giveUp(batch, doer, reasonOf(error), first.uncertain || mayHaveTakenEffect(error));
    deps.gaveUp?.(batch, whyOf(error));
    return "gave-up";
  };

  const postpone = (batch: Batch, doer: Doer, due: number, why: RetryLater): Promise<void> =>
    write(batch, async (tx) => {
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
      const tell = await doer.gaveUp?.(batch, reason);
      await write(batch, async (tx) => {
        await setAside(tx);
        await tell?.(tx);
      });
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      report(logger, error, "what gave up cannot be told of in its threads", aboutDelivery(batch[0]));
      await store.commit(setAside);
    }
  };

  return workOn;
}

function dueAfter(first: Delivery, error: RetryLater, now: number, random: number): number | undefined {
  const { afterMs, patient, failedForMs = Infinity } = error;
  const [policy, attempts] = [RETRY_POLICIES[first.work.kind], first.attempts + 1];
  const acceptedAt = Math.max(first.createdAt, now - failedForMs);
  return nextAttempt({ policy, attempts, acceptedAt, now, afterMs, patient, random });
}

/** Not what the other side asked for, and not what a delivery has to wait for by itself, such as a look for what it left behind. */
function isOwnRest({ afterMs, patient, scope }: RetryLater): boolean {
  return afterMs === undefined || (scope === "target" && !patient);
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
function aboutDelivery({ number, target, attempts, work }: Delivery): object {
  return { delivery: number, kind: work.kind, target, attempts: attempts + 1 };
}

export function report(logger: Logger, error: unknown, what: string, fields: object): void {
  logger.error({ ...fields, err: error }, what);
}
