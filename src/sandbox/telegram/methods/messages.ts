/** Sending, editing, deleting, reacting, pinning. */
import type { InlineKeyboardMarkup, LinkPreviewOptions } from "@grammyjs/types";
import { chatOf, mayWrite, mayWriteInto, messageOf, replyAsked, topicAsked } from "../access.js";
import type { Formatted } from "../entities.js";
import { fitText, readEntities } from "../entities.js";
import { badRequest } from "../errors.js";
import { parseHtml } from "../html.js";
import { readKeyboard } from "../keyboard.js";
import type { Params } from "../params.js";
import { flagOf, integerOf, isRecord, nestedOf, stringOf } from "../params.js";
import { readReactions } from "../reactions.js";
import type { Chat, State, StoredMessage, Topic } from "../state.js";
import { hasRight } from "../state.js";
import type { Telegram } from "../telegram.js";
import { addMessage, dropMessage, pin, textContent } from "../telegram.js";
import { wireMessage } from "../wire.js";
import type { Methods } from "./method.js";

/** For a bot, whatever its rights: unlike people, it cannot delete older messages as an administrator (tdlib's MessagesManager). */
const DELETABLE_MS = 48 * 3_600_000;

export const messageMethods: Methods = {
  sendMessage,
  editMessageText,
  editMessageReplyMarkup,
  deleteMessage,
  setMessageReaction,
  pinChatMessage,
  unpinChatMessage,
};

function readText(params: Params): Formatted {
  const text = stringOf(params, "text");
  if (text === "") throw badRequest("message text is empty");
  const mode = stringOf(params, "parse_mode").toLowerCase();
  if (mode === "html") return fitText(parseHtml(text));
  if (mode !== "" && mode !== "none") throw badRequest("unsupported parse_mode");
  return fitText({ text, entities: readEntities(nestedOf(params, "entities", "can't parse entities JSON object")) });
}

function readLinkPreview(params: Params): LinkPreviewOptions | undefined {
  const options = nestedOf(params, "link_preview_options", "can't parse link preview options JSON object");
  if (options === undefined) return undefined;
  if (!isRecord(options)) throw badRequest("object expected as link preview options");
  return flagOf(options, "is_disabled") ? { is_disabled: true } : undefined;
}

function content(formatted: Formatted, params: Params) {
  const preview = readLinkPreview(params);
  return {
    ...textContent(formatted.text, formatted.entities),
    ...(preview === undefined ? {} : { link_preview_options: preview }),
  };
}

function sendMessage(telegram: Telegram, params: Params) {
  const { state } = telegram;
  const formatted = readText(params);
  const keyboard = readKeyboard(params);
  const chat = chatOf(state, params, "write");
  const asked = topicAsked(chat, params);
  const target = replyAsked(chat, params, asked);
  mayWrite(chat);
  mayWriteInto(state, chat, asked);
  const topic = asked ?? topicOf(chat, target);
  mayWriteInto(state, chat, topic);
  const message = addMessage(telegram, chat, {
    from: state.bot.id,
    content: content(formatted, params),
    given: formatted.entities,
    topic: topic?.message_thread_id,
    replyTo: target?.id,
    silent: flagOf(params, "disable_notification"),
  });
  if (keyboard !== undefined) message.keyboard = keyboard;
  return wireMessage(state, chat, message);
}

/** An answer that names no topic goes where the message it answers lies. */
function topicOf(chat: Chat, target: StoredMessage | undefined): Topic | undefined {
  return target?.topic === undefined || !chat.forum ? undefined : chat.topics.get(target.topic);
}

function ownMessage(telegram: Telegram, params: Params): { chat: Chat; message: StoredMessage } {
  const chat = chatOf(telegram.state, params, "act");
  const message = messageOf(chat, params, "message to edit");
  if (message.from !== telegram.state.bot.id || message.service) throw badRequest("message can't be edited");
  return { chat, message };
}

function editMessageText(telegram: Telegram, params: Params) {
  const formatted = readText(params);
  const keyboard = readKeyboard(params);
  const { chat, message } = ownMessage(telegram, params);
  const next = content(formatted, params);
  const same = message.content.text === next.text && equal(message.given, formatted.entities);
  if (same && equal(message.keyboard, keyboard)) throw notModified();
  message.content = next;
  message.given = formatted.entities;
  return edited(telegram, chat, message, keyboard);
}

function editMessageReplyMarkup(telegram: Telegram, params: Params) {
  const keyboard = readKeyboard(params);
  const { chat, message } = ownMessage(telegram, params);
  if (equal(message.keyboard, keyboard)) throw notModified();
  return edited(telegram, chat, message, keyboard);
}

/** A keyboard that is not sent again is gone. */
function edited(telegram: Telegram, chat: Chat, message: StoredMessage, keyboard: InlineKeyboardMarkup | undefined) {
  delete message.keyboard;
  if (keyboard !== undefined) message.keyboard = keyboard;
  message.editedAt = telegram.now();
  telegram.changed(chat);
  return wireMessage(telegram.state, chat, message);
}

function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function notModified(): Error {
  return badRequest(
    "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
  );
}

function deleteMessage(telegram: Telegram, params: Params): true {
  if (stringOf(params, "chat_id") === "") throw badRequest("chat identifier is not specified");
  if (integerOf(params, "message_id") === 0) throw badRequest("message identifier is not specified");
  const chat = chatOf(telegram.state, params, "write");
  const message = messageOf(chat, params, "message to delete");
  const { migrate_from_chat_id: migrated, forum_topic_created: opening } = message.content;
  if (migrated !== undefined || opening !== undefined) throw badRequest("message can't be deleted");
  if (!mayDelete(telegram.state, chat, message)) throw badRequest("message can't be deleted");
  if (telegram.now() - message.at >= DELETABLE_MS) throw badRequest("message can't be deleted for everyone");
  dropMessage(telegram, chat, message.id);
  return true;
}

function mayDelete(state: State, chat: Chat, message: StoredMessage): boolean {
  if (message.from === state.bot.id || chat.type === "private") return true;
  return chat.type === "group" ? chat.standing === "administrator" : hasRight(chat, "can_delete_messages");
}

function setMessageReaction(telegram: Telegram, params: Params): true {
  const { state } = telegram;
  const emoji = readReactions(params);
  const chat = chatOf(state, params, "act");
  const message = messageOf(chat, params, "message to react");
  if (emoji.length === 0) message.reactions.delete(state.bot.id);
  else message.reactions.set(state.bot.id, emoji);
  telegram.changed(chat);
  return true;
}

function mayPin(chat: Chat): void {
  if (!hasRight(chat, "can_pin_messages")) throw badRequest("not enough rights to manage pinned messages in the chat");
}

function pinChatMessage(telegram: Telegram, params: Params): true {
  const chat = chatOf(telegram.state, params, "write");
  const message = messageOf(chat, params, "message to pin");
  mayPin(chat);
  if (message.service) throw badRequest("service messages can't be pinned");
  pin(telegram, chat, telegram.state.bot.id, message, flagOf(params, "disable_notification"));
  return true;
}

function unpinChatMessage(telegram: Telegram, params: Params): true {
  const chat = chatOf(telegram.state, params, "write");
  const latest = Math.max(0, ...chat.pins);
  const asked = integerOf(params, "message_id") === 0 ? { message_id: latest } : params;
  const message = messageOf(chat, asked, "message to unpin");
  mayPin(chat);
  chat.pins = chat.pins.filter((pinned) => pinned !== message.id);
  telegram.changed(chat);
  return true;
}
