/** Opening threads, sending into them and showing their cards: in a forum group by topics, elsewhere by chains of answers. */
import type { Opts } from "telegraf/types";
import type { ChatAdapter, SettlesChoices, ShowsCards } from "../../src/adapter.js";
import { ThreadGone } from "../../src/errors.js";
import type { Logger } from "../../src/log.js";
import type { Card, PostId, ThreadId } from "../../src/message.js";
import type { Answer, Api } from "./api.js";
import type { Attempt } from "./attempt.js";
import { renderCard, topicColour, topicName } from "./card.js";
import type { Chats } from "./chats.js";
import { TelegramFailure } from "./errors.js";
import { chainId, postId, readPostId, readThreadId, type Room, type ThreadRef, topicId } from "./ids.js";
import { type Clock, keyboard, renderPost } from "./to-telegram.js";
import { assemble, type Words } from "./words.js";

export type Threads = Pick<ChatAdapter, "open" | "send"> & ShowsCards & SettlesChoices;

interface Deps {
  readonly api: Api;
  readonly attempt: Attempt;
  readonly chats: Chats;
  readonly clock: Clock;
  readonly logger: Logger;
}

type Sending = Omit<Opts<"sendMessage">, "chat_id">;
type Sent = Answer<"sendMessage">;

export function createThreads(deps: Deps): Threads {
  const { api, attempt, chats, clock, logger } = deps;

  async function openTopic(room: Room, card: Card) {
    const topic = await api.call("createForumTopic", {
      chat_id: room.actual,
      name: topicName(card),
      icon_color: topicColour(card),
    });
    return { thread: topicId(room.chat, topic.message_thread_id) };
  }

  async function openChain(room: Room, card: Card) {
    const root = await api.call("sendMessage", { chat_id: room.actual, ...sending(renderCard(card, "chain")) });
    const thread = chainId(room, root.message_id);
    await bestEffort("remember a chain's line", () => chats.rememberLine(thread, card.line));
    return { thread, card: postId(room, root.message_id) };
  }

  function sendInto(thread: ThreadRef, room: Room, payload: Sending, about?: PostId): Promise<Sent> {
    const answered = about === undefined ? undefined : readPostId(about);
    const target = answered?.actual === room.actual ? answered.message : undefined;
    if (thread.kind === "topic") return sendInTopic(room, thread.topic, answering(payload, target));
    // Below a root in a group that has moved nothing can be added: the new group knows no such message.
    if (thread.actual !== room.actual)
      throw new ThreadGone("The group has become a supergroup and left its messages behind");
    return api.call("sendMessage", { chat_id: room.actual, ...answering(payload, target ?? thread.root) });
  }

  async function sendInTopic(room: Room, topic: number, payload: Sending): Promise<Sent> {
    const send = () => api.call("sendMessage", { chat_id: room.actual, message_thread_id: topic, ...payload });
    const sent = await send().catch(async (error: unknown) => {
      if (!failedBy(error, "topic-closed")) throw error;
      await reopen(room, topic, error);
      return await send();
    });
    if (sent.message_thread_id === topic) return sent;
    // With topics switched off, and at times for a deleted topic, Telegram posts to the main chat instead
    // (tdlib/telegram-bot-api#854): it would be read by everybody there, below nothing.
    await bestEffort("delete a stray message", () =>
      api.call("deleteMessage", { chat_id: room.actual, message_id: sent.message_id }),
    );
    chats.forget(room.actual);
    throw new ThreadGone("Telegram put the message outside of its topic");
  }

  async function reopen(room: Room, topic: number, closed: TelegramFailure): Promise<void> {
    try {
      await api.call("reopenForumTopic", { chat_id: room.actual, message_thread_id: topic });
    } catch (error) {
      if (failedBy(error, "unchanged")) return;
      throw failedBy(error, "flood", "unanswered", "unreachable", "token") ? error : closed;
    }
    logger.info({ chat: room.chat, topic }, "telegram: reopened a closed topic because a text arrived for it");
  }

  /** Whether the post is still there to be rewritten, and now is. */
  async function rewrite(room: Room, post: PostId, words: Words): Promise<boolean> {
    const { actual, message } = readPostId(post);
    if (actual !== room.actual) return false;
    try {
      await api.call("editMessageText", {
        chat_id: actual,
        message_id: message,

        ...plain(words),
      });
    } catch (error) {
      if (failedBy(error, "message-gone")) return false;
      if (!failedBy(error, "unchanged")) throw error;
    }
    return true;
  }

  async function bestEffort(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      logger.warn({ why: error instanceof Error ? error.message : String(error) }, `telegram: could not ${what}`);
    }
  }

  async function drawCard(thread: ThreadRef, room: Room, card: Card): Promise<PostId> {
    const sent = await sendInto(thread, room, {
      ...sending(renderCard(card, thread.kind)),
      disable_notification: true,
    });
    if (thread.kind === "topic") {
      const pin = { chat_id: room.actual, message_id: sent.message_id, disable_notification: true };
      await bestEffort("pin a card", () => api.call("pinChatMessage", pin));
    }
    return postId(room, sent.message_id);
  }

  return {
    open: (_conversation, place, card) =>
      attempt(place.chat, async (room) =>
        (await chats.isForum(room.actual)) ? openTopic(room, card) : openChain(room, card),
      ),

    async send(thread, post) {
      const ref = readThreadId(thread);
      const setting = ref.kind === "topic" ? ref : { kind: ref.kind, line: await chats.lineOf(thread) };
      const payload = sending(renderPost(post, setting, clock), keyboard(post.choices));
      return attempt(ref.chat, async (room) =>
        postId(room, (await sendInto(ref, room, payload, post.about)).message_id),
      );
    },

    showCard(thread: ThreadId, card: Card, shown?: PostId) {
      const ref = readThreadId(thread);
      return attempt(ref.chat, async (room) => {
        if (shown !== undefined && (await rewrite(room, shown, renderCard(card, ref.kind)))) return shown;
        return await drawCard(ref, room, card);
      });
    },

    settle: (post, outcome) =>
      attempt(readPostId(post).chat, async (room) => {
        const there = await rewrite(room, post, assemble([{ text: outcome, style: "italic" }]));
        if (!there) logger.debug({ post }, "telegram: a post with buttons is no longer there");
      }),
  };
}

function plain(words: Words) {
  return { ...words, link_preview_options: { is_disabled: true } };
}

function sending(words: Words, markup?: ReturnType<typeof keyboard>): Sending {
  return markup ? { ...plain(words), reply_markup: markup } : plain(words);
}

function answering(payload: Sending, message: number | undefined): Sending {
  if (message === undefined) return payload;
  return { ...payload, reply_parameters: { message_id: message, allow_sending_without_reply: true } };
}

function failedBy(error: unknown, ...reasons: readonly TelegramFailure["reason"][]): error is TelegramFailure {
  return error instanceof TelegramFailure && reasons.includes(error.reason);
}
