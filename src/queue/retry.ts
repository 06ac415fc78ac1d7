/** When to try again, and when to stop trying. Pure. */
import type { Kind } from "./work.js";

export interface RetryPolicy {
  /** Wait after the first failure, ms; doubles with each further one up to `longestMs`. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** Age (since the delivery was accepted) after which it gives up, ms. */
  readonly giveUpAfterMs: number;
  /** It gives up at that age sharp, however few attempts there were and however long the other side asks to wait. */
  readonly sharp?: boolean;
}

const HOUR = 3_600_000;

/**
 * A text to a contact that could not be sent for hours is better decided on by a person; a customer's text is shown to the
 * team however long it takes; a mark is not worth a long effort. Behind a check wait texts, so it ends in time.
 */
export const RETRY_POLICIES: Readonly<Record<Kind, RetryPolicy>> = {
  text: { firstMs: 1000, longestMs: 30_000, giveUpAfterMs: 6 * HOUR },
  post: { firstMs: 1000, longestMs: 60_000, giveUpAfterMs: 7 * 24 * HOUR },
  heard: { firstMs: 1000, longestMs: 30_000, giveUpAfterMs: 24 * HOUR },
  check: { firstMs: 1000, longestMs: 10_000, giveUpAfterMs: 120_000, sharp: true },
  unmatched: { firstMs: 1000, longestMs: 60_000, giveUpAfterMs: 24 * HOUR },
  mark: { firstMs: 2000, longestMs: 60_000, giveUpAfterMs: 6 * HOUR },
  card: { firstMs: 2000, longestMs: 60_000, giveUpAfterMs: 6 * HOUR },
  settle: { firstMs: 2000, longestMs: 60_000, giveUpAfterMs: 6 * HOUR },
  unreadable: { firstMs: 1000, longestMs: 1000, giveUpAfterMs: 0 },
};

export interface Failed {
  readonly policy: RetryPolicy;
  /** Attempts so far, the failed one included; at least 1. */
  readonly attempts: number;
  /** Epoch ms. */
  readonly acceptedAt: number;
  readonly now: number;
  /** How long to wait, ms, where that is known. */
  readonly afterMs?: number | undefined;
  /** The other side asked for `afterMs`. */
  readonly patient?: boolean;
  /** In [0, 1). */
  readonly random: number;
}

/**
 * When the next attempt is due (epoch ms); undefined: give up. What the other side asked for is kept exactly and never counts
 * as giving up; a wait of our own is kept while there is time left; otherwise it doubles, with half of it random so that many lanes do not
 * come back in one moment.
 */
export function nextAttempt(failed: Failed): number | undefined {
  const { policy, acceptedAt, now } = failed;
  if (policy.sharp !== true) return nextInPatience(failed);
  const endsAt = acceptedAt + policy.giveUpAfterMs;
  return now >= endsAt ? undefined : Math.min(endsAt, nextInPatience(failed) ?? endsAt);
}

function nextInPatience(failed: Failed): number | undefined {
  const { policy, attempts, acceptedAt, now, afterMs, patient = false, random } = failed;
  if (afterMs !== undefined && patient) return now + afterMs;
  // A clock that jumped back must not keep a delivery for ever, nor one that jumped forward drop it at its first failure.
  const age = Math.max(0, now - acceptedAt);
  if (age >= policy.giveUpAfterMs && attempts > 3) return undefined;
  if (afterMs !== undefined) return now + afterMs;
  const full = Math.min(policy.longestMs, policy.firstMs * 2 ** Math.min(attempts - 1, 30));
  return now + Math.round(full / 2 + (full / 2) * random);
}
