/** The parts of the emulated Telegram together, and how a message comes to be and becomes known to the bot. */
import type { MessageEntity } from "@grammyjs/types";
import { withDetected } from "./detect.js";
import type { Chat, Content, State, StoredMessage, Topic } from "./state.js";
import { isPresent } from "./state.js";
import type { UpdateKind, UpdateQueue } from "./updates.js";
import type { Webhook } from "./webhook.js";
import { seconds, wireChat, wireMember, wireMessage, wireUser } from "./wire.js";

export interface Telegram {
  readonly state: State;
  readonly now: () => number;
  readonly updates: UpdateQueue;
  readonly webhook: Webhook;
  /** Tells the listeners that something in this chat looks different now. */
  changed(chat: Chat): void;
}

export interface Draft {
  readonly from: number;
  readonly content: Content;
  readonly given?: readonly MessageEntity[];
  readonly topic?: number | undefined;
  readonly replyTo?: number | undefined;
  readonly silent?: boolean;
  readonly service?: boolean;
  readonly pinned?: number;
}

/** Messages and reactions that nobody fetches are kept for a day. */
const DAY_MS = 86_400_000;

export function addMessage(telegram: Telegram, chat: Chat, draft: Draft, id = chat.counter.next++): StoredMessage {
  const target = chat.messages.get(draft.replyTo ?? 0);
  const elsewhere = target !== undefined && target.topic !== draft.topic;
  const chain = chat.type === "supergroup" && draft.topic === undefined && target !== undefined && !elsewhere;
  const message: StoredMessage = {
    id,
    from: draft.from,
    at: telegram.now(),
    content: draft.content,
    given: draft.given ?? [],
    repliesElsewhere: elsewhere,
    service: draft.service ?? false,
    silent: draft.silent ?? false,
    reactions: new Map(),
    ...(draft.topic === undefined ? {} : { topic: draft.topic }),
    ...(target === undefined ? {} : { replyTo: target.id }),
    ...(chain ? { chain: target.chain ?? target.id } : {}),
    ...(draft.pinned === undefined ? {} : { pinned: draft.pinned }),
  };
  chat.messages.set(id, message);
  announce(telegram, chat, message, "message");
  telegram.changed(chat);
  return message;
}

/** Service messages reach the bot also when it caused them itself; its own texts never do. */
export function announce(
  telegram: Telegram,
  chat: Chat,
  message: StoredMessage,
  kind: "message" | "edited_message",
): void {
  const { state } = telegram;
  if (!isPresent(chat) || (message.from === state.bot.id && !message.service)) return;
  if (!botSees(state, chat, message)) return;
  const sender = state.people.get(message.from);
  if (sender !== undefined) sender.met = true;
  const wire = wireMessage(state, chat, message);
  if (kind === "message") tell(telegram, kind, wire, chat.id);
  else tell(telegram, kind, { ...wire, edit_date: seconds(message.editedAt ?? message.at) }, chat.id);
}

export function tell<Kind extends UpdateKind>(
  telegram: Telegram,
  kind: Kind,
  payload: Parameters<typeof telegram.updates.add<Kind>>[1],
  chatId: number,
): void {
  telegram.updates.add(kind, payload, `chat ${chatId}`, DAY_MS);
}

/** Privacy mode: commands, mentions and answers to the bot; everything for administrators and in private chats. */
function botSees({ bot }: State, chat: Chat, message: StoredMessage): boolean {
  if (chat.type === "private" || message.service) return true;
  if (chat.standing === "administrator" || bot.readsAllGroupMessages) return true;
  if (chat.messages.get(message.replyTo ?? 0)?.from === bot.id) return true;
  const text = message.content.text ?? message.content.caption ?? "";
  const entities = message.content.entities ?? message.content.caption_entities ?? [];
  const me = `@${bot.username}`.toLowerCase();
  return entities.some(({ type, offset, length }) => {
    const words = text.slice(offset, offset + length).toLowerCase();
    return type === "mention" ? words === me : type === "bot_command" && (!words.includes("@") || words.endsWith(me));
  });
}

/** The bot's standing in a chat changes: `change` is done, and both states are told. `by`: who did it. */
export function changeStanding(telegram: Telegram, chat: Chat, by: number, change: () => void): void {
  const { state, now } = telegram;
  const before = wireMember(state, chat, state.bot.id);
  change();
  tell(
    telegram,
    "my_chat_member",
    {
      chat: wireChat(state, chat),
      from: wireUser(state, by),
      date: seconds(now()),
      old_chat_member: before,
      new_chat_member: wireMember(state, chat, state.bot.id),
    },
    chat.id,
  );
  telegram.changed(chat);
}

export function textContent(text: string, given: readonly MessageEntity[]): Content {
  const entities = withDetected(text, given);
  return { text, ...(entities.length === 0 ? {} : { entities }) };
}

const DEFAULT_COLOUR = 0x6fb9f0;

/** A topic has the id of the service message that opens it. */
export function openTopic(
  telegram: Telegram,
  chat: Chat,
  by: number,
  look: { name: string; colour?: number; emoji?: string },
): Topic {
  const id = chat.counter.next++;
  const shown = {
    name: look.name,
    icon_color: look.colour ?? DEFAULT_COLOUR,
    ...(look.emoji === undefined ? {} : { icon_custom_emoji_id: look.emoji }),
  };
  const topic: Topic = { message_thread_id: id, ...shown, creator: by, closed: false };
  chat.topics.set(id, topic);
  addMessage(telegram, chat, { from: by, topic: id, service: true, content: { forum_topic_created: shown } }, id);
  return topic;
}

export function renameTopic(
  telegram: Telegram,
  chat: Chat,
  by: number,
  topic: Topic,
  look: { name?: string; icon_custom_emoji_id?: string },
): void {
  Object.assign(topic, look);
  addMessage(telegram, chat, {
    from: by,
    topic: topic.message_thread_id,
    service: true,
    content: { forum_topic_edited: look },
  });
}

export function setTopicClosed(telegram: Telegram, chat: Chat, by: number, topic: Topic, closed: boolean): void {
  topic.closed = closed;
  addMessage(telegram, chat, {
    from: by,
    topic: topic.message_thread_id,
    service: true,
    content: closed ? { forum_topic_closed: {} } : { forum_topic_reopened: {} },
  });
}

/** Takes the topic and all it holds away. Nobody is told: there is no update for it. */
export function dropTopic(telegram: Telegram, chat: Chat, id: number): void {
  chat.topics.delete(id);
  for (const message of chat.messages.values()) if (message.topic === id) dropMessage(telegram, chat, message.id);
  telegram.changed(chat);
}

export function dropMessage(telegram: Telegram, chat: Chat, id: number): void {
  chat.messages.delete(id);
  chat.pins = chat.pins.filter((pinned) => pinned !== id);
  telegram.changed(chat);
}

export function pin(telegram: Telegram, chat: Chat, by: number, message: StoredMessage, silent: boolean): void {
  if (chat.pins.includes(message.id)) return;
  chat.pins.push(message.id);
  const { topic, id } = message;
  addMessage(telegram, chat, { from: by, topic, silent, service: true, pinned: id, content: {} });
}
