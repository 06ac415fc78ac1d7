/**
 * ID mappings over Keyv: which thread shows a conversation, and which post shows a message. Written by the lane that owns the
 * conversation, before its delivery ends; writing one twice is harmless. No text, and no number but inside conversation ids.
 */
import type { ConversationId, MessageId, Place, PostId, ThreadId } from "./message.js";
import type { Space } from "./store/keyv-space.js";

/** `card`: the post with the conversation's card. `recap`: opened in place of a thread that went; the recap is still to be posted. */
export interface ThreadLink {
  readonly thread: ThreadId;
  readonly card?: PostId;
  readonly recap?: boolean;
}

export interface PostLink {
  readonly conversation: ConversationId;
  /** The message that the post shows; absent for notices, and for posts that show several. */
  readonly message?: MessageId;
}

export interface Links {
  thread(conversation: ConversationId, place: Place): Promise<ThreadLink | undefined>;
  linkThread(conversation: ConversationId, place: Place, link: ThreadLink): Promise<void>;
  /** The thread is gone; the next one opened in this place gets a recap. */
  loseThread(conversation: ConversationId, place: Place): Promise<void>;
  /** Whether a thread in this place went before. */
  lostThread(conversation: ConversationId, place: Place): Promise<boolean>;
  conversationOf(platform: string, thread: ThreadId): Promise<ConversationId | undefined>;
  post(platform: string, post: PostId): Promise<PostLink | undefined>;
  linkPost(place: Place, post: PostId, link: PostLink): Promise<void>;
  /** The posts in this place that show the message: the one a person typed, or our copies. */
  shown(message: MessageId, place: Place): Promise<readonly PostId[]>;
  close(): Promise<void>;
}

/** Posts are looked up for replies, edits and marks; after this time nobody answers them any more. */
const POST_LINK_MS = 180 * 24 * 3_600_000;

/** `space` opens a namespace. */
export function createLinks(space: <T>(namespace: string) => Space<T>): Links {
  const threads = space<ThreadLink | "lost">("threads");
  const conversations = space<ConversationId>("conversations");
  const posts = space<PostLink>("posts");
  const shown = space<readonly PostId[]>("shown");

  const threadIn = async (conversation: ConversationId, place: Place): Promise<ThreadLink | "lost" | undefined> =>
    threads.get(inPlace(place, conversation));

  const addShown = async (message: MessageId, place: Place, post: PostId): Promise<void> => {
    const key = inPlace(place, message);
    const known = (await shown.get(key)) ?? [];
    if (!known.includes(post)) await shown.set(key, [...known, post], POST_LINK_MS);
  };

  return {
    async thread(conversation, place) {
      const link = await threadIn(conversation, place);
      return link === "lost" ? undefined : link;
    },
    async linkThread(conversation, place, link) {
      // In this order: whoever has the thread can also be answered.
      await conversations.set(on(place.platform, link.thread), conversation);
      await threads.set(inPlace(place, conversation), link);
    },
    async loseThread(conversation, place) {
      await threads.set(inPlace(place, conversation), "lost");
    },
    lostThread: async (conversation, place) => (await threadIn(conversation, place)) === "lost",
    conversationOf: (platform, thread) => conversations.get(on(platform, thread)),
    post: (platform, post) => posts.get(on(platform, post)),
    async linkPost(place, post, link) {
      const { message } = link;
      await Promise.all([
        posts.set(on(place.platform, post), link, POST_LINK_MS),
        message === undefined ? undefined : addShown(message, place, post),
      ]);
    },
    shown: async (message, place) => (await shown.get(inPlace(place, message))) ?? [],
    async close() {
      await Promise.all([threads, conversations, posts, shown].map((each) => each.close()));
    },
  };
}

export function samePlace(a: Place, b: Place): boolean {
  return a.platform === b.platform && a.chat === b.chat;
}

function on(platform: string, id: string): string {
  return `${platform} ${id}`;
}

function inPlace({ platform, chat }: Place, id: string): string {
  return `${platform} ${chat} ${id}`;
}
