/** Our own messages in Slack: threads opened, posts sent, drawn anew. */
import type { ChatPostMessageArguments, ChatPostMessageResponse, WebClient } from "@slack/web-api";
import type { Opened } from "../../src/adapter.js";
import { GiveUp, ThreadGone } from "../../src/errors.js";
import type { Logger } from "../../src/log.js";
import type { Card, Place, Post, PostId, ThreadId } from "../../src/message.js";
import { type SlackApi, unless } from "./api.js";
import { type Attempts, markerOf } from "./attempts.js";
import { cardMessage } from "./card.js";
import { notSlacks } from "./errors.js";
import { openedAt, postIdOf, timeOf, whereOf, type Where } from "./ids.js";
import { isSettled, type Message, messageOf, noticeSaying, settledMessage, type Shown, verbatim } from "./to-slack.js";

export interface PostsDeps {
  readonly api: SlackApi;
  readonly attempts: Attempts;
  readonly logger: Logger;
  readonly now: () => number;
  readonly notePrefix: string;
}

type Draft = Message & { readonly channel: string; readonly thread_ts?: string };

export type Posts = ReturnType<typeof createPosts>;

export function createPosts({ api, attempts, logger, now, notePrefix }: PostsDeps) {
  const pressed = new Map<PostId, Shown>();

  const put = async (message: Draft, key: string): Promise<ChatPostMessageResponse & { readonly ts: string }> => {
    const { channel } = message;
    const marked = { ...message, ...verbatim, metadata: markerOf(key) } as ChatPostMessageArguments;
    const asked = { method: "chat.postMessage", repeats: "doubles", channel } as const;
    attempts.begin(key);
    const post = ({ chat: { postMessage } }: WebClient): Promise<ChatPostMessageResponse> => postMessage(marked);
    const answer = await api.call(asked.method, asked.repeats, post, channel);
    const { ts } = answer;
    if (typeof ts !== "string" || ts === "") throw notSlacks(asked);
    attempts.end(key);
    attempts.saw(timeOf(ts));
    return { ...answer, ts };
  };

  /** A reply to a deleted root is no failure to Slack: it lands openly in the channel, before more eyes than were meant. */
  const takeBack = async ({ channel, ts }: Where): Promise<never> => {
    await api
      .call("chat.delete", "same", (web) => web.chat.delete({ channel, ts }).catch(unless("message_not_found")))
      .catch((error: unknown) =>
        logger.error({ err: error, channel, ts }, "a post outside its thread could not be deleted"),
      );
    throw new ThreadGone("The Slack thread's first message was deleted.");
  };

  /** As Slack showed it when its button was pressed, else as it reads now, else as the bridge knows it; undefined: the post is gone. */
  const shownAt = async (post: PostId, said: string | undefined): Promise<Shown | undefined> => {
    const remembered = pressed.get(post);
    if (remembered !== undefined) return remembered;
    const { channel, ts } = whereOf(post);
    const range = { channel, ts, oldest: ts, latest: ts, inclusive: true, limit: 1 };
    try {
      const { messages } = await api.call("conversations.replies", "same", (web) => web.conversations.replies(range));
      return messages?.find((message) => message.ts === ts);
    } catch (error) {
      if (error instanceof ThreadGone) return undefined;
      if (error instanceof GiveUp) return said === undefined ? {} : noticeSaying(said);
      throw error;
    }
  };

  return {
    async open(place: Place, card: Card, key: string): Promise<Opened> {
      const answer = await put({ channel: place.chat, ...cardMessage(card, notePrefix) }, key);
      return openedAt({ channel: answer.channel ?? place.chat, ts: answer.ts });
    },

    async send(thread: ThreadId, post: Post, key: string): Promise<PostId> {
      const { channel, ts } = whereOf(thread);
      const answer = await put({ channel, thread_ts: ts, ...messageOf(post, now()) }, key);
      const posted = { channel, ts: answer.ts };
      if (answer.message?.ts !== undefined && answer.message.thread_ts !== ts) await takeBack(posted);
      return postIdOf(posted);
    },

    async showCard(thread: ThreadId, card: Card, shown?: PostId): Promise<PostId> {
      const where = whereOf(shown ?? thread);
      await api.call("chat.update", "same", (web) =>
        web.chat.update({ ...where, ...cardMessage(card, notePrefix), parse: "none", link_names: false }),
      );
      return postIdOf(where);
    },

    /** Keeps what a post showed when a button in it was pressed, for `settle`. */
    remember(post: PostId, shown: Shown): void {
      pressed.set(post, shown);
      const [oldest] = pressed.keys();
      if (pressed.size > mostRemembered && oldest !== undefined) pressed.delete(oldest);
    },

    async settle(post: PostId, outcome: string, said?: string): Promise<void> {
      const shown = await shownAt(post, said);
      if (shown === undefined || isSettled(shown, outcome)) return;
      await api.call("chat.update", "same", (web) =>
        web.chat
          .update({ ...whereOf(post), ...settledMessage(shown, outcome), parse: "none", link_names: false })
          .catch(unless("message_not_found")),
      );
      pressed.delete(post);
    },
  };
}

const mostRemembered = 500;
