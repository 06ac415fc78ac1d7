/**
 * What the adapter knows about chats: under which id they live now, by which bot their messages are numbered, which have topics, and
 * which line a chain belongs to.
 */
import type { ThreadId } from "../../src/message.js";
import * as z from "zod";
import type { Answer, Api } from "./api.js";
import { isSupergroup, type Room } from "./ids.js";

/** A small durable store of the adapter's own. */
export interface Memory {
  get(key: string): Promise<string | undefined>;
  /** `ttl`: ms; absent: for ever. */
  set(key: string, value: string, ttl?: number): Promise<void>;
}

export interface Chats {
  /** Resolves once what was remembered has been read; to be awaited before anything else is asked. */
  ready(): Promise<void>;
  /**
   * Telegram knows the bot. If it is the first one here, that is remembered for good, and so is which chats lines' texts go to. Resolves
   * once it is stored.
   */
  begin(): Promise<void>;
  /** Whether a line's texts go to this chat or went there once, by its configured id: what is written there may be an answer. */
  wasPlace(chat: string): boolean;
  /** The key under which the memory holds something of this bot alone. */
  own(key: string): string;
  /** The chat with this configured id. */
  named(chat: string): Room;
  /** The chat with this present id. */
  numbered(actual: number): Room;
  /** The name by which the config had the moved group that it names by its present id now. */
  formerName(chat: string): string | undefined;
  /** A group has become a supergroup; resolves once that is stored. */
  moved(from: number, to: number): Promise<void>;
  /** Whether the chat has topics; asked of Telegram now and then. */
  isForum(actual: number): Promise<boolean>;
  /** An update showed that the chat has topics. */
  sawForum(actual: number): void;
  /** A call showed that what was known about the chat is no longer true. */
  forget(actual: number): void;
  rememberLine(thread: ThreadId, line: string): Promise<void>;
  lineOf(thread: ThreadId): Promise<string | undefined>;
}

const PLACES = z.array(z.string());
const MOVES = z.record(z.string(), z.number());

/** Topics are switched on and off rarely, and a wrong guess corrects itself by `forget`. */
const FORUM_KNOWN_MS = 10 * 60_000;

/** A chain as old as this, if it is still in use, no longer tells its line. */
const LINE_KNOWN_MS = 400 * 24 * 3_600_000;

/** `bot`: its id. `places`: the chats that the config names; a moved group that it names by its new id keeps that name. */
export function createChats(
  bot: number,
  places: ReadonlySet<string> | undefined,
  deps: { api: Api; memory: Memory; now: () => number },
): Chats {
  const { api, memory, now } = deps;
  const forums = new Map<number, { forum: boolean; until: number }>();
  let moves: Readonly<Record<string, number>> = {};
  let former: readonly string[] = [];
  let first: string | undefined;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    const [one, chats, moved] = await Promise.all(["bot", "places", "moves"].map((key) => memory.get(key)));
    first = one;
    if (chats !== undefined) former = PLACES.parse(JSON.parse(chats));
    if (moved !== undefined) moves = { ...MOVES.parse(JSON.parse(moved)), ...moves };
  }

  const movedTo = (actual: number): string | undefined => Object.entries(moves).find(([, to]) => to === actual)?.[0];
  const isFirst = (): boolean => first === undefined || first === String(bot);
  const room = (chat: string, actual: number): Room =>
    isFirst() || isSupergroup(actual) ? { chat, actual } : { chat, actual, bot };

  return {
    async ready() {
      reading ??= read();
      try {
        await reading;
      } catch (error) {
        reading = undefined;
        throw error;
      }
    },
    async begin() {
      if (first === undefined) await memory.set("bot", String(bot));
      first ??= String(bot);
      const all = [...new Set([...former, ...(places ?? [])])];
      if (all.length > former.length) await memory.set("places", JSON.stringify(all));
      former = all;
    },
    wasPlace: (chat) => former.includes(chat),
    own: (key) => (isFirst() ? key : `${key}@${bot}`),
    named: (chat) => room(chat, moves[chat] ?? Number(chat)),
    numbered(actual) {
      const moved = places?.has(String(actual)) ? undefined : movedTo(actual);
      return room(moved ?? String(actual), actual);
    },
    formerName: (chat) => movedTo(Number(chat)),
    async moved(from, to) {
      if (moves[from] === to) return;
      const before = moves;
      moves = { ...moves, [from]: to };
      await memory.set("moves", JSON.stringify(moves)).catch((error: unknown) => {
        moves = before; // so that the next attempt stores it
        throw error;
      });
    },
    async isForum(actual) {
      const known = forums.get(actual);
      if (known && known.until > now()) return known.forum;
      const facts = await api.call("getChat", { chat_id: actual });
      const forum = isForum(facts);
      forums.set(actual, { forum, until: now() + FORUM_KNOWN_MS });
      return forum;
    },
    sawForum: (actual) => void forums.set(actual, { forum: true, until: now() + FORUM_KNOWN_MS }),
    forget: (actual) => void forums.delete(actual),
    rememberLine: (thread, line) => memory.set(`line:${thread}`, line, LINE_KNOWN_MS),
    lineOf: (thread) => memory.get(`line:${thread}`),
  };
}

/** Whether a chat, as Telegram describes it, is a group with topics. (Private chats may have topics too; chains do there.) */
export function isForum(chat: Answer<"getChat">): boolean {
  return chat.type === "supergroup" && "is_forum" in chat && chat.is_forum;
}
