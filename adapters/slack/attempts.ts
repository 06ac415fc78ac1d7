/** Attempts to post whose answer was lost: found again among the messages that Slack lists, by the key in their metadata. */
import type { Opened } from "../../src/adapter.js";
import { RetryLater } from "../../src/errors.js";
import type { Place, PostId, ThreadId } from "../../src/message.js";
import type { SlackApi } from "./api.js";
import { openedAt, postIdOf, tsOf, whereOf } from "./ids.js";

export interface Attempts {
  /** Slack told of something that happened at this moment (epoch ms, by Slack's clock). */
  saw(at: number): void;
  /** An attempt begins: what it leaves behind is not older than what Slack has told of so far. */
  begin(key: string): void;
  /** Its answer is there. */
  end(key: string): void;
  /** As in the contract. `since`: epoch ms, by our clock. */
  findPost(thread: ThreadId, key: string, since: number): Promise<PostId | undefined>;
  findThread(place: Place, key: string, since: number): Promise<Opened | undefined>;
}

const markerType = "pbx_chat_bridge";

/** Every member can read it: it holds the opaque key and nothing else. */
export const markerOf = (key: string) => ({ event_type: markerType, event_payload: { key } });

/**
 * How far back to look for what an earlier process may have left behind: it had our clock, and that may have been off by hours.
 * Of what this process has begun, the moment is known by Slack's own clock.
 */
const marginMs = 24 * 3_600_000;
const mostRemembered = 1000;

export function createAttempts(api: SlackApi): Attempts {
  /** The latest moment that Slack has told of. */
  let latest: number | undefined;
  /** For each attempt that was not answered, a moment before it, by Slack's clock. */
  const begun = new Map<string, number>();
  /** Where reading broke off, because Slack allows so few calls: the next look goes on from there. */
  const brokeOff = new Map<string, string>();

  const boundOf = (key: string, since: number): number => {
    const bound = begun.get(key) ?? since - marginMs;
    remember(begun, key, bound);
    return bound;
  };

  /** Reads page by page; the `ts` of the message with this key. */
  const findMarked = async (key: string, read: (cursor: { cursor?: string }) => Promise<Page>) => {
    let cursor = brokeOff.get(key);
    do {
      if (cursor !== undefined) remember(brokeOff, key, cursor);
      const page: Page = await read(cursor === undefined ? {} : { cursor }).catch((error: unknown) => {
        const limited = error instanceof RetryLater && error.afterMs !== undefined;
        if (!limited) brokeOff.delete(key);
        throw limited ? waitingAlone(error) : error;
      });
      const found = page.messages?.find(({ metadata }) => metadata !== undefined && isMarkedWith(key, metadata));
      if (found?.ts !== undefined) {
        brokeOff.delete(key);
        return found.ts;
      }
      cursor = page.response_metadata?.next_cursor;
    } while (cursor !== undefined && cursor !== "");
    brokeOff.delete(key);
    return undefined;
  };

  return {
    saw: (at) => {
      latest = Math.max(at, latest ?? at);
    },
    begin: (key) => {
      if (latest !== undefined && !begun.has(key)) remember(begun, key, latest);
    },
    end: (key) => void begun.delete(key),
    async findPost(thread, key, since) {
      const { channel, ts } = whereOf(thread);
      const found = await findMarked(key, (cursor) => {
        const asked = { channel, ts, ...readingFrom(boundOf(key, since)), ...cursor };
        return api.call("conversations.replies", "same", (web) => web.conversations.replies(asked), channel);
      });
      return found === undefined ? undefined : postIdOf({ channel, ts: found });
    },
    async findThread({ chat: channel }, key, since) {
      const found = await findMarked(key, (cursor) => {
        const asked = { channel, ...readingFrom(boundOf(key, since)), ...cursor };
        return api.call("conversations.history", "same", (web) => web.conversations.history(asked), channel);
      });
      return found === undefined ? undefined : openedAt({ channel, ts: found });
    },
  };
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > mostRemembered && oldest !== undefined) map.delete(oldest);
}

/** `oldest` shuts out the moment itself, which may be that of the message looked for. */
const readingFrom = (bound: number) => ({ oldest: tsOf(bound - 1), include_all_metadata: true, limit: 200 });

/** Slack limits reading apart from posting: whoever looks for an attempt waits, and no other post of the channel does. */
const waitingAlone = ({ message, afterMs = 0, cause }: RetryLater): RetryLater =>
  new RetryLater(message, { afterMs, cause });

interface Page {
  readonly messages?: readonly { readonly ts?: string; readonly metadata?: Metadata }[];
  readonly response_metadata?: { readonly next_cursor?: string };
}

interface Metadata {
  readonly event_type?: string;
  readonly event_payload?: object;
}

const isMarkedWith = (key: string, { event_type: type, event_payload: payload }: Metadata): boolean =>
  type === markerType && payload !== undefined && "key" in payload && payload.key === key;
