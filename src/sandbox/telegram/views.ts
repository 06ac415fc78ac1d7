/** The emulated Telegram as a person sees it: for tests to read and for the sandbox page to show. */
import type { InlineKeyboardButton, MessageEntity } from "@grammyjs/types";
import { GENERAL } from "./access.js";
import { existingChat } from "./people.js";
import type { Segment } from "./render.js";
import { renderText } from "./render.js";
import type { Chat, Command, Person, State, StoredMessage, Topic } from "./state.js";
import { wireUser } from "./wire.js";

export interface ChatView {
  readonly id: number;
  readonly type: Chat["type"];
  readonly title: string;
  readonly forum: boolean;
  readonly bot: Chat["standing"];
  readonly migratedTo?: number;
}

export interface TopicView {
  readonly id: number;
  readonly name: string;
  readonly colour: number;
  readonly closed: boolean;
  readonly byBot: boolean;
}

export interface MessageView {
  readonly id: number;
  /** Undefined: General, or a chat without topics. */
  readonly topic?: number;
  readonly from: { readonly id: number; readonly name: string; readonly isBot: boolean };
  /** Epoch ms. */
  readonly at: number;
  readonly editedAt?: number;
  /** The text or the caption; empty where there is none. */
  readonly text: string;
  /** The entities the sender gave. */
  readonly entities: readonly MessageEntity[];
  readonly rendered: readonly Segment[];
  /** `photo`, `document` …, or the kind of a service message, such as `forum_topic_created`; `text` otherwise. */
  readonly kind: string;
  readonly replyTo?: number;
  readonly buttons: readonly (readonly InlineKeyboardButton[])[];
  readonly reactions: readonly { readonly emoji: string; readonly by: number }[];
  readonly pinned: boolean;
  readonly silent: boolean;
  readonly linkPreview: boolean;
}

export interface PersonView {
  readonly id: number;
  readonly name: string;
  readonly username?: string;
}

export interface Views {
  people(): readonly PersonView[];
  chats(): readonly ChatView[];
  /** Without General. */
  topics(chat: number): readonly TopicView[];
  /** All of them, oldest first; or those of one topic, 1 being General. */
  messages(chat: number, topicId?: number): readonly MessageView[];
  /** As set for this scope and language; `scope` is a type such as `all_private_chats`, followed by its ids. */
  commands(scope?: string, language?: string): readonly Command[];
}

export function createViews(state: State): Views {
  return {
    people: () => [...state.people.values()].map((person) => personView(person)),
    chats: () => [...state.chats.values()].map((chat) => chatView(chat)),
    topics: (chatId) => [...existingChat(state, chatId).topics.values()].map((topic) => topicView(state, topic)),
    messages(chatId, topicId) {
      const chat = existingChat(state, chatId);
      const wanted = (message: StoredMessage) => topicId === undefined || (message.topic ?? GENERAL) === topicId;
      return [...chat.messages.values()].filter(wanted).map((message) => messageView(state, chat, message));
    },
    commands: (scope = "default", language = "") => state.commands.get(`${scope}   ${language}`) ?? [],
  };
}

function personView({ id, firstName, lastName, username }: Person): PersonView {
  const name = lastName === undefined ? firstName : `${firstName} ${lastName}`;
  return { id, name, ...(username === undefined ? {} : { username }) };
}

function chatView({ id, type, title, forum, standing, migratedTo }: Chat): ChatView {
  return { id, type, title, forum, bot: standing, ...(migratedTo === undefined ? {} : { migratedTo }) };
}

function topicView(state: State, topic: Topic): TopicView {
  const { message_thread_id: id, name, icon_color: colour, closed, creator } = topic;
  return { id, name, colour, closed, byBot: creator === state.bot.id };
}

function messageView(state: State, chat: Chat, message: StoredMessage): MessageView {
  const { id, topic, at, editedAt, content, given, replyTo, silent, reactions } = message;
  const { first_name: name, is_bot: isBot } = wireUser(state, message.from);
  const text = content.text ?? content.caption ?? "";
  return {
    id,
    ...(topic === undefined ? {} : { topic }),
    from: { id: message.from, name, isBot },
    at,
    ...(editedAt === undefined ? {} : { editedAt }),
    text,
    entities: given,
    rendered: renderText(text, given),
    kind: message.pinned === undefined ? kindOf(content) : "pinned_message",
    ...(replyTo === undefined ? {} : { replyTo }),
    buttons: message.keyboard?.inline_keyboard ?? [],
    reactions: [...reactions].flatMap(([by, list]) => list.map((emoji) => ({ emoji, by }))),
    pinned: chat.pins.includes(id),
    silent,
    linkPreview: content.link_preview_options?.is_disabled !== true,
  };
}

function kindOf(content: StoredMessage["content"]): string {
  const besides = ["entities", "caption", "caption_entities", "link_preview_options"];
  return Object.keys(content).find((name) => !besides.includes(name)) ?? "text";
}
