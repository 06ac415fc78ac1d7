/** What a bot learns about chats and members, and the small things it does in them. */
import type { ChatFullInfo, ChatMember } from "@grammyjs/types";
import { chatOf, topicAsked } from "../access.js";
import { badRequest } from "../errors.js";
import type { Params } from "../params.js";
import { flagOf, integerOf, stringOf } from "../params.js";
import type { Telegram } from "../telegram.js";
import { addMessage, changeStanding } from "../telegram.js";
import { wireFullChat, wireMember, wireUser } from "../wire.js";
import type { Methods } from "./method.js";

export const chatMethods: Methods = {
  getChat,
  getChatMember,
  getChatAdministrators,
  leaveChat,
  sendChatAction,
  answerCallbackQuery,
};

const ACTIONS = [
  "cancel",
  "typing",
  "upload_photo",
  "record_video",
  "upload_video",
  "record_voice",
  "upload_voice",
  "upload_document",
  "choose_sticker",
  "find_location",
  "record_video_note",
  "upload_video_note",
];
/** How long a press of a button waits for its answer. */
const QUERY_LIVES_MS = 150_000;
const LONGEST_ANSWER = 200;

function getChat({ state }: Telegram, params: Params): ChatFullInfo {
  return wireFullChat(state, chatOf(state, params, "look"));
}

function getChatMember({ state }: Telegram, params: Params): ChatMember {
  const userId = integerOf(params, "user_id");
  if (userId <= 0) throw badRequest("invalid user_id specified");
  const chat = chatOf(state, params, userId === state.bot.id ? "look" : "act");
  if (userId !== state.bot.id && !state.people.has(userId)) throw badRequest("PARTICIPANT_ID_INVALID");
  return wireMember(state, chat, userId);
}

function getChatAdministrators({ state }: Telegram, params: Params): ChatMember[] {
  const chat = chatOf(state, params, "act");
  if (chat.type === "private") throw badRequest("there are no administrators in the private chat");
  const bot = chat.standing === "administrator" ? [wireMember(state, chat, state.bot.id)] : [];
  return [wireMember(state, chat, chat.owner), ...bot];
}

function leaveChat(telegram: Telegram, params: Params): true {
  const { state } = telegram;
  const chat = chatOf(state, params, "look");
  if (chat.type === "private") throw badRequest("can't leave private chats");
  const content = { left_chat_member: wireUser(state, state.bot.id) };
  addMessage(telegram, chat, { from: state.bot.id, service: true, content });
  changeStanding(telegram, chat, state.bot.id, () => {
    chat.standing = "left";
  });
  return true;
}

function sendChatAction({ state }: Telegram, params: Params): true {
  if (!ACTIONS.includes(stringOf(params, "action").toLowerCase())) {
    throw badRequest("wrong parameter action in request");
  }
  topicAsked(chatOf(state, params, "write"), params);
  return true;
}

function answerCallbackQuery({ state, now }: Telegram, params: Params): true {
  const query = state.queries.get(stringOf(params, "callback_query_id"));
  if (query === undefined || now() - query.at >= QUERY_LIVES_MS) {
    throw badRequest("query is too old and response timeout expired or query ID is invalid");
  }
  const text = stringOf(params, "text");
  if (text.length > LONGEST_ANSWER) throw badRequest("MESSAGE_TOO_LONG");
  state.queries.delete(query.id);
  query.answer({ text, showAlert: flagOf(params, "show_alert") });
  return true;
}
