/**
 * Keeps the extensions' event subscriptions while the bridge runs: somebody may remove them at the PBX, or the PBX may forget them. They
 * are looked at every few minutes, and soon after a text that no event told of.
 */
import { createTurn, type Turn } from "../turn.js";
import { GiveUp, RetryLater } from "../errors.js";
import type { Clock } from "../limits.js";
import type { Logger } from "../log.js";
import { ensureExtension, ensureSubscriptions, type WantedEvent } from "./subscriptions.js";
import type { PbxClient } from "./types.js";

export interface Subscriber {
  /** Brings all in order, as `ensureSubscriptions` does; they are looked at again once that succeeded. */
  begin(): Promise<void>;
  /** A text came that no event told of. */
  suspect(extension: number): void;
  /** Why the last look at an extension failed. */
  unwell(): string | undefined;
  stop(): void;
}

export interface SubscriberDeps {
  readonly client: Pick<PbxClient, "events">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Resolves when the PBX's rate allows one more call. */
  anotherCall(): Promise<void>;
  /** Some were missing: its texts were not told of meanwhile. */
  wereMissing(extension: number): void;
}

const LOOK_EVERY_MS = 5 * 60_000;
/** After a look that failed. */
const AGAIN_AFTER_MS = 60_000;
/** After a suspicion. */
const SOON_MS = 2000;

/** `url`: where this bridge takes events, with its secret. */
export function createSubscriber(extensions: readonly number[], url: string, deps: SubscriberDeps): Subscriber {
  const { client, clock, logger } = deps;
  const stopped = new AbortController();
  const turns = new Map([...new Set(extensions)].map((each) => [each, createTurn(clock, SOON_MS, stopped.signal)]));
  const failures = new Map<number, string>();
  const refused = new Map<number, readonly WantedEvent[]>();

  const look = async (extension: number): Promise<void> => {
    const { added, removed } = await ensureExtension(client, extension, url, refused.get(extension));
    failures.delete(extension);
    const done = { extension, added, removed };
    if (added.length > 0) {
      logger.warn(done, "The PBX had lost its subscriptions to these events, and told of none; they are made again");
      deps.wereMissing(extension);
    } else if (removed > 0) logger.info(done, "Stale subscriptions to the PBX's events were removed");
  };

  const failed = (extension: number, error: unknown): void => {
    const reason = error instanceof Error ? error.message : String(error);
    if (failures.get(extension) !== reason) {
      const level = error instanceof RetryLater || error instanceof GiveUp ? "warn" : "error";
      logger[level]({ extension, err: error }, "The subscriptions to the PBX's events could not be kept; trying again");
    }
    failures.set(extension, reason);
  };

  const follow = async (extension: number, turn: Turn): Promise<void> => {
    while (!stopped.signal.aborted) {
      await turn.rest(failures.has(extension) ? AGAIN_AFTER_MS : LOOK_EVERY_MS);
      if (stopped.signal.aborted) return;
      try {
        await deps.anotherCall();
        await look(extension);
      } catch (error) {
        if (stopped.signal.aborted) return;
        failed(extension, error);
      }
    }
  };

  return {
    async begin() {
      for (const done of await ensureSubscriptions(client, turns.keys(), url, logger))
        refused.set(done.extension, done.refused);
      for (const [extension, turn] of turns) void follow(extension, turn);
    },
    suspect: (extension) => turns.get(extension)?.hurry(),
    unwell() {
      const [failure] = failures;
      return failure && `The events of extension ${failure[0]} cannot be subscribed to: ${failure[1]}`;
    },
    stop: () => stopped.abort(),
  };
}
