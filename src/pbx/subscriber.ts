/**
 * Keeps the extensions' event subscriptions while the bridge runs: somebody may remove them at the PBX, or the PBX may forget them. They
 * are looked at every few minutes, and soon after a text that no event told of.
 */
import { createTurn, type Turn } from "../turn.js";
import { GiveUp, RetryLater } from "../errors.js";
import type { Clock } from "../limits.js";
import type { Logger } from "../log.js";
import { ensureExtension, report, type Subscribed, type WantedEvent } from "./subscriptions.js";
import type { PbxClient } from "./types.js";

export interface Subscriber {
  /**
   * Resolves once each extension was looked at for the first time, whatever came of it: one that fails holds up none of the others, and
   * all are looked at again and again.
   */
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
/** After a look that failed: twice as long after each, and at most a minute, unless the PBX asked for more. */
const FIRST_AGAIN_MS = 1000;
const LONGEST_AGAIN_MS = 60_000;
/** After a suspicion. */
const SOON_MS = 2000;

interface Failure {
  readonly reason: string;
  readonly againMs: number;
  /** By the PBX: not before. */
  readonly askedMs: number;
}

/** `url`: where this bridge takes events, with its secret. */
export function createSubscriber(extensions: readonly number[], url: string, deps: SubscriberDeps): Subscriber {
  const { client, clock, logger } = deps;
  const stopped = new AbortController();
  const turns = new Map([...new Set(extensions)].map((each) => [each, createTurn(clock, SOON_MS, stopped.signal)]));
  const failures = new Map<number, Failure>();
  /** Of the extensions that were in order once: the types that the PBX refused then. */
  const refused = new Map<number, readonly WantedEvent[]>();

  const look = async (extension: number): Promise<void> => {
    const before = refused.get(extension);
    const done = await ensureExtension(client, extension, url, before);
    failures.delete(extension);
    if (before !== undefined) return tellOf(done);
    refused.set(extension, done.refused);
    report(done, logger);
  };

  const tellOf = ({ extension, added, removed }: Subscribed): void => {
    const done = { extension, added, removed };
    if (added.length > 0) {
      logger.warn(done, "The PBX had lost its subscriptions to these events, and told of none; they are made again");
      deps.wereMissing(extension);
    } else if (removed > 0) logger.info(done, "Stale subscriptions to the PBX's events were removed");
  };

  const failed = (extension: number, error: unknown): void => {
    const reason = error instanceof Error ? error.message : String(error);
    const before = failures.get(extension);
    if (before?.reason !== reason) {
      const level =
        refused.has(extension) && (error instanceof RetryLater || error instanceof GiveUp) ? "warn" : "error";
      logger[level]({ extension, err: error }, "The PBX's events could not be subscribed to; trying again and again");
    }
    const againMs = Math.min(LONGEST_AGAIN_MS, before === undefined ? FIRST_AGAIN_MS : before.againMs * 2);
    failures.set(extension, { reason, againMs, askedMs: error instanceof RetryLater ? (error.afterMs ?? 0) : 0 });
  };

  const tryToLook = async (extension: number): Promise<void> => {
    if (stopped.signal.aborted) return;
    try {
      await deps.anotherCall();
      await look(extension);
    } catch (error) {
      if (!stopped.signal.aborted) failed(extension, error);
    }
  };

  const follow = async (extension: number, turn: Turn): Promise<void> => {
    while (!stopped.signal.aborted) {
      const { againMs = LOOK_EVERY_MS, askedMs = 0 } = failures.get(extension) ?? {};
      await turn.rest(Math.max(againMs, askedMs), askedMs);
      await tryToLook(extension);
    }
  };

  return {
    async begin() {
      for (const [extension, turn] of turns) {
        await tryToLook(extension);
        void follow(extension, turn);
      }
    },
    suspect: (extension) => turns.get(extension)?.hurry(),
    unwell() {
      const [failure] = failures;
      return failure && `The events of extension ${failure[0]} cannot be subscribed to: ${failure[1].reason}`;
    },
    stop: () => stopped.abort(),
  };
}
