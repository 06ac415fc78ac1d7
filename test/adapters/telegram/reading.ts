/** Updates as Telegram sends them, and the context they are read in. */
import type { ReadingContext } from "../../../adapters/telegram/from-telegram.js";

export const NOW = Date.UTC(2026, 4, 4, 12, 0, 0);
export const ANN = { id: 77, is_bot: false, first_name: "Ann", last_name: "Lee" };
export const BOT = { id: 710, is_bot: true, first_name: "SMS" };
export const FORUM = { id: -1001, type: "supergroup", title: "Texts", is_forum: true };
export const GROUP = { id: -12, type: "group", title: "Small" };
export const PRIVATE = { id: 77, type: "private", first_name: "Ann" };

export function context(changes: Partial<ReadingContext> = {}): ReadingContext {
  return {
    room: (actual) => ({ chat: String(actual), actual }),
    isPlace: (chat) => ["-1001", "-12", "77"].includes(chat),
    wasPlace: () => false,
    allowedUsers: new Set([77]),
    username: "smsbot",
    bot: 710,
    receivedAt: NOW,
    ...changes,
  };
}

export function message(fields: object): object {
  return { update_id: 1, message: { message_id: 5, date: 1_777_000_000, from: ANN, chat: GROUP, ...fields } };
}

/** In topic 3 of the forum; a plain message of a topic "answers" the topic's first service message. */
export function inTopic(fields: object): object {
  return message({
    chat: FORUM,
    message_thread_id: 3,
    is_topic_message: true,
    reply_to_message: { message_id: 3, forum_topic_created: { name: "x", icon_color: 1 } },
    ...fields,
  });
}
