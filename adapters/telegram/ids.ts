/**
 * The ids this adapter gives out, built and taken apart here only.
 *
 * Post: `<chat>/<message>`. Thread: `<chat>/<topic>`, or `<chat>/r<message>` where answers form a chain below a root message.
 * `<chat>` is the chat as the config names it. A group that became a supergroup has another id and numbers its messages
 * anew from 1, so in its ids the present chat stands behind a tilde, `-12~-10012/5`: what was stored before keeps its
 * meaning, and message 5 of the old group is never taken for message 5 of the new one. In private chats and small groups
 * each bot has numbers of its own: where another bot works than the one that the database knows from the beginning, it
 * stands behind an @, `77@720/5`. Topics exist in supergroups only, which never move and number for all bots alike, so
 * theirs need no such care.
 */
import type { PostId, ThreadId } from "../../src/message.js";

/** A chat as the config names it (`chat`) and as Telegram knows it (`actual`). */
export interface Room {
  readonly chat: string;
  readonly actual: number;
  /** The bot by which messages are numbered here; absent: by all alike, or by the first bot. */
  readonly bot?: number;
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
  const parts = PARTS.exec(id);
  if (!parts || parts[4] !== "") throw new Error(`${id} is not the id of a Telegram post`);
  return { ...roomOf(parts), message: Number(parts[5]) };
}

export function readThreadId(id: ThreadId): ThreadRef {
  const parts = PARTS.exec(id);
  if (!parts) throw new Error(`${id} is not the id of a Telegram thread`);
  const number = Number(parts[5]);
  const where = roomOf(parts);
  return parts[4] === "r"
    ? { kind: "chain", ...where, root: number }
    : { kind: "topic", chat: where.chat, topic: number };
}

const PARTS = /^(-?\d+)(?:~(-?\d+))?(?:@(\d+))?\/(r?)(\d+)$/;

/** Whether a number means the same message in both. */
export function numberAlike(a: Room, b: Room): boolean {
  return numberedBy(a) === numberedBy(b);
}

/** Names what numbers the messages of a chat. */
export function numberedBy({ actual, bot }: Omit<Room, "chat">): string {
  return bot === undefined ? String(actual) : `${actual}@${bot}`;
}

/** Telegram gives these ids to supergroups and channels (core.telegram.org/api/bots/ids). */
export function isSupergroup(actual: number): boolean {
  return actual < -1_000_000_000_000;
}

/** Whether the text can be a chat's id: an integer that a double holds exactly (Telegram promises 52 bits). */
export function isChatId(chat: string): boolean {
  return /^-?[1-9]\d*$/.test(chat) && Number.isSafeInteger(Number(chat));
}

function written({ chat, actual, bot }: Room): string {
  return `${chat}${chat === String(actual) ? "" : `~${actual}`}${bot === undefined ? "" : `@${bot}`}`;
}

function roomOf(parts: RegExpExecArray): Room {
  const chat = parts[1] ?? "";
  return { chat, actual: Number(parts[2] ?? chat), ...(parts[3] === undefined ? {} : { bot: Number(parts[3]) }) };
}
