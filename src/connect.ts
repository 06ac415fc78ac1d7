/** Brings the outside's parts up and keeps trying; one that is down holds up none of the others. */
import { RetryLater } from "./errors.js";
import type { PartHealth } from "./http/status.js";
import type { Clock } from "./limits.js";
import type { Logger } from "./log.js";

export interface Part {
  readonly name: string;
  /** Resolves once connected, or when the part is stopped before. */
  connect(): Promise<void>;
  /** After that: why it is not well at the moment. */
  unwell?(): string | undefined;
}

export interface Connections {
  /** Begins to connect all parts, side by side, each until it succeeds. */
  start(): void;
  /** Resolves to true when every part has connected, to false when stopped before. */
  readonly all: Promise<boolean>;
  isConnected(name: string): boolean;
  health(): PartHealth[];
  /** Tries no more. What is being tried ends with the part itself. */
  stop(): void;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
const CONNECTING = "is being connected";
/** How often parts are asked whether they are well, so that what waits for one that is again need not wait much longer. */
const LOOK_EVERY_MS = 1000;

export interface ConnectionsDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called when a part is connected, or well again after it was not. */
  recovered?(name: string): void;
}

export function createConnections(parts: readonly Part[], { clock, logger, recovered }: ConnectionsDeps): Connections {
  const failures = new Map<string, string>(parts.map(({ name }) => [name, CONNECTING]));
  const stopped = new AbortController();
  let tell: (connected: boolean) => void = () => {};
  const all = new Promise<boolean>((resolve) => (tell = resolve));

  const attempt = async ({ name, connect }: Part): Promise<number | undefined> => {
    try {
      await connect();
      // Who is told to stop ends its start as well, connected or not.
      if (stopped.signal.aborted) return undefined;
      failures.delete(name);
      logger.info({ part: name }, "connected");
      recovered?.(name);
      return undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!stopped.signal.aborted && failures.get(name) !== reason)
        logger.error({ part: name, err: error }, "could not connect; trying again and again");
      failures.set(name, reason);
      return error instanceof RetryLater ? (error.afterMs ?? 0) : 0;
    }
  };

  const keepTrying = async (part: Part): Promise<void> => {
    let told = await attempt(part);
    for (let wait = FIRST_WAIT_MS; told !== undefined; wait = Math.min(LONGEST_WAIT_MS, wait * 2)) {
      await clock.sleep(Math.max(wait, told), stopped.signal);
      if (stopped.signal.aborted) return;
      told = await attempt(part);
    }
  };

  const watch = async ({ name, unwell }: Part): Promise<void> => {
    for (let wasWell = true; !stopped.signal.aborted;) {
      const isWell = unwell?.() === undefined;
      if (isWell && !wasWell && !failures.has(name)) recovered?.(name);
      wasWell = isWell;
      await clock.sleep(LOOK_EVERY_MS, stopped.signal);
    }
  };

  return {
    start() {
      void Promise.all(parts.map(keepTrying)).then(() => tell(!stopped.signal.aborted));
      for (const part of parts) if (part.unwell !== undefined) void watch(part);
    },
    all,
    isConnected: (name) => !failures.has(name),
    health: () =>
      parts.map(({ name, unwell }) => {
        const failure = failures.get(name);
        // A part that is still being connected may know better why.
        const reason = failure === undefined || failure === CONNECTING ? (unwell?.() ?? failure) : failure;
        return reason === undefined ? { part: name, ok: true } : { part: name, ok: false, reason };
      }),
    stop() {
      stopped.abort();
      tell(false);
    },
  };
}
