/** Takes one update: stores what concerns the bridge, then does what a person is waiting for. Shared by polling and webhook. */
import type { Inbox } from "../../src/adapter.js";
import type { Logger } from "../../src/log.js";
import type { Api } from "./api.js";
import type { Chats } from "./chats.js";
import { answerTo, type Command } from "./commands.js";
import { remedy } from "./errors.js";
import type { Reading, ReadingContext } from "./from-telegram.js";
import { readUpdate } from "./from-telegram.js";
import type { Health } from "./health.js";
import { bestEffort } from "./sending.js";
import type { Topics } from "./topics.js";

export interface Receiver {
  /** Resolves once the update may be confirmed to Telegram; rejects if it could not be stored. */
  take(update: unknown): Promise<void>;
  /** Resolves once answers under way have ended. */
  settled(): Promise<void>;
}

interface Deps {
  readonly inbox: Inbox;
  readonly api: Api;
  readonly chats: Chats;
  readonly health: Health;
  readonly topics: Topics;
  readonly logger: Logger;
  readonly now: () => number;
}

export function createReceiver(context: Omit<ReadingContext, "room" | "receivedAt">, deps: Deps): Receiver {
  const { inbox, api, chats, health, topics, logger, now } = deps;
  const underWay = new Set<Promise<void>>();

  /** Calls that no event depends on: Telegram need not wait for them, and their failure changes nothing. */
  function aside(what: string, work: () => Promise<unknown>): void {
    const done = bestEffort(logger, what, work).finally(() => underWay.delete(done));
    underWay.add(done);
  }

  /** By its former id too the config names a group that moved, and should go on to. */
  function nameOf(actual: number): string {
    const { chat } = chats.numbered(actual);
    return context.isPlace(chat) ? chat : String(actual);
  }

  function answer(command: Command): void {
    const { chat, topic, message } = command;
    const payload = {
      chat_id: chat,
      ...(topic === undefined ? {} : { message_thread_id: topic }),
      ...answerTo(command, nameOf(chat)),
      reply_parameters: { message_id: message, allow_sending_without_reply: true },
    };
    aside("answer a command", () => api.call("sendMessage", payload));
  }

  function answerPress(id: string): void {
    aside("answer a button", () => api.call("answerCallbackQuery", { callback_query_id: id }));
  }

  function mended(chat: string): void {
    inbox.mended?.({ platform: "telegram", chat });
  }

  async function act(reading: Reading): Promise<void> {
    switch (reading.kind) {
      case "event":
        if (reading.forum !== undefined) chats.sawForum(reading.forum);
        await inbox.accept(reading.event);
        if (reading.callback !== undefined) answerPress(reading.callback);
        return;
      case "command":
        return answer(reading.command);
      case "moved":
        await chats.moved(reading.from, reading.to);
        logger.info(
          { chat: String(reading.from), now: String(reading.to) },
          "telegram: a group has become a supergroup; the bridge follows it, and the config may keep the old id",
        );
        return;
      case "topic":
        return topics.told(reading.chat, reading.name, reading.topic);
      case "membership":
        noteMembership(reading, health);
        if (reading.present) mended(reading.chat);
        return;
      case "reopened":
        return mended(reading.chat);
      case "ignored":
        logger.debug({ why: reading.why, user: reading.user, chat: reading.chat }, "telegram: ignored an update");
    }
  }

  return {
    take: (update) =>
      act(readUpdate(update, { ...context, room: (actual) => chats.numbered(actual), receivedAt: now() })),
    async settled() {
      await Promise.all(underWay);
    },
  };
}

function noteMembership({ chat, present, direct }: Extract<Reading, { kind: "membership" }>, health: Health): void {
  const part = `chat ${chat}`;
  if (present) health.fine(part);
  else if (direct) health.trouble(part, remedy("blocked", chat));
  else health.trouble(part, `The bot was removed from Telegram chat ${chat}. Add it again, with its rights.`);
}
