/** Whether the PBX could be used when it was last called. */
import { RetryLater } from "../errors.js";
import { ListTooLong } from "./lists.js";
import type { PbxClient } from "./types.js";

export interface WatchedPbx {
  readonly client: PbxClient;
  /** Why the last call found the PBX unusable; undefined: it did not, or none was made yet. */
  unwell(): string | undefined;
}

/** A refusal of one request (`GiveUp`) is an answer, and so is a long list: else what is to be tried later says that the PBX is unwell. */
export function watchPbx({ messages, chats, events, authorize }: PbxClient): WatchedPbx {
  let reason: string | undefined;
  const watch =
    <Given extends unknown[], Result>(call: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      try {
        const result = await call(...given);
        reason = undefined;
        return result;
      } catch (error) {
        reason = error instanceof RetryLater && !(error instanceof ListTooLong) ? error.message : undefined;
        throw error;
      }
    };
  return {
    unwell: () => reason,
    client: {
      messages: {
        send: watch(messages.send),
        list: watch(messages.list),
        get: watch(messages.get),
        markRead: watch(messages.markRead),
        remove: watch(messages.remove),
      },
      chats: {
        list: watch(chats.list),
        get: watch(chats.get),
        remove: watch(chats.remove),
        messages: watch(chats.messages),
        markRead: watch(chats.markRead),
        clear: watch(chats.clear),
      },
      events: { list: watch(events.list), add: watch(events.add), remove: watch(events.remove) },
      authorize: watch(authorize),
    },
  };
}
