/** Taking a topic away, or the messages of a chain, as far as Telegram lets a bot (core.telegram.org/bots/api#deletemessage). */
import type { Erased, ErasesThreads } from "../../src/adapter.js";
import { GiveUp, RetryLater, ThreadGone } from "../../src/errors.js";
import type { PostId } from "../../src/message.js";
import type { Api } from "./api.js";
import type { Attempt } from "./attempt.js";
import { TelegramFailure } from "./errors.js";
import { numberAlike, numberedBy, type PostRef, readPostId, readThreadId } from "./ids.js";

type Fate = "removed" | "gone" | "stays";

export function createErasing({ api, attempt }: { api: Api; attempt: Attempt }): ErasesThreads {
  const eraseTopic = (chat: string, topic: number): Promise<Erased> =>
    attempt(chat, async ({ actual }) => {
      await api.call("deleteForumTopic", { chat_id: actual, message_thread_id: topic });
      return { removed: 1, stays: [] };
    });

  const remove = (post: PostRef): Promise<Fate> =>
    attempt(post.chat, async (room) => {
      // A group that has become a supergroup left its messages behind, where the bot no longer is; so did another bot.
      if (!numberAlike(room, post)) return "stays";
      try {
        await api.call("deleteMessage", { chat_id: post.actual, message_id: post.message });
        return "removed";
      } catch (error) {
        if (!(error instanceof TelegramFailure)) throw error;
        if (error.reason === "message-gone") return "gone";
        if (error.reason === "message-stays") return "stays";
        throw error;
      }
    });

  const eraseChain = async (chat: string, posts: readonly PostRef[]): Promise<Erased> => {
    const fates: Fate[] = [];
    const so = (): Erased => {
      const count = (fate: Fate): number => fates.filter((each) => each === fate).length;
      return { removed: count("removed"), stays: stayingWords(count("stays"), chat) };
    };
    try {
      for (const post of posts) fates.push(await remove(post));
    } catch (error) {
      if (error instanceof RetryLater) return { ...so(), again: error };
      throw error;
    }
    return so();
  };

  return {
    async eraseThread(thread, posts) {
      const ref = readThreadId(thread);
      try {
        if (ref.kind === "topic") return await eraseTopic(ref.chat, ref.topic);
        return await eraseChain(ref.chat, unique([...postsIn(ref.chat, posts), { ...ref, message: ref.root }]));
      } catch (error) {
        if (error instanceof ThreadGone) return { removed: 0, stays: [] };
        if (error instanceof RetryLater) return { removed: 0, stays: [], again: error };
        if (error instanceof GiveUp) return { removed: 0, stays: [error.message] };
        throw error;
      }
    },
  };
}

function postsIn(chat: string, posts: readonly PostId[]): readonly PostRef[] {
  return posts.map(readPostId).filter((post) => post.chat === chat);
}

function unique(posts: readonly PostRef[]): readonly PostRef[] {
  return [...new Map(posts.map((post) => [`${numberedBy(post)}/${post.message}`, post])).values()];
}

function stayingWords(count: number, chat: string): readonly string[] {
  if (count === 0) return [];
  const what = count === 1 ? "1 message stays" : `${count} messages stay`;
  return [
    `${what} in Telegram chat ${chat}: a bot can delete only what is younger than 48 hours, and of others only as an administrator. Delete them there by hand.`,
  ];
}
