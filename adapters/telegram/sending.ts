/** One message into a thread, or over an earlier one: where it goes, and what is done when it cannot go there. */
import type { Opts } from "telegraf/types";
import { ThreadGone } from "../../src/errors.js";
import type { Logger } from "../../src/log.js";
import type { PostId } from "../../src/message.js";
import type { Answer, Api } from "./api.js";
import type { Chats } from "./chats.js";
import { TelegramFailure } from "./errors.js";
import { numberAlike, readPostId, type Room, type ThreadRef, topicId } from "./ids.js";
import type { keyboard } from "./to-telegram.js";
import type { Words } from "./words.js";

export type Payload = Omit<Opts<"sendMessage">, "chat_id">;
type Sent = Answer<"sendMessage">;

export interface Sending {
  /** `about`: the post that this one answers. */
  into(thread: ThreadRef, room: Room, payload: Payload, about?: PostId): Promise<Sent>;
  /** Whether the post was still there to be rewritten. Its buttons go; without `words`, what it says stays. */
  over(room: Room, post: PostId, words: Words | undefined): Promise<boolean>;
}

export function createSending(deps: { api: Api; chats: Chats; logger: Logger }): Sending {
  const { api, chats, logger } = deps;
  /** Topics that are closed, of which the group was told. */
  const told = new Set<string>();

  async function intoTopic(room: Room, topic: number, payload: Payload): Promise<Sent> {
    const send = () => api.call("sendMessage", { chat_id: room.actual, message_thread_id: topic, ...payload });
    const sent = await send().catch(async (error: unknown) => {
      if (!failedBy(error, "topic-closed")) throw error;
      await reopen(room, topic, error);
      return await send();
    });
    told.delete(topicId(room.chat, topic));
    if (sent.message_thread_id !== topic) throw await strayed(room, sent);
    return sent;
  }

  /**
   * With topics switched off, and at times for a deleted topic, Telegram posts to the main chat instead
   * (tdlib/telegram-bot-api#854), where everybody would read it, below nothing.
   */
  async function strayed(room: Room, { message_id }: Sent): Promise<ThreadGone> {
    chats.forget(room.actual);
    const remove = () => api.call("deleteMessage", { chat_id: room.actual, message_id });
    await bestEffort(logger, "delete a stray message", remove);
    return new ThreadGone("Telegram put the message outside of its topic");
  }

  async function reopen(room: Room, topic: number, closed: TelegramFailure): Promise<void> {
    try {
      await api.call("reopenForumTopic", { chat_id: room.actual, message_thread_id: topic });
    } catch (error) {
      if (failedBy(error, "unchanged")) return;
      if (failedBy(error, "flood", "unanswered", "unreachable", "token")) throw error;
      await tellThatClosed(room, topic);
      throw closed;
    }
    logger.info({ chat: room.chat, topic }, "telegram: reopened a closed topic because a text arrived for it");
  }

  /** In the main chat, as nothing can be written where people would look for it. Once, until it is mended. */
  async function tellThatClosed(room: Room, topic: number): Promise<void> {
    if (told.has(topicId(room.chat, topic))) return;
    const text = `A text waits for a topic that is closed, and I may not reopen it: ${linkTo(room, topic)} Please reopen it, or make me an administrator that may manage topics; then the text is shown there.`;
    const notice = { chat_id: room.actual, ...payloadOf({ text, entities: [] }) };
    await bestEffort(logger, "tell of a closed topic", async () => {
      await api.call("sendMessage", notice);
      told.add(topicId(room.chat, topic));
    });
  }

  return {
    async into(thread, room, payload, about) {
      const answered = about === undefined ? undefined : readPostId(about);
      const target = answered !== undefined && numberAlike(answered, room) ? answered.message : undefined;
      if (thread.kind === "topic") return await intoTopic(room, thread.topic, answering(payload, target));
      // Below a root in a group that has moved nothing can be added, nor below one of another bot: there is no such message.
      if (!numberAlike(thread, room)) throw new ThreadGone("The group has moved, or the bot is another one");
      return await api.call("sendMessage", { chat_id: room.actual, ...answering(payload, target ?? thread.root) });
    },

    async over(room, post, words) {
      const ref = readPostId(post);
      if (!numberAlike(ref, room)) return false;
      try {
        const where = { chat_id: ref.actual, message_id: ref.message };
        if (words === undefined) await api.call("editMessageReplyMarkup", where);
        else await api.call("editMessageText", { ...where, ...payloadOf(words) });
      } catch (error) {
        if (failedBy(error, "message-gone")) return false;
        if (!failedBy(error, "unchanged")) throw error;
      }
      return true;
    },
  };
}

/** Members of a supergroup find the topic by it (core.telegram.org/api/links#message-links). */
function linkTo({ actual }: Room, topic: number): string {
  return `https://t.me/c/${String(actual).replace(/^-100/, "")}/${topic}`;
}

/** Text as it stands, without previews of the links in it. */
export function payloadOf(words: Words, markup?: ReturnType<typeof keyboard>) {
  const plain = { ...words, link_preview_options: { is_disabled: true } };
  return markup ? { ...plain, reply_markup: markup } : plain;
}

/** For what helps but must not fail the work it belongs to. */
export async function bestEffort(logger: Logger, what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    logger.warn({ why: error instanceof Error ? error.message : String(error) }, `telegram: could not ${what}`);
  }
}

function answering(payload: Payload, message: number | undefined): Payload {
  if (message === undefined) return payload;
  return { ...payload, reply_parameters: { message_id: message, allow_sending_without_reply: true } };
}

function failedBy(error: unknown, ...reasons: readonly TelegramFailure["reason"][]): error is TelegramFailure {
  return error instanceof TelegramFailure && reasons.includes(error.reason);
}
