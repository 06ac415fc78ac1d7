/** The emulated state in the Bot API's own shapes, as Telegram's server writes them. */
import type { Chat as WireChat, ChatFullInfo, ChatMember, Message, Update, User, UserFromGetMe } from "@grammyjs/types";
import type { Bot, Chat, Person, State, StoredMessage } from "./state.js";
import { hasRight } from "./state.js";

export type WireMessage = Message & Update.NonChannel;
type PeopleChat = Exclude<WireChat, WireChat.ChannelChat>;

export function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}

export function botUser(bot: Bot): User {
  return { id: bot.id, is_bot: true, first_name: bot.firstName, username: bot.username };
}

export function botAboutItself(bot: Bot): UserFromGetMe {
  return {
    id: bot.id,
    is_bot: true,
    first_name: bot.firstName,
    username: bot.username,
    can_join_groups: true,
    can_read_all_group_messages: bot.readsAllGroupMessages,
    supports_inline_queries: false,
    can_connect_to_business: false,
    has_main_web_app: false,
    has_topics_enabled: bot.topicsInPrivateChats,
    allows_users_to_create_topics: false,
    can_manage_bots: false,
    supports_join_request_queries: false,
  };
}

function nameOf(person: Person) {
  return {
    first_name: person.firstName,
    ...(person.lastName === undefined ? {} : { last_name: person.lastName }),
    ...(person.username === undefined ? {} : { username: person.username }),
  };
}

export function wireUser(state: State, id: number): User {
  if (id === state.bot.id) return botUser(state.bot);
  const person = state.people.get(id);
  return { id, is_bot: false, ...(person === undefined ? { first_name: "" } : nameOf(person)) };
}

export function wireChat(state: State, chat: Chat): PeopleChat {
  if (chat.type === "group") return { id: chat.id, title: chat.title, type: "group" };
  if (chat.type === "supergroup") {
    return { id: chat.id, title: chat.title, ...(chat.forum ? { is_forum: true as const } : {}), type: "supergroup" };
  }
  const { is_bot: _, ...user } = wireUser(state, chat.id);
  return { ...user, type: "private" };
}

export function wireMessage(state: State, chat: Chat, message: StoredMessage): WireMessage {
  return { ...withoutReply(state, chat, message), ...reply(state, chat, message) };
}

/** As a message stands inside another one: without the message that it answers itself. */
function withoutReply(state: State, chat: Chat, message: StoredMessage): Omit<WireMessage, "reply_to_message"> {
  const pinned = message.pinned === undefined ? undefined : chat.messages.get(message.pinned);
  return {
    message_id: message.id,
    from: wireUser(state, message.from),
    chat: wireChat(state, chat),
    date: seconds(message.at),
    ...(message.editedAt === undefined ? {} : { edit_date: seconds(message.editedAt) }),
    ...thread(message),
    ...message.content,
    ...(pinned === undefined ? {} : { pinned_message: withoutReply(state, chat, pinned) }),
    ...(message.keyboard === undefined ? {} : { reply_markup: message.keyboard }),
  };
}

function thread(message: StoredMessage): Pick<Message, "message_thread_id" | "is_topic_message"> {
  if (message.topic !== undefined) return { message_thread_id: message.topic, is_topic_message: true };
  return message.chain === undefined ? {} : { message_thread_id: message.chain };
}

/** A message of a topic that answers nothing is shown as an answer to the topic's opening message. */
function reply(state: State, chat: Chat, message: StoredMessage): Pick<Message, "reply_to_message" | "external_reply"> {
  const opening = message.id === message.topic || message.pinned !== undefined ? undefined : message.topic;
  const target = chat.messages.get(message.replyTo ?? opening ?? 0);
  if (target === undefined) return {};
  if (!message.repliesElsewhere) {
    // The type asks for a property that is there and undefined, which exact optional properties rule out.
    return { reply_to_message: withoutReply(state, chat, target) as NonNullable<Message["reply_to_message"]> };
  }
  const sender = wireUser(state, target.from);
  return {
    external_reply: {
      origin: { type: "user", sender_user: sender, date: seconds(target.at) },
      chat: wireChat(state, chat),
      message_id: target.id,
    },
  };
}

export function wireMember(state: State, chat: Chat, id: number): ChatMember {
  const user = wireUser(state, id);
  if (id === state.bot.id) return botMember(chat, user);
  if (id === chat.owner) return { status: "creator", user, is_anonymous: false };
  return { status: chat.members.has(id) ? "member" : "left", user };
}

function botMember(chat: Chat, user: User): ChatMember {
  if (chat.standing === "administrator") return administrator(chat, user);
  if (chat.standing === "left") return { status: "left", user };
  if (chat.standing === "kicked") return { status: "kicked", user, until_date: 0 };
  if (hasRight(chat, "can_send_messages")) return { status: "member", user };
  return { status: "restricted", user, is_member: true, until_date: 0, ...permissions(false) };
}

function administrator(chat: Chat, user: User): ChatMember {
  return {
    status: "administrator",
    user,
    can_be_edited: false,
    is_anonymous: false,
    can_manage_chat: true,
    can_delete_messages: hasRight(chat, "can_delete_messages"),
    can_manage_video_chats: false,
    can_restrict_members: hasRight(chat, "can_restrict_members"),
    can_promote_members: false,
    can_change_info: hasRight(chat, "can_change_info"),
    can_invite_users: hasRight(chat, "can_invite_users"),
    can_post_stories: false,
    can_edit_stories: false,
    can_delete_stories: false,
    can_send_welcome_messages: false,
    can_pin_messages: hasRight(chat, "can_pin_messages"),
    ...(chat.type === "supergroup" ? { can_manage_topics: hasRight(chat, "can_manage_topics") } : {}),
  };
}

function permissions(mayWrite: boolean) {
  return {
    can_send_messages: mayWrite,
    can_send_audios: mayWrite,
    can_send_documents: mayWrite,
    can_send_photos: mayWrite,
    can_send_videos: mayWrite,
    can_send_video_notes: mayWrite,
    can_send_voice_notes: mayWrite,
    can_send_polls: mayWrite,
    can_send_other_messages: mayWrite,
    can_add_web_page_previews: mayWrite,
    can_react_to_messages: mayWrite,
    can_edit_tag: false,
    can_change_info: false,
    can_invite_users: mayWrite,
    can_pin_messages: false,
    can_manage_topics: false,
  };
}

export function wireFullChat(state: State, chat: Chat): ChatFullInfo {
  const latestPin = chat.messages.get(Math.max(0, ...chat.pins));
  const common = {
    accent_color_id: 0,
    max_reaction_count: 11,
    accepted_gift_types: {
      unlimited_gifts: false,
      limited_gifts: false,
      unique_gifts: false,
      premium_subscription: false,
      gifts_from_channels: false,
    },
    ...(latestPin === undefined ? {} : { pinned_message: withoutReply(state, chat, latestPin) }),
  };
  const short = wireChat(state, chat);
  return short.type === "private" ? { ...short, ...common } : { ...short, ...common, permissions: permissions(true) };
}
