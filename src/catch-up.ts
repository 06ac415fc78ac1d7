/**
 * Reads the PBX's list of messages at the start, every minute or so, and on suspicion: what no event told of is shown, what an event told
 * wrongly or never is put right. The list is the truth; an event is news of it.
 */
import type { Pace } from "./adapter.js";
import { readFrom } from "./catch-up/read-from.js";
import { byConversation, takeListed, type ListedDeps } from "./catch-up/take-listed.js";
import { RetryLater } from "./errors.js";
import type { Clock, Limits } from "./limits.js";
import type { Logger } from "./log.js";
import type { PbxClient, PbxMessage } from "./pbx/types.js";

export interface CatchUp {
  /** Begins once `ready` resolves. */
  start(ready: Promise<unknown>): void;
  /** Something did not fit: this extension's list is read soon. */
  suspect(extension: number): void;
  stop(): void;
}

export interface CatchUpOptions {
  readonly extensions: readonly number[];
  readonly everyMs: number;
  readonly lookBackMs: number;
}

export interface CatchUpDeps extends ListedDeps {
  readonly pbx: Pick<PbxClient, "messages">;
  readonly clock: Clock;
  readonly limits: Pick<Limits, "offer">;
  readonly logger: Logger;
  pace(extension: number): Pace;
}

/** An event may still be on its way when the list shows its text already. */
const GRACE_MS = 5000;
/** How soon a suspicion is looked into: the PBX may be about to list what it is about. */
const SUSPICION_MS = 2000;
/** How often all of the look-back is read again, in case the PBX's clock was set back. */
const WHOLE_EVERY_MS = 3_600_000;

export function createCatchUp({ extensions, everyMs, lookBackMs }: CatchUpOptions, deps: CatchUpDeps): CatchUp {
  const { clock, logger, store } = deps;
  const stopped = new AbortController();
  const turns = new Map([...new Set(extensions)].map((extension) => [extension, createTurn(clock, stopped.signal)]));

  const follow = async (extension: number, turn: Turn): Promise<void> => {
    const waiting = new Map<string, number>();
    let wholeAt = -Infinity;
    while (!stopped.signal.aborted) {
      const first = wholeAt === -Infinity;
      const whole = clock.monotonic() - wholeAt >= WHOLE_EVERY_MS;
      let rest = everyMs;
      try {
        const open = await inTurn(extension, () => pass(extension, { whole, first, waiting }));
        if (whole) wholeAt = clock.monotonic();
        if (open) rest = Math.min(rest, GRACE_MS);
      } catch (error) {
        logger.warn({ extension, err: error }, "the PBX's list of messages could not be gone through; trying again");
        rest = Math.max(rest, error instanceof RetryLater ? (error.afterMs ?? 0) : 0);
      }
      await turn.rest(rest);
    }
  };

  /** Within the PBX's rate. Never resolves once the limits are closing. */
  const inTurn = <T>(extension: number, work: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      deps.limits.offer(deps.pace(extension), async (slot) => {
        while ((await slot.ready()) && !slot.take());
        await work().then(resolve, reject);
      });
    });

  /** Resolves to whether something is left to look at soon. `waiting`: since when ids are known that no event told of. */
  const pass = async (
    extension: number,
    { whole, first, waiting }: { whole: boolean; first: boolean; waiting: Map<string, number> },
  ): Promise<boolean> => {
    const name = `caught-up.${extension}`;
    const noted = await store.commit((tx) => tx.note(name));
    const seen = noted === undefined ? undefined : Number(noted);
    const since = readFrom({ now: clock.now(), seen, whole, lookBackMs });
    const listed = await deps.pbx.messages.list(extension, { since, order: "oldest-first" });
    // Events that are on their way now may be told late, but the texts of a pause are old.
    const isRipe = ({ id }: PbxMessage): boolean => first || isOlder(waiting, id, clock.monotonic());
    let open = false;
    for (const group of byConversation(listed)) {
      const left = await takeListed(group, { extension, baseline: seen === undefined, isRipe }, deps);
      for (const id of left) if (!waiting.has(id)) waiting.set(id, clock.monotonic());
      open ||= left.length > 0;
    }
    for (const id of waiting.keys()) if (!listed.some((each) => each.id === id)) waiting.delete(id);
    const newest = Math.max(seen ?? 0, ...listed.map(({ at = 0 }) => at));
    if (newest !== seen) await store.commit((tx) => tx.setNote(name, String(newest)));
    return open;
  };

  return {
    start(ready) {
      void ready.then(() => {
        for (const [extension, turn] of turns) void follow(extension, turn);
      });
    },
    suspect: (extension) => turns.get(extension)?.hurry(SUSPICION_MS),
    stop: () => stopped.abort(),
  };
}

function isOlder(waiting: ReadonlyMap<string, number>, id: string, now: number): boolean {
  const since = waiting.get(id);
  return since !== undefined && now - since >= GRACE_MS;
}

interface Turn {
  /** Resolves after `ms`, or sooner when hurried. */
  rest(ms: number): Promise<void>;
  hurry(withinMs: number): void;
}

function createTurn(clock: Clock, stopped: AbortSignal): Turn {
  let resting = new AbortController();
  return {
    async rest(ms) {
      resting = new AbortController();
      await clock.sleep(ms, AbortSignal.any([stopped, resting.signal]));
    },
    hurry(withinMs) {
      const current = resting;
      void clock.sleep(withinMs, AbortSignal.any([stopped, current.signal])).then(() => current.abort());
    },
  };
}
