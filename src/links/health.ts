/**
 * Whether a store of the links outside the bridge's own file can be used. It is looked at every few seconds, as nothing else may ask
 * it for hours, and the log tells when that changes: whatever needs the store meanwhile fails and is tried again and again.
 */
import { StoreUnavailable } from "../errors.js";
import type { Clock } from "../limits.js";
import type { Logger } from "../log.js";
import type { Space } from "../store/keyv-space.js";

export interface LinksHealth {
  /** Begins to look, again and again. Resolves once the store can be used. */
  start(): Promise<void>;
  /** Why it could not be used when last looked at, and what to do; undefined: it could, or was not looked at yet. */
  unwell(): string | undefined;
  /** Writes a value and reads it. Rejects with `StoreUnavailable`: what happened, why, what to do. */
  probe(): Promise<void>;
  stop(): void;
}

export interface LinksHealthDeps {
  /** A namespace of the store. */
  readonly space: Space<string>;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Random text. */
  readonly secret: () => string;
}

const LOOK_EVERY_MS = 3000;
const REMIND_EVERY_MS = 10 * 60_000;
/** What was written for a look ends by itself. */
const KEPT_MS = 60_000;

export function watchLinks({ space, logger, clock, secret }: LinksHealthDeps): LinksHealth {
  // Of this process alone: others may look into the same store.
  const key = secret();
  const stopped = new AbortController();
  let trouble: string | undefined;
  let toldAt = -Infinity;

  const probe = async (): Promise<void> => {
    const written = secret();
    await space.set(key, written, KEPT_MS);
    if ((await space.get(key)) !== written)
      throw new StoreUnavailable("the store of the links does not give back what is written into it");
  };

  const look = async (): Promise<void> => {
    try {
      await probe();
      if (trouble !== undefined) logger.info({ part: "links" }, "the store of the links can be used again");
      [trouble, toldAt] = [undefined, -Infinity];
    } catch (error) {
      trouble = wordsOf(error);
      if (stopped.signal.aborted || clock.monotonic() - toldAt < REMIND_EVERY_MS) return;
      toldAt = clock.monotonic();
      logger.error({ part: "links", reason: trouble }, "the store of the links cannot be used; what needs it waits");
    }
  };

  const restThenLook = async (): Promise<void> => {
    await clock.sleep(LOOK_EVERY_MS, stopped.signal);
    if (!stopped.signal.aborted) await look();
  };

  return {
    async start() {
      await look();
      while (trouble !== undefined && !stopped.signal.aborted) await restThenLook();
      void (async () => {
        while (!stopped.signal.aborted) await restThenLook();
      })();
    },
    unwell: () => trouble,
    probe,
    stop: () => stopped.abort(),
  };
}

/** So long ago it may be why a call fails now. */
const RECENT_MS = 6000;

/** What a store tells of its troubles by itself says more than that a call got no answer. */
export function createTroubles(url: string, monotonic: () => number) {
  let last = { words: "", at: -Infinity };
  return {
    heard(error: unknown): void {
      last = { words: wordsOf(error), at: monotonic() };
    },
    explain(why: string): string {
      const told = monotonic() - last.at < RECENT_MS ? last.words : why;
      return (
        `The store of the links at ${hostOf(url)} cannot be used: ${told}. Until it can, nothing is shown and no reply is sent; ` +
        "all is kept, and goes on by itself. Start that store, or correct `links` in the config."
      );
    },
  };
}

/** Without user, password and database. */
export function hostOf(url: string): string {
  const { protocol, host } = URL.canParse(url) ? new URL(url) : { protocol: `${url.split(":", 1)[0]}:`, host: "…" };
  return `${protocol}//${host}`;
}

/** A host that has several addresses fails with an error for each, and no words of its own. */
function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(wordsOf).join(", ");
  return error instanceof Error ? error.message : String(error);
}
