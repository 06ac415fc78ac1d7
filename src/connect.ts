/** Brings the outside's parts up and keeps trying; one that is down holds up none of the others. */
import { RetryLater } from "./errors.js";
import type { PartHealth } from "./http/status.js";
import type { Clock } from "./limits.js";
import type { Logger } from "./log.js";

export interface Part {
  readonly name: string;
  /** Resolves once connected. */
  connect(): Promise<void>;
  /** After that: why it is not well at the moment. */
  unwell?(): string | undefined;
}

export interface Connections {
  /** Tries all parts for the first time; the parts that failed go on being tried. */
  start(): Promise<void>;
  /** Resolves when every part has connected, or when stopped. */
  readonly all: Promise<void>;
  isConnected(name: string): boolean;
  health(): PartHealth[];
  stop(): Promise<void>;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;

export function createConnections(
  parts: readonly Part[],
  { clock, logger }: { clock: Clock; logger: Logger },
): Connections {
  const failures = new Map<string, string>(parts.map(({ name }) => [name, "is being connected"]));
  const stopped = new AbortController();
  let finish: () => void = () => {};
  const all = new Promise<void>((resolve) => (finish = resolve));
  let running: Promise<void>[] = [];

  const attempt = async ({ name, connect }: Part): Promise<number | undefined> => {
    try {
      await connect();
      failures.delete(name);
      logger.info({ part: name }, "connected");
      return undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!stopped.signal.aborted && failures.get(name) !== reason)
        logger.error({ part: name, err: error }, "could not connect; trying again and again");
      failures.set(name, reason);
      return error instanceof RetryLater ? (error.afterMs ?? 0) : 0;
    }
  };

  const keepTrying = async (part: Part, firstWait: number): Promise<void> => {
    let wait = FIRST_WAIT_MS;
    let told: number | undefined = firstWait;
    while (told !== undefined && !stopped.signal.aborted) {
      await clock.sleep(Math.max(wait, told), stopped.signal);
      if (stopped.signal.aborted) return;
      told = await attempt(part);
      wait = Math.min(LONGEST_WAIT_MS, wait * 2);
    }
  };

  return {
    async start() {
      const first = await Promise.all(parts.map(attempt));
      running = parts.flatMap((part, index) => {
        const told = first[index];
        return told === undefined ? [] : [keepTrying(part, told)];
      });
      void Promise.all(running).then(finish);
    },
    all,
    isConnected: (name) => !failures.has(name),
    health: () =>
      parts.map(({ name, unwell }) => {
        const reason = failures.get(name) ?? unwell?.();
        return reason === undefined ? { part: name, ok: true } : { part: name, ok: false, reason };
      }),
    async stop() {
      stopped.abort();
      await Promise.all(running);
    },
  };
}
