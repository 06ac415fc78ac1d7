/** Opening threads, sending into them and showing their cards: in a forum group by topics, elsewhere by chains of answers. */
import type { ChatAdapter, KnowsTwins, Opened, SettlesChoices, ShowsCards } from "../../src/adapter.js";
import type { Logger } from "../../src/log.js";
import type { Card, PostId } from "../../src/message.js";
import type { Api } from "./api.js";
import type { Attempt } from "./attempt.js";
import { renderCard, topicColour, topicName } from "./card.js";
import type { Chats } from "./chats.js";
import { chainId, postId, readPostId, readThreadId, type Room, type ThreadRef, topicId } from "./ids.js";
import { bestEffort, createSending, payloadOf } from "./sending.js";
import { type Clock, keyboard, renderPost, renderSettled } from "./to-telegram.js";
import type { Topics } from "./topics.js";

export type Threads = Pick<ChatAdapter, "open" | "send"> & ShowsCards & SettlesChoices & KnowsTwins;

interface Deps {
  readonly api: Api;
  readonly attempt: Attempt;
  readonly chats: Chats;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly topics: Topics;
}

export function createThreads(deps: Deps): Threads {
  const { api, attempt, chats, clock, logger, topics } = deps;
  const sending = createSending(deps);

  async function openTopic({ chat, actual }: Room, card: Card, key: string): Promise<Opened> {
    const name = topicName(card);
    const left = await topics.claim(actual, name, key, card.repeat === true);
    if (left !== undefined) return { thread: topicId(chat, left), found: true };
    const look = { name, icon_color: topicColour(card) };
    const { message_thread_id: topic } = await api.call("createForumTopic", { chat_id: actual, ...look });
    await topics.answered(actual, name, topic, key);
    return { thread: topicId(chat, topic) };
  }

  async function openChain(room: Room, card: Card): Promise<Opened> {
    const root = await api.call("sendMessage", { chat_id: room.actual, ...payloadOf(renderCard(card, "chain")) });
    const thread = chainId(room, root.message_id);
    await bestEffort(logger, "remember a chain's line", () => chats.rememberLine(thread, card.line));
    return { thread, card: postId(room, root.message_id) };
  }

  async function drawCard(thread: ThreadRef, room: Room, card: Card): Promise<PostId> {
    const payload = { ...payloadOf(renderCard(card, thread.kind)), disable_notification: true };
    const { message_id } = await sending.into(thread, room, payload);
    if (thread.kind === "topic") {
      const pin = { chat_id: room.actual, message_id, disable_notification: true };
      await bestEffort(logger, "pin a card", () => api.call("pinChatMessage", pin));
    }
    return postId(room, message_id);
  }

  return {
    open: (_conversation, place, card, key) =>
      attempt(place.chat, async (room) =>
        (await chats.isForum(room.actual)) ? openTopic(room, card, key) : openChain(room, card),
      ),

    async send(thread, post) {
      const ref = readThreadId(thread);
      const setting = ref.kind === "topic" ? ref : { kind: ref.kind, line: await chats.lineOf(thread) };
      const payload = payloadOf(renderPost(post, setting, clock), keyboard(post.choices));
      return attempt(ref.chat, async (room) => {
        const { message_id } = await sending.into(ref, room, payload, post.about);
        return postId(room, message_id);
      });
    },

    async twinOf(thread) {
      const ref = readThreadId(thread);
      if (ref.kind !== "topic") return undefined;
      await chats.ready();
      const twin = await topics.twinOf(chats.named(ref.chat).actual, ref.topic);
      if (twin !== undefined) return topicId(ref.chat, twin);
      const former = chats.formerName(ref.chat);
      return former === undefined ? undefined : topicId(former, ref.topic);
    },

    showCard(thread, card, shown) {
      const ref = readThreadId(thread);
      return attempt(ref.chat, async (room) => {
        if (shown !== undefined && (await sending.over(room, shown, renderCard(card, ref.kind)))) return shown;
        return await drawCard(ref, room, card);
      });
    },

    settle: (post, outcome, said) =>
      attempt(readPostId(post).chat, async (room) => {
        const words = said === undefined ? undefined : renderSettled(said, outcome);
        const there = await sending.over(room, post, words);
        if (!there) logger.debug({ post }, "telegram: a post with buttons is no longer there");
      }),
  };
}
