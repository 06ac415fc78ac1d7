/** What of a target is attempted next; what of it is too early is put off. */
import type { Clock } from "../limits.js";
import type { Store } from "../store/port.js";
import type { Doer } from "./attempts.js";
import type { Batch, Delivery, Join } from "./port.js";

export interface ChoiceDeps {
  readonly store: Pick<Store, "queue" | "commit">;
  readonly clock: Clock;
  readonly join: Join;
  doerOf(delivery: Delivery): Doer;
}

/** What is too early to attempt. */
interface Early {
  readonly batch: Batch;
  /** When to look again, epoch ms. */
  readonly dueAt: number;
}

/** So many lanes are put off with one commit: one by one, the first of many would be due again before the last had its turn. */
const MOST_AT_ONCE = 50;
/** Where there are more, they wait for so long besides, so that the first of a thousand are not due again before the last had its turn. */
const CROWD_MS = 1000;

export function createChoice({ store, clock, join, doerOf }: ChoiceDeps) {
  const lookAgainAt = (batch: Batch): number | undefined => orElse(() => doerOf(batch[0]).tooEarly?.(batch), undefined);

  return {
    /** The target's next batch outside of the busy lanes; `early`: what is to be put off before, or instead. */
    next(
      target: string,
      busy: ReadonlySet<string>,
    ): { readonly batch?: Batch | undefined; readonly early: readonly Early[] } {
      const passed = new Set(busy);
      const early: Early[] = [];
      while (early.length < MOST_AT_ONCE) {
        const batch = store.queue.next(target, clock.now(), passed, join);
        const dueAt = batch === undefined ? undefined : lookAgainAt(batch);
        if (batch === undefined || dueAt === undefined) return { batch, early };
        passed.add(batch[0].lane);
        early.push({ batch, dueAt });
      }
      return { early };
    },

    /** Takes nothing of the target's rate, and the lanes of these alone wait. They are busy until that is written. */
    async putOff(early: readonly Early[], busy: Set<string>): Promise<void> {
      const lanes = early.map(({ batch }) => batch[0].lane);
      const moreMs = early.length === MOST_AT_ONCE ? CROWD_MS : 0;
      for (const lane of lanes) busy.add(lane);
      const write = store.commit(async (tx) => {
        for (const { batch, dueAt } of early) await tx.queue.putOff(batch, dueAt + moreMs);
      });
      await write.finally(() => {
        for (const lane of lanes) busy.delete(lane);
      });
    },
  };
}

export function orElse<T>(ask: () => T, otherwise: T): T {
  try {
    return ask();
  } catch {
    return otherwise;
  }
}
