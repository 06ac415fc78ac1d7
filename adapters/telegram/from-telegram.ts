/** An update of Telegram in our words. Pure; never throws, whatever the update is. */
import type { Author, ChatEvent, Chosen, Edited, Written } from "../../src/adapter.js";
import { entitiesOf, filesOf, textOf } from "./content.js";
import { type Command, readCommand } from "./commands.js";
import { numberedBy, postId, type Room, topicId } from "./ids.js";
import { UPDATE, type WireCallbackQuery, type WireChat, type WireMembership, type WireMessage } from "./wire.js";

export interface ReadingContext {
  /** The chat with this present id. */
  room(actual: number): Room;
  /** Whether a line's texts go to this chat, by its configured id. */
  isPlace(chat: string): boolean;
  /** Whether they went there before: conversations that began there may still be answered there. */
  wasPlace(chat: string): boolean;
  readonly allowedUsers: ReadonlySet<number>;
  /** The bot's user name, without @. */
  readonly username: string;
  /** The bot's own id. */
  readonly bot: number;
  /** Epoch ms; Telegram does not say when a button was pressed. */
  readonly receivedAt: number;
}

/** `ignored`: of no use to the bridge; `why` is for the debug log. */
export type Reading =
  | { readonly kind: "event"; readonly event: ChatEvent; readonly forum?: number; readonly callback?: string }
  | { readonly kind: "command"; readonly command: Command }
  | { readonly kind: "moved"; readonly from: number; readonly to: number }
  /** Somebody has opened a closed topic again. */
  | { readonly kind: "reopened"; readonly chat: string }
  /** The bot itself has opened a topic. */
  | { readonly kind: "topic"; readonly chat: number; readonly name: string; readonly topic: number }
  | { readonly kind: "membership"; readonly chat: string; readonly present: boolean; readonly direct: boolean }
  | { readonly kind: "ignored"; readonly why: string; readonly user?: number; readonly chat?: number };

export function readUpdate(update: unknown, context: ReadingContext): Reading {
  const parsed = UPDATE.safeParse(update);
  if (!parsed.success) return ignored("an update in an unknown form");
  const { message, edited_message, callback_query, my_chat_member } = parsed.data;
  if (message) return readMessage(message, context);
  if (edited_message) return readEdit(edited_message, parsed.data.update_id, context);
  if (callback_query) return readPress(callback_query, context);
  if (my_chat_member) return readMembership(my_chat_member, context);
  return ignored("an update of a kind that is not used");
}

function readMessage(message: WireMessage, context: ReadingContext): Reading {
  const { chat, migrate_to_chat_id: to, migrate_from_chat_id: from } = message;
  if (to !== undefined) return { kind: "moved", from: chat.id, to };
  if (from !== undefined) return { kind: "moved", from, to: chat.id };
  if (message.forum_topic_reopened !== undefined) return reopened(message, context);
  const opened = ownTopic(message, context);
  if (opened) return opened;
  const author = authorOf(message);
  if (!author) return ignored("not written by a person", message);
  const command = readCommand(message, context.username);
  if (command && (chat.type !== "private" || allowed(message, context))) return { kind: "command", command };
  const why = unwanted(message, context) ?? chatter(message);
  if (why !== undefined) return ignored(why, message);
  const event = writtenEvent(message, author, context);
  if (event.text === "" && event.files.length === 0) return ignored("a service message", message);
  return { kind: "event", event, ...(event.thread === undefined ? {} : { forum: chat.id }) };
}

function ownTopic({ chat, from, message_thread_id: topic, ...message }: WireMessage, { bot }: ReadingContext) {
  const { name } = message.forum_topic_created ?? {};
  if (name === undefined || topic === undefined || from?.id !== bot || chat.type !== "supergroup") return undefined;
  return { kind: "topic", chat: chat.id, name, topic } as const;
}

function reopened(message: WireMessage, context: ReadingContext): Reading {
  const why = unwanted(message, context);
  return why === undefined ? { kind: "reopened", chat: context.room(message.chat.id).chat } : ignored(why, message);
}

function writtenEvent(message: WireMessage, author: Author, context: ReadingContext): Written {
  const { chat, message_id: id } = message;
  const room = context.room(chat.id);
  const topic = topicOf(message);
  // Telegram lets every plain message of a topic "answer" the topic's first service message, whose id is the topic's.
  const answered = message.reply_to_message?.message_id;
  const replyTo = answered === undefined || answered === topic ? undefined : postId(room, answered);
  return {
    kind: "written",
    key: `w:${numberedBy(room)}:${id}`,
    at: message.date * 1000,
    place: { platform: "telegram", chat: room.chat },
    post: postId(room, id),
    ...(topic === undefined ? {} : { thread: topicId(room.chat, topic) }),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(isSpokenToBot(message, context) ? { direct: true } : {}),
    author,
    text: textOf(message),
    ...speaksTo(message, context),
    files: filesOf(message),
  };
}

/** Below a post of the bot or in a topic that it opened as well: Telegram lets plain messages there "answer" what opened it. */
function isSpokenToBot({ chat, reply_to_message: answered }: WireMessage, { bot }: ReadingContext): boolean {
  return chat.type === "private" || answered?.from?.id === bot;
}

/** Answers in the General topic carry a thread id as well; only the flag tells (tdlib/telegram-bot-api#447). */
function topicOf(message: WireMessage): number | undefined {
  return message.chat.type === "supergroup" && message.is_topic_message ? message.message_thread_id : undefined;
}

function readEdit(message: WireMessage, update: number, context: ReadingContext): Reading {
  const author = authorOf(message);
  if (!author) return ignored("not written by a person", message);
  // What it answers is left out once that was deleted, so it may be the edit of a reply; of other talk nothing is known.
  const why = unwanted(message, context);
  if (why !== undefined) return ignored(why, message);
  const room = context.room(message.chat.id);
  const edited = message.edit_date ?? message.date;
  const event: Edited = {
    kind: "edited",
    // Two edits may fall into one second; an update that is sent again keeps its number.
    key: `e:${numberedBy(room)}:${message.message_id}:${edited}:${update}`,
    at: edited * 1000,
    writtenAt: message.date * 1000,
    place: { platform: "telegram", chat: room.chat },
    post: postId(room, message.message_id),
    author,
    text: textOf(message),
    ...speaksTo(message, context),
  };
  return { kind: "event", event };
}

/** User names have one form in any case of letters. Telegram tells of people who have none by an entity. */
function speaksTo(message: WireMessage, { username }: ReadingContext): Pick<Written, "speaksTo"> {
  const text = message.text ?? message.caption ?? "";
  const [, mentioned] = /^\s*@(\w+)/.exec(text) ?? [];
  if (mentioned?.toLowerCase() === username.toLowerCase()) return { speaksTo: "bot" };
  const start = text.search(/\S/);
  const first = entitiesOf(message).filter(({ offset }) => offset === start);
  return first.some(({ type }) => type === "mention" || type === "text_mention") ? { speaksTo: "colleagues" } : {};
}

function readPress(query: WireCallbackQuery, context: ReadingContext): Reading {
  const { message, from } = query;
  const choice = /^(retry|send|discard):([A-Za-z0-9_-]{1,40})$/.exec(query.data ?? "");
  const action = actionOf(choice?.[1]);
  const subject = choice?.[2];
  if (!message || action === undefined || subject === undefined) return ignored("a button that is not ours");
  const why = unwanted({ chat: message.chat, from }, context);
  if (why !== undefined) return { kind: "ignored", why, user: from.id, chat: message.chat.id };
  const room = context.room(message.chat.id);
  const event: Chosen = {
    kind: "chosen",
    key: `c:${query.id}`,
    at: context.receivedAt,
    place: { platform: "telegram", chat: room.chat },
    post: postId(room, message.message_id),
    author: { id: String(from.id), name: fullName(from) },
    action,
    subject,
    // Telegram cannot be asked later what a message says.
    ...(message.text === undefined ? {} : { said: message.text }),
  };
  return { kind: "event", event, callback: query.id };
}

function actionOf(word: string | undefined): Chosen["action"] | undefined {
  return word === "retry" || word === "send" || word === "discard" ? word : undefined;
}

function readMembership({ chat, new_chat_member: member }: WireMembership, context: ReadingContext): Reading {
  const room = context.room(chat.id);
  const direct = chat.type === "private";
  const ours = direct ? context.allowedUsers.has(chat.id) : context.isPlace(room.chat);
  if (!ours || chat.type === "channel") return { kind: "ignored", why: "a chat that is not ours", chat: chat.id };
  const gone = member.status === "left" || member.status === "kicked" || member.is_member === false;
  return { kind: "membership", chat: room.chat, present: !gone, direct };
}

/** Why nothing of this chat or person concerns the bridge; undefined: it does. */
function unwanted(message: Pick<WireMessage, "chat" | "from">, context: ReadingContext): string | undefined {
  const { chat } = message;
  if (chat.type === "channel") return "a channel";
  if (chat.type === "private") return allowed(message, context) ? undefined : "a private chat of somebody not allowed";
  const { chat: name } = context.room(chat.id);
  return context.isPlace(name) || context.wasPlace(name) ? undefined : "a group that is not in the config";
}

/** Outside of topics and private chats only answers can belong to a conversation; what else the group says is its own affair. */
function chatter(message: WireMessage): string | undefined {
  if (message.chat.type === "private" || topicOf(message) !== undefined || message.reply_to_message) return undefined;
  return "answers nothing";
}

function allowed({ from }: Pick<WireMessage, "from">, { allowedUsers }: ReadingContext): boolean {
  return from !== undefined && allowedUsers.has(from.id);
}

/** The person who wrote, or undefined if it was none. Senders in the name of a chat show up as one of Telegram's own bots. */
function authorOf({
  chat,
  from,
  sender_chat: sender,
  is_automatic_forward: forwarded,
}: WireMessage): Author | undefined {
  if (chat.type === "channel" || forwarded) return undefined;
  if (sender) return speakingFor(sender, chat);
  if (!from || from.is_bot) return undefined;
  return { id: String(from.id), name: fullName(from) };
}

function speakingFor(sender: WireChat, chat: WireChat): Author {
  const id = String(sender.id);
  if (sender.id === chat.id) return { id, name: "an admin" };
  return {
    id,
    name: "somebody",
    refused: "it was written in the name of a channel, so nobody can tell by whom; write it under your own name",
  };
}

function fullName({ first_name, last_name }: { first_name: string; last_name?: string | undefined }): string {
  return [first_name, last_name].filter(Boolean).join(" ") || "somebody";
}

function ignored(why: string, message?: WireMessage): Reading {
  const { from, chat } = message ?? {};
  return { kind: "ignored", why, ...(from ? { user: from.id } : {}), ...(chat ? { chat: chat.id } : {}) };
}
