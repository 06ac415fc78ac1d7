/** What people do in the emulated Telegram: the hands of a test, and of the person in front of the sandbox page. */
import type { MessageEntity } from "@grammyjs/types";
import { GENERAL } from "./access.js";
import { detectEntities, withDetected } from "./detect.js";
import { isReaction } from "./reactions.js";
import type { CallbackAnswer, Chat, Content, Person, State, StoredMessage, Topic } from "./state.js";
import type { Telegram } from "./telegram.js";
import {
  addMessage,
  announce,
  dropMessage,
  dropTopic,
  openTopic,
  pin,
  renameTopic,
  setTopicClosed,
  tell,
  textContent,
} from "./telegram.js";
import { seconds, wireChat, wireMessage, wireUser } from "./wire.js";

export interface NewUser {
  readonly id?: number;
  readonly firstName: string;
  readonly lastName?: string;
  readonly username?: string;
}

/** With a file, the text is its caption. */
export interface Saying {
  readonly topic?: number;
  readonly replyTo?: number;
  readonly entities?: readonly MessageEntity[];
  readonly photo?: boolean;
  /** A file's name. */
  readonly document?: string;
  /** A recording's length in seconds. */
  readonly voice?: number;
  /** The emoji that the sticker stands for. */
  readonly sticker?: string;
  readonly caption?: string;
}

export interface Press {
  /** The callback query's id. */
  readonly id: string;
  /** Resolves when the bot answers the query. */
  readonly answered: Promise<CallbackAnswer>;
}

export interface People {
  addUser(user: NewUser): number;
  /** Returns the message's id. */
  says(chat: number, user: number, text: string, saying?: Saying): number;
  /** May be called with the old text: Telegram reports edits without a visible change. */
  edits(chat: number, messageId: number, text: string): void;
  /** The message must have a button with this data. */
  presses(chat: number, messageId: number, callbackData: string, user: number): Press;
  /** All of the user's reactions from now on; none takes them back. */
  reacts(chat: number, messageId: number, user: number, ...emoji: string[]): void;
  deletesMessage(chat: number, messageId: number): void;
  pins(chat: number, messageId: number, user: number): void;
  /** Returns the topic's id. */
  opensTopic(chat: number, user: number, name: string): number;
  renamesTopic(chat: number, topicId: number, name: string): void;
  /** 1 closes General. */
  closesTopic(chat: number, topicId: number): void;
  reopensTopic(chat: number, topicId: number): void;
  deletesTopic(chat: number, topicId: number): void;
}

const QUERY_LIVES_MS = 150_000;

export function createPeople(telegram: Telegram): People {
  const { state, now } = telegram;
  const messageIn = (chatId: number, id: number) => {
    const chat = existingChat(state, chatId);
    return { chat, message: existing(chat.messages.get(id), `message ${id} in chat ${chatId}`) };
  };

  return {
    addUser(user) {
      const id = user.id ?? 1_000_000 + ++state.serial;
      state.people.set(id, { ...user, id, met: false });
      return id;
    },
    says(chatId, user, text, saying = {}) {
      const chat = existingChat(state, chatId);
      existingPerson(state, user);
      chat.members.add(user);
      const topic = topicFor(chat, saying);
      const content = contentOf(state, text, saying);
      return addMessage(telegram, chat, { from: user, content, topic, replyTo: saying.replyTo }).id;
    },
    edits(chatId, id, text) {
      const { chat, message } = messageIn(chatId, id);
      const captioned = message.content.text === undefined;
      message.content = captioned ? { ...message.content, ...captionContent(text) } : textContent(text, []);
      message.editedAt = now();
      announce(telegram, chat, message, "edited_message");
      telegram.changed(chat);
    },
    presses(chatId, id, data, user) {
      const { chat, message } = messageIn(chatId, id);
      existing(buttonWith(message, data), `a button with the data ${data} under message ${id}`);
      return press(telegram, chat, message, data, existingPerson(state, user));
    },
    reacts(chatId, id, user, ...emoji) {
      const { chat, message } = messageIn(chatId, id);
      react(telegram, chat, message, existingPerson(state, user), emoji);
    },
    deletesMessage(chatId, id) {
      const { chat, message } = messageIn(chatId, id);
      dropMessage(telegram, chat, message.id);
    },
    pins(chatId, id, user) {
      const { chat, message } = messageIn(chatId, id);
      pin(telegram, chat, user, message, false);
    },
    opensTopic: (chatId, user, name) =>
      openTopic(telegram, existingForum(state, chatId), user, { name }).message_thread_id,
    renamesTopic(chatId, topicId, name) {
      const chat = existingForum(state, chatId);
      renameTopic(telegram, chat, chat.owner, existingTopic(chat, topicId), { name });
    },
    closesTopic: (chatId, topicId) => closeOrOpen(telegram, existingForum(state, chatId), topicId, true),
    reopensTopic: (chatId, topicId) => closeOrOpen(telegram, existingForum(state, chatId), topicId, false),
    deletesTopic(chatId, topicId) {
      const chat = existingForum(state, chatId);
      dropTopic(telegram, chat, existingTopic(chat, topicId).message_thread_id);
    },
  };
}

export function existing<T>(thing: T | undefined, what: string): T {
  if (thing === undefined) throw new Error(`There is no ${what} in the emulated Telegram`);
  return thing;
}

export function existingChat(state: State, id: number): Chat {
  return existing(state.chats.get(id), `chat ${id}`);
}

export function existingPerson(state: State, id: number): Person {
  return existing(state.people.get(id), `user ${id}`);
}

function existingForum(state: State, id: number): Chat {
  const chat = existingChat(state, id);
  if (!chat.forum) throw new Error(`Chat ${id} has no topics`);
  return chat;
}

function existingTopic(chat: Chat, id: number): Topic {
  return existing(chat.topics.get(id), `topic ${id} in chat ${chat.id}`);
}

function topicFor(chat: Chat, { topic, replyTo }: Saying): number | undefined {
  const asked = topic === GENERAL ? undefined : (topic ?? chat.messages.get(replyTo ?? 0)?.topic);
  return asked === undefined || !chat.forum ? undefined : existingTopic(chat, asked).message_thread_id;
}

function captionContent(text: string): Content {
  const entities = withDetected(text, []);
  return { caption: text, ...(entities.length === 0 ? {} : { caption_entities: entities }) };
}

function contentOf(state: State, text: string, saying: Saying): Content {
  const file = (name: string) => ({ file_id: `${name}-${++state.serial}`, file_unique_id: `${name}${state.serial}` });
  const words = saying.caption ?? text;
  const caption = words === "" ? {} : captionContent(words);
  if (saying.photo === true)
    return { photo: [{ ...file("photo"), width: 90, height: 67, file_size: 1200 }], ...caption };
  if (saying.document !== undefined)
    return { document: { ...file("document"), file_name: saying.document }, ...caption };
  if (saying.voice !== undefined) return { voice: { ...file("voice"), duration: saying.voice }, ...caption };
  if (saying.sticker !== undefined) return { sticker: sticker(file("sticker"), saying.sticker) };
  const entities = [...(saying.entities ?? []), ...detectEntities(text, saying.entities)];
  return { text, ...(entities.length === 0 ? {} : { entities }) };
}

function sticker(file: { file_id: string; file_unique_id: string }, emoji: string): NonNullable<Content["sticker"]> {
  return { ...file, type: "regular", width: 512, height: 512, is_animated: false, is_video: false, emoji };
}

function buttonWith(message: StoredMessage, data: string): unknown {
  return message.keyboard?.inline_keyboard
    .flat()
    .find((button) => "callback_data" in button && button.callback_data === data);
}

function press(telegram: Telegram, chat: Chat, message: StoredMessage, data: string, person: Person): Press {
  const { state, now, updates } = telegram;
  const id = String(4_000_000_000_000 + ++state.serial);
  const answered = new Promise<CallbackAnswer>((resolve) => {
    state.queries.set(id, { id, at: now(), answer: resolve });
  });
  const query = {
    id,
    from: wireUser(state, person.id),
    message: wireMessage(state, chat, message),
    chat_instance: String(chat.id),
    data,
  };
  person.met = true;
  updates.add("callback_query", query, `user ${person.id}`, QUERY_LIVES_MS);
  return { id, answered };
}

/** Told to administrators only. */
function react(telegram: Telegram, chat: Chat, message: StoredMessage, person: Person, emoji: readonly string[]): void {
  const { state, now } = telegram;
  const wire = (list: readonly string[]) =>
    list.filter(isReaction).map((one) => ({ type: "emoji" as const, emoji: one }));
  const before = message.reactions.get(person.id) ?? [];
  message.reactions.set(person.id, emoji);
  telegram.changed(chat);
  if (chat.type !== "private" && chat.standing !== "administrator") return;
  tell(
    telegram,
    "message_reaction",
    {
      chat: wireChat(state, chat),
      message_id: message.id,
      user: wireUser(state, person.id),
      date: seconds(now()),
      old_reaction: wire(before),
      new_reaction: wire(emoji),
    },
    chat.id,
  );
}

function closeOrOpen(telegram: Telegram, chat: Chat, topicId: number, closed: boolean): void {
  if (topicId !== GENERAL) return setTopicClosed(telegram, chat, chat.owner, existingTopic(chat, topicId), closed);
  chat.generalClosed = closed;
  const content: Content = closed ? { forum_topic_closed: {} } : { forum_topic_reopened: {} };
  addMessage(telegram, chat, { from: chat.owner, service: true, content });
}
