/** All that is linked to some conversations, found and forgotten. Goes through every link: for work that is done rarely. */
import type { PostLink, ThreadLink } from "./link.js";
import type { ConversationId, MessageId, Place, PostId, ThreadId } from "../message.js";
import type { Space } from "../store/keyv-space.js";
import { inPlace, on, readInPlace, readOn } from "./keys.js";

export interface Linked {
  /** The places that have, or had, a thread of the conversation. */
  readonly shownIn: readonly { readonly conversation: ConversationId; readonly place: Place }[];
  /** Also those that gave way to others. */
  readonly threads: readonly LinkedThread[];
  readonly posts: readonly LinkedPost[];
}

export interface LinkedThread {
  readonly platform: string;
  readonly thread: ThreadId;
  readonly conversation: ConversationId;
}

export interface LinkedPost extends PostLink {
  readonly platform: string;
  readonly post: PostId;
}

export interface ErasesLinks {
  /** undefined: the store of the links cannot be searched. */
  linkedTo(isWanted: (conversation: ConversationId) => boolean): Promise<Linked | undefined>;
  /** The conversations' next texts open new threads. What is linked is still known, so that it can be erased. */
  closeThreads(linked: Linked): Promise<void>;
  /** `messages`: more of these conversations than the posts tell. */
  forget(linked: Linked, messages: readonly MessageId[]): Promise<void>;
}

export interface Spaces {
  readonly threads: Space<ThreadLink | "lost">;
  readonly conversations: Space<ConversationId>;
  readonly posts: Space<PostLink>;
  readonly shown: Space<readonly PostId[]>;
}

export function erasingLinks({ threads, conversations, posts, shown }: Spaces): ErasesLinks {
  return {
    async linkedTo(isWanted) {
      const [inPlaces, byThread, byPost] = [threads.entries(), conversations.entries(), posts.entries()];
      if (inPlaces === undefined || byThread === undefined || byPost === undefined) return undefined;
      const found = {
        shownIn: [] as Linked["shownIn"][number][],
        threads: [] as LinkedThread[],
        posts: [] as LinkedPost[],
      };
      for await (const [key] of inPlaces) {
        const { place, id } = readInPlace(key);
        if (isWanted(id as ConversationId)) found.shownIn.push({ place, conversation: id as ConversationId });
      }
      for await (const [key, conversation] of byThread) {
        const { platform, id } = readOn(key);
        if (isWanted(conversation)) found.threads.push({ platform, thread: id as ThreadId, conversation });
      }
      for await (const [key, link] of byPost) {
        const { platform, id } = readOn(key);
        if (isWanted(link.conversation)) found.posts.push({ platform, post: id as PostId, ...link });
      }
      return found;
    },

    async closeThreads({ shownIn }) {
      for (const { place, conversation } of shownIn) await threads.delete(inPlace(place, conversation));
    },

    async forget(linked, messages) {
      const all = new Set([...messages, ...linked.posts.flatMap(({ message }) => message ?? [])]);
      const places = [...new Map(linked.shownIn.map(({ place }) => [inPlace(place, ""), place])).values()];
      for (const place of places) for (const message of all) await shown.delete(inPlace(place, message));
      for (const { platform, post } of linked.posts) await posts.delete(on(platform, post));
      for (const { platform, thread } of linked.threads) await conversations.delete(on(platform, thread));
    },
  };
}
