/**
 * Reads the PBX's list of messages at the start, every minute or so, and on suspicion: what no event told of is shown, what an event told
 * wrongly or never is put right. The list is the truth; an event is news of it.
 */
import type { Pace } from "./adapter.js";
import { reachAfter, readFrom, readReach, writeReach } from "./catch-up/reach.js";
import { portionsOf, takeListed, type ListedDeps } from "./catch-up/take-listed.js";
import { createTurn, type Turn } from "./turn.js";
import { RetryLater } from "./errors.js";
import type { Clock, Limits } from "./limits.js";
import type { Logger } from "./log.js";
import { APART_MS } from "./matching.js";
import type { PbxClient, PbxMessage } from "./pbx/types.js";

export interface CatchUp {
  /** Begins: the PBX can be reached. */
  start(): void;
  /** Something did not fit: this extension's list is read soon. */
  suspect(extension: number): void;
  stop(): void;
}

export interface CatchUpOptions {
  readonly extensions: readonly number[];
  readonly everyMs: number;
  readonly lookBackMs: number;
  /** So long the ledger keeps what it knows. */
  readonly knownForMs: number;
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

/** What a look left open: since when it is known (monotonic ms), and its own time. */
type Open = Map<string, { readonly since: number; readonly at: number | undefined }>;

export function createCatchUp(options: CatchUpOptions, deps: CatchUpDeps): CatchUp {
  const { clock, logger } = deps;
  const stopped = new AbortController();
  const extensions = [...new Set(options.extensions)];
  const turns = new Map(extensions.map((extension) => [extension, createTurn(clock, SUSPICION_MS, stopped.signal)]));

  const follow = async (extension: number, turn: Turn): Promise<void> => {
    let open: Open = new Map();
    let wholeAt = -Infinity;
    while (!stopped.signal.aborted) {
      const whole = clock.monotonic() - wholeAt >= WHOLE_EVERY_MS;
      const look = { extension, whole, first: wholeAt === -Infinity, open };
      try {
        open = await inTurn(extension, () => lookThrough(look));
        if (whole) wholeAt = clock.monotonic();
        await turn.rest(open.size > 0 ? Math.min(options.everyMs, GRACE_MS) : options.everyMs);
      } catch (error) {
        if (stopped.signal.aborted) return;
        logger.warn({ extension, err: error }, "the PBX's list of messages could not be gone through; trying again");
        const told = error instanceof RetryLater ? (error.afterMs ?? 0) : 0;
        await turn.rest(Math.max(options.everyMs, told), told);
      }
    }
  };

  /** Within the PBX's rate. Never resolves once the limits are closing. */
  const inTurn = <T>(extension: number, work: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      deps.limits.offer(deps.pace(extension), async (slot) => {
        do if (!(await slot.ready())) return;
        while (!slot.take());
        await work().then(resolve, reject);
      });
    });

  const lookThrough = async (look: Look): Promise<Open> => goThrough(look, options, deps);

  return {
    start() {
      for (const [extension, turn] of turns) void follow(extension, turn);
    },
    suspect: (extension) => turns.get(extension)?.hurry(),
    stop: () => stopped.abort(),
  };
}

interface Look {
  readonly extension: number;
  /** All of the look-back, not only what came since the last look. */
  readonly whole: boolean;
  /** Since the start. */
  readonly first: boolean;
  /** What the last look left open. */
  readonly open: Open;
}

/** Resolves to what is left open, to be looked at soon. */
async function goThrough(look: Look, options: CatchUpOptions, deps: CatchUpDeps): Promise<Open> {
  const { store, clock, pbx } = deps;
  const { extension, whole, first } = look;
  const name = `caught-up.${extension}`;
  const reach = readReach(await store.commit((tx) => tx.note(name)));
  const now = clock.now();
  const since = readFrom({ ...options, now, reach, whole, open: timesOf([...look.open.values()]) });
  const given = await pbx.messages.list(extension, { since, order: "oldest-first" });
  const listed = given.map((each) => asOurs(each, { extension, now }));
  // Events that are on their way now may be told late, but the texts of a pause are old.
  const isRipe = ({ id }: PbxMessage): boolean => first || clock.monotonic() - sinceOf(look, id, clock) >= GRACE_MS;
  const fadingBefore = now - options.knownForMs / 2;
  const looking = { extension, baseline: reach === undefined, isRipe, fadingBefore };
  const left: PbxMessage[] = [];
  for (const portion of portionsOf(listed)) left.push(...(await takeListed(portion, looking, deps)));
  const after = reachAfter(reach, { now, since, listed: timesOf(listed), open: timesOf(left) });
  if (writeReach(after) !== (reach && writeReach(reach)))
    await store.commit((tx) => tx.setNote(name, writeReach(after)));
  return new Map(left.map(({ id, at }) => [id, { since: sinceOf(look, id, clock), at }]));
}

function sinceOf({ open }: Look, id: string, clock: Clock): number {
  return open.get(id)?.since ?? clock.monotonic();
}

function timesOf(of: readonly { readonly at?: number | undefined }[]): readonly number[] {
  return of.flatMap(({ at }) => at ?? []);
}

/** An entry is of the extension whose list has it, whatever extension it names. A time that cannot be is none. */
function asOurs({ at, ...message }: PbxMessage, { extension, now }: { extension: number; now: number }): PbxMessage {
  const time = at === undefined || at > now + APART_MS ? {} : { at };
  return { ...message, ...time, extension };
}
