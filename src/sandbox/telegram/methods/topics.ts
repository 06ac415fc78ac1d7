/** Forum topics: opening, renaming, closing, opening again, deleting. */
import type { ForumTopic } from "@grammyjs/types";
import { chatOf } from "../access.js";
import { badRequest } from "../errors.js";
import type { Params } from "../params.js";
import { hasParam, integerOf, stringOf } from "../params.js";
import type { Chat, Right, Topic } from "../state.js";
import { hasRight } from "../state.js";
import type { Telegram } from "../telegram.js";
import { dropTopic, openTopic, renameTopic, setTopicClosed } from "../telegram.js";
import type { Methods } from "./method.js";

export const topicMethods: Methods = {
  createForumTopic,
  editForumTopic,
  closeForumTopic: (telegram, params) => toggleTopic(telegram, params, true),
  reopenForumTopic: (telegram, params) => toggleTopic(telegram, params, false),
  deleteForumTopic,
};

const COLOURS = [0x6fb9f0, 0xffd67e, 0xcb86db, 0x8eee98, 0xff93b2, 0xfb6f5f];
/** UTF-16 units. Longer names are cut, not refused (tdlib's ForumTopicManager). */
const LONGEST_NAME = 128;

function forumOf(telegram: Telegram, params: Params): Chat {
  const chat = chatOf(telegram.state, params, "write");
  if (!chat.forum) throw badRequest("the chat is not a forum");
  return chat;
}

function topicOf(telegram: Telegram, chat: Chat, params: Params, right: Right, deed: string): Topic {
  const id = integerOf(params, "message_thread_id");
  if (id === 0) throw badRequest("invalid forum topic identifier specified");
  const topic = chat.topics.get(id);
  if (!hasRight(chat, right) && topic?.creator !== telegram.state.bot.id) {
    throw badRequest(`not enough rights to ${deed} the topic`);
  }
  if (topic === undefined) throw badRequest("TOPIC_ID_INVALID");
  return topic;
}

function cleanName(name: string): string {
  return name.replaceAll(/\s+/g, " ").trim().slice(0, LONGEST_NAME).trim();
}

function createForumTopic(telegram: Telegram, params: Params): ForumTopic {
  const chat = forumOf(telegram, params);
  if (!hasRight(chat, "can_manage_topics")) throw badRequest("not enough rights to create a topic");
  const name = cleanName(stringOf(params, "name"));
  if (name === "") throw badRequest("name must be non-empty");
  const colour = integerOf(params, "icon_color");
  if (colour !== 0 && !COLOURS.includes(colour)) throw badRequest("invalid icon color specified");
  const emoji = stringOf(params, "icon_custom_emoji_id");
  const {
    creator: _,
    closed: __,
    ...topic
  } = openTopic(telegram, chat, telegram.state.bot.id, {
    name,
    ...(colour === 0 ? {} : { colour }),
    ...(emoji === "" ? {} : { emoji }),
  });
  return topic;
}

function editForumTopic(telegram: Telegram, params: Params): true {
  const chat = forumOf(telegram, params);
  const topic = topicOf(telegram, chat, params, "can_manage_topics", "edit");
  const given = stringOf(params, "name");
  const name = cleanName(given);
  if (given !== "" && name === "") throw badRequest("name must be non-empty");
  const emoji = hasParam(params, "icon_custom_emoji_id") ? stringOf(params, "icon_custom_emoji_id") : undefined;
  if (name === "" && emoji === undefined) return true;
  const renamed = name !== "" && name !== topic.name;
  const redrawn = emoji !== undefined && emoji !== (topic.icon_custom_emoji_id ?? "");
  if (!renamed && !redrawn) throw badRequest("TOPIC_NOT_MODIFIED");
  renameTopic(telegram, chat, telegram.state.bot.id, topic, {
    ...(renamed ? { name } : {}),
    ...(redrawn ? { icon_custom_emoji_id: emoji } : {}),
  });
  return true;
}

function toggleTopic(telegram: Telegram, params: Params, closed: boolean): true {
  const chat = forumOf(telegram, params);
  if (chat.type === "private") throw badRequest("the chat is not a supergroup forum");
  const topic = topicOf(telegram, chat, params, "can_manage_topics", "close or open");
  if (topic.closed === closed) throw badRequest("TOPIC_NOT_MODIFIED");
  setTopicClosed(telegram, chat, telegram.state.bot.id, topic, closed);
  return true;
}

function deleteForumTopic(telegram: Telegram, params: Params): true {
  const chat = forumOf(telegram, params);
  const topic = topicOf(telegram, chat, params, "can_delete_messages", "delete");
  dropTopic(telegram, chat, topic.message_thread_id);
  return true;
}
