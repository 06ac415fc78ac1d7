/** Who may do what where: the checks that come before a call takes effect, in the order of Telegram's server. */
import { badRequest, forbidden } from "./errors.js";
import type { Params } from "./params.js";
import { flagOf, integerOf, isRecord, nestedOf, stringOf } from "./params.js";
import type { Chat, State, StoredMessage, Topic } from "./state.js";
import { hasRight } from "./state.js";

/** General has this id among people; towards bots it has none, and asking for it by 1 fails. */
export const GENERAL = 1;

/** `look`: works in a chat that became a supergroup. `act`: changes something. `write`: needs an open ear, too. */
export type Access = "look" | "act" | "write";

export function chatOf(state: State, params: Params, access: Access): Chat {
  if (stringOf(params, "chat_id") === "") throw badRequest("chat_id is empty");
  const id = integerOf(params, "chat_id");
  const chat = state.chats.get(id);
  if (chat === undefined) throw strangerTo(state, id);
  if (chat.type === "private") {
    if (access !== "look" && chat.standing === "kicked") throw forbidden("bot was blocked by the user");
    return chat;
  }
  if (access !== "look" && chat.migratedTo !== undefined) {
    throw badRequest("group chat was upgraded to a supergroup chat", { migrate_to_chat_id: chat.migratedTo });
  }
  // A small group still shows itself to a bot that was removed; a private supergroup does not.
  const hidden = chat.type === "supergroup" || access !== "look";
  if (hidden && chat.standing === "kicked") throw forbidden(`bot was kicked from the ${chat.type} chat`);
  if (hidden && chat.standing === "left") throw forbidden(`bot is not a member of the ${chat.type} chat`);
  return chat;
}

function strangerTo(state: State, id: number): Error {
  return state.people.get(id)?.met === true
    ? forbidden("bot can't initiate conversation with a user")
    : badRequest("chat not found");
}

export function mayWrite(chat: Chat): void {
  if (!hasRight(chat, "can_send_messages")) throw badRequest("not enough rights to send text messages to the chat");
}

/** `what`: Telegram's words for the message's part, such as `message to edit`. */
export function messageOf(chat: Chat, params: Params, what: string): StoredMessage {
  const message = chat.messages.get(integerOf(params, "message_id"));
  if (message === undefined) throw badRequest(`${what} not found`);
  return message;
}

/** The topic that `message_thread_id` names, undefined for none. Where there are no topics the id is ignored. */
export function topicAsked(chat: Chat, params: Params): Topic | undefined {
  const id = integerOf(params, "message_thread_id");
  if (id === 0 || (!chat.forum && chat.type !== "private")) return undefined;
  const topic = chat.forum ? chat.topics.get(id) : undefined;
  if (topic === undefined) throw badRequest("message thread not found");
  return topic;
}

/** The message to answer, if it is still there or has to be. Answers into other chats are refused. */
export function replyAsked(chat: Chat, params: Params, topic: Topic | undefined): StoredMessage | undefined {
  const asked = nestedOf(params, "reply_parameters", "can't parse reply parameters JSON object");
  if (asked === undefined) return undefined;
  if (!isRecord(asked)) throw badRequest("object expected as reply parameters");
  if (Object.keys(asked).length === 0) return undefined;
  if (stringOf(asked, "message_id") === "") throw badRequest(`can't find field "message_id"`);
  const elsewhere = stringOf(asked, "chat_id");
  if (elsewhere !== "" && Number(elsewhere) !== chat.id) throw badRequest("the emulator answers in the same chat only");
  const message = chat.messages.get(integerOf(asked, "message_id"));
  if (message === undefined && !flagOf(asked, "allow_sending_without_reply")) {
    throw badRequest("message to be replied not found");
  }
  // A quote must be a part of the text it quotes; Telegram compares it as the client sent it.
  const quote = stringOf(asked, "quote");
  if (message !== undefined && topic?.message_thread_id === message.topic && quote !== "") {
    if (!(message.content.text ?? message.content.caption ?? "").includes(quote))
      throw badRequest("QUOTE_TEXT_INVALID");
  }
  return message;
}

/** Into a closed topic writes only who may manage topics or opened it. */
export function mayWriteInto(state: State, chat: Chat, topic: Topic | undefined): void {
  if (!chat.forum || hasRight(chat, "can_manage_topics")) return;
  if (topic === undefined ? chat.generalClosed : topic.closed && topic.creator !== state.bot.id) {
    throw badRequest("TOPIC_CLOSED");
  }
}
