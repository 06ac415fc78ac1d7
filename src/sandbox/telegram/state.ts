/** What the emulated Telegram holds: people, chats, topics, messages. Plain data; the rules are next door. */
import type { ForumTopic, InlineKeyboardMarkup, Message, MessageEntity } from "@grammyjs/types";

export interface Bot {
  readonly id: number;
  readonly firstName: string;
  readonly username: string;
  /** False: privacy mode is on, the bot sees only what concerns it unless it is an administrator. */
  readonly readsAllGroupMessages: boolean;
  readonly topicsInPrivateChats: boolean;
}

export interface Person {
  readonly id: number;
  readonly firstName: string;
  readonly lastName?: string;
  readonly username?: string;
  /** The bot has seen this person; before that, a chat with them is "not found". */
  met: boolean;
}

/** The administrator's rights that matter to a bot, and `can_send_messages`, which every member has by default. */
export const RIGHTS = [
  "can_send_messages",
  "can_change_info",
  "can_delete_messages",
  "can_invite_users",
  "can_restrict_members",
  "can_pin_messages",
  "can_manage_topics",
] as const;
export type Right = (typeof RIGHTS)[number];

export type Standing = "administrator" | "member" | "left" | "kicked";

export interface Topic extends ForumTopic {
  /** Id of the user who opened it. */
  readonly creator: number;
  closed: boolean;
}

/** The parts of a message that say what it is; on the wire they stand in the message itself. */
export type Content = Partial<
  Pick<
    Message,
    | "text"
    | "entities"
    | "caption"
    | "caption_entities"
    | "photo"
    | "document"
    | "voice"
    | "sticker"
    | "link_preview_options"
    | "new_chat_members"
    | "left_chat_member"
    | "migrate_to_chat_id"
    | "migrate_from_chat_id"
    | "forum_topic_created"
    | "forum_topic_edited"
    | "forum_topic_closed"
    | "forum_topic_reopened"
    | "general_forum_topic_hidden"
  >
>;

export interface StoredMessage {
  readonly id: number;
  readonly from: number;
  /** Epoch ms. */
  readonly at: number;
  /** The forum topic it lies in; undefined in General and in chats without topics. */
  readonly topic?: number;
  /** Where its chain of replies began, outside topics: sent as `message_thread_id` without `is_topic_message`. */
  readonly chain?: number;
  readonly replyTo?: number;
  /** The message replied to lies in another topic. */
  readonly repliesElsewhere: boolean;
  readonly service: boolean;
  readonly silent: boolean;
  /** The message that this service message tells to be pinned. */
  readonly pinned?: number;
  content: Content;
  /** The entities the sender gave, without those that Telegram finds by itself. */
  given: readonly MessageEntity[];
  editedAt?: number;
  keyboard?: InlineKeyboardMarkup;
  readonly reactions: Map<number, readonly string[]>;
}

export interface Chat {
  readonly id: number;
  readonly type: "private" | "group" | "supergroup";
  readonly title: string;
  readonly owner: number;
  forum: boolean;
  generalClosed: boolean;
  standing: Standing;
  readonly rights: Set<Right>;
  readonly members: Set<number>;
  readonly topics: Map<number, Topic>;
  readonly messages: Map<number, StoredMessage>;
  /** Pinned messages, the latest pin last. */
  pins: number[];
  migratedTo?: number;
  /** Supergroups count by themselves; all private chats and small groups of an account share one counter. */
  readonly counter: { next: number };
}

export interface Command {
  readonly command: string;
  readonly description: string;
}

export interface Query {
  readonly id: string;
  readonly at: number;
  answer(answer: CallbackAnswer): void;
}

export interface CallbackAnswer {
  readonly text: string;
  readonly showAlert: boolean;
}

export interface State {
  readonly bot: Bot;
  token: string;
  readonly people: Map<number, Person>;
  readonly chats: Map<number, Chat>;
  readonly sharedCounter: { next: number };
  /** By scope and language. */
  readonly commands: Map<string, readonly Command[]>;
  readonly queries: Map<string, Query>;
  serial: number;
}

export function createState(bot: Bot, token: string): State {
  return {
    bot,
    token,
    people: new Map(),
    chats: new Map(),
    sharedCounter: { next: 1 },
    commands: new Map(),
    queries: new Map(),
    serial: 0,
  };
}

export function hasRight(chat: Chat, right: Right): boolean {
  if (chat.type === "private") return true;
  if (right === "can_send_messages") return chat.rights.has(right);
  return chat.standing === "administrator" && chat.rights.has(right);
}

export function isPresent(chat: Chat): boolean {
  return chat.standing === "administrator" || chat.standing === "member";
}
