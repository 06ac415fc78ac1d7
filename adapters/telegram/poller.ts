/**
 * Long polling that stores first and confirms then: the offset passes an update only once the inbox has it.
 * (telegraf's own polling handles a batch side by side and confirms it even if a handler failed.)
 */
import * as z from "zod";
import { faultPoint } from "../../src/fault-point.js";
import type { Logger } from "../../src/log.js";
import type { Api } from "./api.js";
import type { Memory } from "./chats.js";
import { TelegramFailure } from "./errors.js";
import type { Health } from "./health.js";
import { type Sleep, waitAfter, whyUnwell } from "./patience.js";
import { ALLOWED_UPDATES } from "./wire.js";

export interface Poller {
  start(): void;
  /** Resolves once the update being stored is stored; asks for no more. */
  stop(): Promise<void>;
}

interface Deps {
  readonly api: Api;
  readonly memory: Memory;
  readonly health: Health;
  readonly logger: Logger;
  readonly now: () => number;
  readonly sleep: Sleep;
  /** Resolves once the update may be confirmed. */
  readonly take: (update: unknown) => Promise<void>;
}

const BATCH = z.array(z.looseObject({ update_id: z.int() }));
type Batch = z.infer<typeof BATCH>;

export interface PollerOptions {
  /** Under which the memory holds how far the updates were read. */
  readonly bookmark: string;
  /** How long Telegram may hold a poll open, at most 50. */
  readonly pollSeconds: number;
  /** How much later than that an answer may come before the connection counts as dead. */
  readonly graceMs: number;
}

export function createPoller({ bookmark: key, pollSeconds, graceMs }: PollerOptions, deps: Deps): Poller {
  const { api, health, logger, sleep, take } = deps;
  const stopped = new AbortController();
  const { signal } = stopped;
  const bookmark = createBookmark(key, deps);
  let running: Promise<void> | undefined;

  /** `holdSeconds`: how long Telegram may wait for an update to come. */
  async function fetchBatch(holdSeconds: number): Promise<Batch> {
    const offset = await bookmark.read();
    const answer: unknown = await api.call(
      "getUpdates",
      { timeout: holdSeconds, allowed_updates: ALLOWED_UPDATES, ...(offset === undefined ? {} : { offset }) },
      { timeoutMs: holdSeconds * 1000 + graceMs, signal },
    );
    const batch = BATCH.safeParse(answer);
    if (!batch.success) throw new TelegramFailure("getUpdates", "unanswered", "the answer is no list of updates");
    return batch.data.toSorted((a, b) => a.update_id - b.update_id);
  }

  async function takeAll(batch: Batch): Promise<void> {
    try {
      for (const update of batch) {
        if (signal.aborted) return;
        await take(update);
        bookmark.pass(update.update_id);
      }
    } finally {
      faultPoint("updates.taken");
      await bookmark.write();
    }
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        // After a failure an answer at once tells that all is well again; a held poll would tell it a minute later.
        await takeAll(await fetchBatch(failures === 0 ? pollSeconds : 0));
        failures = 0;
        health.fine("polling");
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        const waitMs = waitAfter(error, failures);
        health.trouble("polling", whyUnwell(error));
        const level = error instanceof TelegramFailure ? "debug" : "error";
        logger[level]({ failures, waitMs, err: error }, "telegram: polling failed");
        await sleep(waitMs, signal);
      }
    }
  }

  return {
    start: () => void (running ??= run()),
    async stop() {
      stopped.abort();
      await running;
    },
  };
}

/** Telegram may start anew at a random number after a week without updates (core.telegram.org/bots/api#update). */
const TRUSTED_MS = 6 * 24 * 3_600_000;

const STORED = z.object({ next: z.int(), at: z.number() });
type Stored = z.infer<typeof STORED>;

/** Which update comes next, durably: a restart confirms what was stored and gets the rest. */
function createBookmark(key: string, { memory, logger, now }: Pick<Deps, "memory" | "logger" | "now">) {
  let place: Stored | undefined;
  let known = false;
  let changed = false;

  async function load(): Promise<void> {
    const text = await memory.get(key);
    place = text === undefined ? undefined : STORED.parse(JSON.parse(text));
    known = true;
  }

  return {
    async read(): Promise<number | undefined> {
      if (!known) await load();
      return place && now() - place.at < TRUSTED_MS ? place.next : undefined;
    },
    pass(id: number): void {
      place = { next: id + 1, at: now() };
      changed = true;
    },
    /** Not stored is not lost: the updates come once more after a restart, and their keys tell that they are known. */
    async write(): Promise<void> {
      if (!changed) return;
      try {
        await memory.set(key, JSON.stringify(place));
        changed = false;
      } catch (error) {
        logger.warn({ err: error }, "telegram: could not remember how far the updates were read");
      }
    },
  };
}
