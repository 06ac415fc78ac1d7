/**
 * The ids this adapter gives out, built and taken apart here only.
 *
 * Post: `<chat>/<message>`. Thread: `<chat>/<topic>`, or `<chat>/r<message>` where answers form a chain below a root message.
 * `<chat>` is the chat as the config names it. A group that became a supergroup has another id and numbers its messages
 * anew from 1, so in its ids the present chat stands behind a tilde, `-12~-10012/5`: what was stored before keeps its
 * meaning, and message 5 of the old group is never taken for message 5 of the new one. Topics exist in supergroups
 * only, which never move, so theirs need no such care.
 */
import type { PostId, ThreadId } from "../../src/message.js";

/** A chat as the config names it (`chat`) and as Telegram knows it (`actual`). */
export interface Room {
  readonly chat: string;
  readonly actual: number;
}

export interface PostRef extends Room {
  readonly message: number;
}

export type ThreadRef =
  | { readonly kind: "topic"; readonly chat: string; readonly topic: number }
  | ({ readonly kind: "chain"; readonly root: number } & Room);

export function postId(room: Room, message: number): PostId {
  return `${written(room)}/${message}` as PostId;
}

export function topicId(chat: string, topic: number): ThreadId {
  return `${chat}/${topic}` as ThreadId;
}

export function chainId(room: Room, root: number): ThreadId {
  return `${written(room)}/r${root}` as ThreadId;
}

export function readPostId(id: PostId): PostRef {
  const parts = /^(-?\d+)(?:~(-?\d+))?\/(\d+)$/.exec(id);
  if (!parts) throw new Error(`${id} is not the id of a Telegram post`);
  return { ...roomOf(parts), message: Number(parts[3]) };
}

export function readThreadId(id: ThreadId): ThreadRef {
  const parts = /^(-?\d+)(?:~(-?\d+))?\/(r?)(\d+)$/.exec(id);
  if (!parts) throw new Error(`${id} is not the id of a Telegram thread`);
  const number = Number(parts[4]);
  const where = roomOf(parts);
  return parts[3] === "r"
    ? { kind: "chain", ...where, root: number }
    : { kind: "topic", chat: where.chat, topic: number };
}

/** Whether the text can be a chat's id: an integer that a double holds exactly (Telegram promises 52 bits). */
export function isChatId(chat: string): boolean {
  return /^-?[1-9]\d*$/.test(chat) && Number.isSafeInteger(Number(chat));
}

function written({ chat, actual }: Room): string {
  return chat === String(actual) ? chat : `${chat}~${actual}`;
}

function roomOf(parts: RegExpExecArray): Room {
  const chat = parts[1] ?? "";
  return { chat, actual: Number(parts[2] ?? chat) };
}
