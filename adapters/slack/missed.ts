/** What people wrote in a thread while nobody listened, as the same events that would have told of it. */
import type { ChatEvent, Missed } from "../../src/adapter.js";
import type { ThreadId } from "../../src/message.js";
import type { SlackApi } from "./api.js";
import { postIdOf, tsOf, whereOf } from "./ids.js";

export interface MissedDeps {
  readonly api: SlackApi;
  /** The event in a body of Slack's Events API, once the names in it are known as far as they can be. */
  readonly read: (body: unknown) => Promise<ChatEvent | undefined>;
}

/** Slack gives some apps 15 at most, whatever they ask for. */
const pageSize = 200;

export function createMissed({ api, read }: MissedDeps) {
  return async (thread: ThreadId, since: number, page?: string): Promise<Missed> => {
    const { channel, ts } = whereOf(thread);
    const asked = {
      channel,
      ts,
      oldest: tsOf(since),
      limit: pageSize,
      ...(page === undefined ? {} : { cursor: page }),
    };
    const answer = await api.call("conversations.replies", "same", (web) => web.conversations.replies(asked), channel);
    const messages = answer.messages ?? [];
    const events: ChatEvent[] = [];
    for (const body of messages.flatMap((message) => bodiesOf(channel, message))) {
      const event = await read(body);
      if (event !== undefined) events.push(event);
    }
    const more = answer.response_metadata?.next_cursor;
    const posts = messages.flatMap((message) =>
      message.ts === undefined ? [] : [postIdOf({ channel, ts: message.ts })],
    );
    return { events, posts, ...(more === undefined || more === "" ? {} : { more }) };
  };
}

/** A message as the event that it was posted and, if it reads differently now, as the event of that change. */
function bodiesOf(channel: string, message: { readonly edited?: object; readonly subtype?: string }): object[] {
  const callback = (event: object): object => ({
    type: "event_callback",
    event: { type: "message", channel, ...event },
  });
  const changed = callback({ subtype: "message_changed", message });
  if (message.subtype === "tombstone") return [changed];
  const posted = callback({ ...message, type: "message", channel });
  return message.edited === undefined ? [posted] : [posted, changed];
}
