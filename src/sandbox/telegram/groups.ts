/** Chats, and the bot's place in them: what owners and Telegram itself do. */
import { existing, existingChat, existingPerson } from "./people.js";
import type { Chat, Right, State } from "./state.js";
import { RIGHTS } from "./state.js";
import type { Telegram } from "./telegram.js";
import { addMessage, changeStanding, textContent } from "./telegram.js";
import { wireUser } from "./wire.js";

export interface NewGroup {
  /** -100… is a supergroup, another negative number a small group. */
  readonly id?: number;
  readonly title: string;
  readonly forum: boolean;
  /** True if left out. */
  readonly botIsAdmin?: boolean;
  /** All of them if left out. */
  readonly rights?: readonly Right[];
  /** A small group can become a supergroup later. A supergroup if left out, unless the id says otherwise. */
  readonly type?: "group" | "supergroup";
}

export interface Groups {
  /** The bot is in it from the beginning; no update tells so. */
  addGroup(group: NewGroup): number;
  /** The user presses Start: `/start` is the first message. Returns the chat's id, which is the user's. */
  privateChat(user: number): number;
  joins(chat: number, user: number): void;
  leaves(chat: number, user: number): void;
  /** In a small group this brings the change to a supergroup. Returns the id that the chat has now. */
  turnsTopics(chat: number, on: boolean): number;
  /** The small group becomes a supergroup, whose id is returned. */
  migrates(chat: number): number;
  blocksBot(user: number): void;
  unblocks(user: number): void;
  kicksBot(chat: number): void;
  addsBot(chat: number): void;
  /** With all rights but the ones it lost. */
  promotesBot(chat: number): void;
  demotesBot(chat: number): void;
  takesRight(chat: number, right: Right): void;
  givesRight(chat: number, right: Right): void;
}

const SUPERGROUPS_END = -1_000_000_000_000;

export function createGroups(telegram: Telegram, ownerId: number): Groups {
  const { state } = telegram;
  const stand = (chat: Chat, standing: Chat["standing"], by = chat.owner) =>
    changeStanding(telegram, chat, by, () => {
      chat.standing = standing;
    });
  const privateChatOf = (user: number) => existing(state.chats.get(user), `private chat with user ${user}`);

  return {
    addGroup(group) {
      const chat = newGroup(state, ownerId, group);
      state.chats.set(chat.id, chat);
      telegram.changed(chat);
      return chat.id;
    },
    privateChat(user) {
      const { firstName } = existingPerson(state, user);
      const chat = state.chats.get(user) ?? newPrivateChat(state, user, firstName);
      state.chats.set(user, chat);
      addMessage(telegram, chat, { from: user, content: textContent("/start", []) });
      return user;
    },
    joins(chatId, user) {
      const chat = existingChat(state, chatId);
      chat.members.add(user);
      const content = { new_chat_members: [wireUser(state, user)] };
      addMessage(telegram, chat, { from: user, service: true, content });
    },
    leaves(chatId, user) {
      const chat = existingChat(state, chatId);
      chat.members.delete(user);
      const content = { left_chat_member: wireUser(state, user) };
      addMessage(telegram, chat, { from: user, service: true, content });
    },
    turnsTopics(chatId, on) {
      const chat = existingChat(state, chatId);
      const target = chat.type === "group" ? migrate(telegram, chat) : chat;
      target.forum = on;
      telegram.changed(target);
      return target.id;
    },
    migrates(chatId) {
      const chat = existingChat(state, chatId);
      if (chat.type !== "group") throw new Error(`Chat ${chatId} is no small group`);
      return migrate(telegram, chat).id;
    },
    blocksBot: (user) => stand(privateChatOf(user), "kicked", user),
    unblocks: (user) => stand(privateChatOf(user), "member", user),
    kicksBot(chatId) {
      const chat = existingChat(state, chatId);
      const content = { left_chat_member: wireUser(state, state.bot.id) };
      addMessage(telegram, chat, { from: chat.owner, service: true, content });
      stand(chat, "kicked");
    },
    addsBot(chatId) {
      const chat = existingChat(state, chatId);
      stand(chat, "member");
      const content = { new_chat_members: [wireUser(state, state.bot.id)] };
      addMessage(telegram, chat, { from: chat.owner, service: true, content });
    },
    promotesBot: (chatId) => stand(existingChat(state, chatId), "administrator"),
    demotesBot: (chatId) => stand(existingChat(state, chatId), "member"),
    takesRight(chatId, right) {
      const chat = existingChat(state, chatId);
      changeStanding(telegram, chat, chat.owner, () => chat.rights.delete(right));
    },
    givesRight(chatId, right) {
      const chat = existingChat(state, chatId);
      changeStanding(telegram, chat, chat.owner, () => chat.rights.add(right));
    },
  };
}

function newChat(chat: Pick<Chat, "id" | "type" | "title" | "owner" | "forum" | "standing" | "counter">): Chat {
  return {
    ...chat,
    generalClosed: false,
    rights: new Set(RIGHTS),
    members: new Set([chat.owner]),
    topics: new Map(),
    messages: new Map(),
    pins: [],
  };
}

function newGroup(state: State, owner: number, group: NewGroup): Chat {
  const { title, forum } = group;
  const type = group.type ?? (group.id !== undefined && group.id > SUPERGROUPS_END ? "group" : "supergroup");
  if (forum && type === "group") throw new Error("Only supergroups have topics");
  const id = group.id ?? (type === "group" ? -(5_000_000 + ++state.serial) : nextSupergroupId(state));
  const counter = type === "group" ? state.sharedCounter : { next: 2 };
  const standing = group.botIsAdmin === false ? "member" : "administrator";
  const chat = newChat({ id, type, title, owner, forum, standing, counter });
  return group.rights === undefined ? chat : { ...chat, rights: new Set([...group.rights, "can_send_messages"]) };
}

function nextSupergroupId(state: State): number {
  return SUPERGROUPS_END - (2_000_000_000 + ++state.serial);
}

function newPrivateChat(state: State, id: number, title: string): Chat {
  const { sharedCounter: counter, bot } = state;
  return newChat({
    id,
    type: "private",
    title,
    owner: id,
    forum: bot.topicsInPrivateChats,
    standing: "member",
    counter,
  });
}

function migrate(telegram: Telegram, old: Chat): Chat {
  const { state } = telegram;
  const { title, owner, standing } = old;
  const id = nextSupergroupId(state);
  const fresh = newChat({ id, type: "supergroup", title, owner, forum: false, standing, counter: { next: 1 } });
  const chat: Chat = { ...fresh, rights: new Set(old.rights), members: new Set(old.members) };
  state.chats.set(id, chat);
  old.migratedTo = id;
  addMessage(telegram, old, { from: owner, service: true, content: { migrate_to_chat_id: id } });
  addMessage(telegram, chat, { from: owner, service: true, content: { migrate_from_chat_id: old.id } });
  return chat;
}
