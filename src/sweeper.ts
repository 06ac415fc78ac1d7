/** Sweeps the store again and again while the bridge runs. */
import type { Clock } from "./limits.js";
import type { Logger } from "./log.js";
import type { Store } from "./store/port.js";

const FIRST_AFTER_MS = 60_000;
const EVERY_MS = 10 * 60_000;

export interface Sweeper {
  start(): void;
  /** Resolves once no sweep is under way. */
  stop(): Promise<void>;
}

export function createSweeper({ store, clock, logger }: { store: Store; clock: Clock; logger: Logger }): Sweeper {
  const stopped = new AbortController();
  const { signal } = stopped;
  let running = Promise.resolve();

  const sweep = async (): Promise<void> => {
    try {
      const swept = await store.sweep(signal);
      if (swept.aside > 0)
        logger.warn({ count: swept.aside }, "nobody decided on what was set aside; it was discarded, being too old");
    } catch (error) {
      logger.error({ err: error }, "old rows were not removed");
    }
  };

  const again = async (): Promise<void> => {
    await clock.sleep(FIRST_AFTER_MS, signal);
    while (!signal.aborted) {
      await sweep();
      await clock.sleep(EVERY_MS, signal);
    }
  };

  return {
    start() {
      running = again();
    },
    async stop() {
      stopped.abort();
      await running;
    },
  };
}
