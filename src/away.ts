/**
 * What people wrote while the bridge was away, or a connection was: read from the threads of open conversations, where a platform can
 * be read, and handed in like any other event. What is known already has the same key and counts no second time.
 *
 * One pass at a time for each platform, in the background and slowly: the platforms allow few such calls, and live work goes first.
 */
import type { ChatAdapter, ChatEvent, Inbox, ReadsMissed } from "./adapter.js";
import { RetryLater } from "./errors.js";
import { rateCount, type Clock } from "./limits.js";
import type { Logger } from "./log.js";
import type { ConversationId, Place, ThreadId } from "./message.js";

export interface AwayDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** A small durable store of its own. */
  readonly memory: { get(key: string): Promise<string | undefined>; set(key: string, value: string): Promise<void> };
  /** Conversations with texts since then (epoch ms), the latest first. */
  conversationsSince(since: number): readonly ConversationId[];
  /** The threads in which the platform shows the conversation now. */
  threadsOf(conversation: ConversationId, platform: string): Promise<readonly { place: Place; thread: ThreadId }[]>;
  /** For metrics: so many events were read that nobody had told of. */
  found?(platform: string, count: number): void;
}

export interface Away {
  /** Hands on to the platform's inbox, and keeps in mind how far the platform's clock has got. */
  inbox(adapter: ChatAdapter, inbox: Inbox): Inbox;
  /** Reads what may have been missed; when a pass is under way, once more after it. */
  look(adapter: ChatAdapter): void;
  /** Reads no more. Resolves once what is being stored is stored. */
  stop(): Promise<void>;
}

const HOUR_MS = 3_600_000;
/** A conversation in which nothing happened for two weeks is hardly answered in an hour when the bridge is away. */
const OPEN_MS = 14 * 24 * HOUR_MS;
/**
 * Never further back, although the bridge may have been away for longer: keys of events are remembered for seven days, and what is read
 * after that would look new.
 */
const FURTHEST_MS = 6 * 24 * HOUR_MS;
/** From so long before the last event: one may have got lost before it, and what was sent lately may have been edited since. */
const OVERLAP_MS = 24 * HOUR_MS;
/** 30 a minute of Slack's 50 for this kind of call; the rest is for looking up attempts. */
const PACE = { kind: "bucket", key: "away", limit: 10, perMs: 2000 } as const;
const WRITE_EVERY_MS = 60_000;
const FIRST_WAIT_MS = 5000;
const LONGEST_WAIT_MS = 5 * 60_000;

export function createAway(deps: AwayDeps): Away {
  const { clock, logger, memory } = deps;
  const stopped = new AbortController();
  const { signal } = stopped;
  const inboxes = new Map<string, Inbox>();
  const passes = new Map<string, { again: boolean; readonly done: Promise<void> }>();
  const latest = new Map<string, { at: number; written: number }>();

  /* How far the platform has told, by its own clock */

  const note = ({ place, at }: ChatEvent): void => {
    const key = keyOf(place);
    const known = latest.get(key);
    if (known !== undefined && known.at >= at) return;
    const now = clock.monotonic();
    const due = known === undefined || now - known.written >= WRITE_EVERY_MS;
    latest.set(key, { at, written: due ? now : known.written });
    if (due) void write(key, at);
  };

  /** An older moment than the last one costs nothing but a longer look. */
  const write = async (key: string, at: number): Promise<void> =>
    memory.set(key, String(at)).catch((error: unknown) => {
      logger.warn({ err: error }, "how far a platform has told could not be remembered");
    });

  const sinceFor = async (place: Place): Promise<number> => {
    const stored = Number((await memory.get(keyOf(place))) ?? 0);
    return Math.max(stored - OVERLAP_MS, clock.now() - FURTHEST_MS);
  };

  /* Passes */

  const pass = async (adapter: ChatAdapter & ReadsMissed, inbox: Inbox): Promise<void> => {
    const { platform } = adapter;
    const pace = rateCount(PACE);
    const turn = async (): Promise<void> => {
      const now = clock.monotonic();
      if (pace.freeAt(now) > now) await clock.sleep(pace.freeAt(now) - now, signal);
      pace.take(clock.monotonic());
    };
    const since = new Map<string, number>();
    let threads = 0;
    let events = 0;
    for (const conversation of deps.conversationsSince(clock.now() - OPEN_MS)) {
      for (const { place, thread } of await deps.threadsOf(conversation, platform)) {
        if (signal.aborted) return;
        const from = since.get(keyOf(place)) ?? (await sinceFor(place));
        since.set(keyOf(place), from);
        const missed = await readThread(adapter, thread, from, turn);
        for (const event of missed) if (!signal.aborted) await inbox.accept(event);
        threads += 1;
        events += missed.length;
      }
    }
    if (events > 0) deps.found?.(platform, events);
    logger.info({ platform, threads, events }, "threads were read for what was written meanwhile");
  };

  /** All of it, in the order in which it happened; a thread that cannot be read holds up none of the others. */
  const readThread = async (
    adapter: ReadsMissed,
    thread: ThreadId,
    since: number,
    turn: () => Promise<void>,
  ): Promise<readonly ChatEvent[]> => {
    const events: ChatEvent[] = [];
    let page: string | undefined;
    let waitMs = FIRST_WAIT_MS;
    while (!signal.aborted) {
      await turn();
      if (signal.aborted) break;
      try {
        const { events: some, more } = await adapter.missed(thread, since, page);
        events.push(...some);
        if (more === undefined) break;
        page = more;
        waitMs = FIRST_WAIT_MS;
      } catch (error) {
        if (!(error instanceof RetryLater)) {
          logger.warn({ err: error }, "a thread could not be read for what was written meanwhile");
          break;
        }
        await clock.sleep(error.afterMs ?? waitMs, signal);
        waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
      }
    }
    return events.toSorted((a, b) => a.at - b.at);
  };

  const passAgainAndAgain = async (adapter: ChatAdapter & ReadsMissed, inbox: Inbox): Promise<void> => {
    const { platform } = adapter;
    do {
      const current = passes.get(platform);
      if (current !== undefined) current.again = false;
      await pass(adapter, inbox).catch((error: unknown) => {
        logger.error({ err: error, platform }, "what was written meanwhile could not be read");
      });
    } while (passes.get(platform)?.again === true && !signal.aborted);
    passes.delete(platform);
  };

  return {
    inbox(adapter, inbox) {
      inboxes.set(adapter.platform, inbox);
      return {
        async accept(event) {
          await inbox.accept(event);
          note(event);
        },
        gap: () => this.look(adapter),
      };
    },
    look(adapter) {
      const inbox = inboxes.get(adapter.platform);
      if (inbox === undefined || !readsMissed(adapter) || signal.aborted) return;
      const current = passes.get(adapter.platform);
      if (current !== undefined) return void (current.again = true);
      const entry = { again: false, done: Promise.resolve().then(() => passAgainAndAgain(adapter, inbox)) };
      passes.set(adapter.platform, entry);
    },
    async stop() {
      stopped.abort();
      await Promise.all([...passes.values()].map(({ done }) => done));
      for (const [key, { at }] of latest) await write(key, at);
    },
  };
}

const keyOf = ({ platform, chat }: Place): string => `${platform} ${chat}`;

function readsMissed(adapter: ChatAdapter): adapter is ChatAdapter & ReadsMissed {
  return "missed" in adapter;
}
