/**
 * ID mappings over Keyv: which thread shows a conversation, and which post shows a message. Written by the lane that owns the
 * conversation, before its delivery ends; writing one twice is harmless. No text, and no number but inside conversation ids.
 *
 * Everything ends by itself: a post's links some time after it was made, a thread's after the last post in it.
 */
import { faultPoint } from "./fault-point.js";
import type { ConversationId, MessageId, Place, PostId, ThreadId } from "./message.js";
import { erasingLinks, type ErasesLinks, type Spaces } from "./links/erasing.js";
import { inPlace, on } from "./links/keys.js";
import type { PostLink, ThreadLink } from "./links/link.js";
import { createRenewals, createInTurn } from "./links/renewal.js";
import { UnreadableValue, type Space } from "./store/keyv-space.js";

export interface Links extends ErasesLinks {
  thread(conversation: ConversationId, place: Place): Promise<ThreadLink | undefined>;
  linkThread(conversation: ConversationId, place: Place, link: ThreadLink): Promise<void>;
  /** The thread is gone; the next one opened in this place gets a recap. */
  loseThread(conversation: ConversationId, place: Place): Promise<void>;
  /** Whether a thread in this place went before. */
  lostThread(conversation: ConversationId, place: Place): Promise<boolean>;
  conversationOf(platform: string, thread: ThreadId): Promise<ConversationId | undefined>;
  post(platform: string, post: PostId): Promise<PostLink | undefined>;
  linkPost(place: Place, post: PostId, link: PostLink): Promise<void>;
  /** Rejects, as everything that writes, where nothing can be written now: a store may answer and refuse to write. */
  mustBeWritable(): Promise<void>;
  /** The posts in this place that show the message: the one a person typed, or our copies. */
  shown(message: MessageId, place: Place): Promise<readonly PostId[]>;
  close(): Promise<void>;
}

/** A thread that is in use is written anew about once a day. */
const RENEW_EVERY_MS = 24 * 3_600_000;

export interface LinksOptions {
  /** How long a link is kept after its last use. */
  readonly keepDays: number;
  /** Epoch ms. */
  now(): number;
}

/** `space` opens a namespace. */
export function createLinks(space: <T>(namespace: string) => Space<T>, { keepDays, now }: LinksOptions): Links {
  const spaces: Spaces = {
    threads: space("threads"),
    conversations: space("conversations"),
    posts: space("posts"),
    shown: space("shown"),
  };
  const { threads, conversations, posts, shown } = spaces;
  const tries = space<number>("tries");
  const keepMs = keepDays * 24 * 3_600_000;

  const threadIn = async (conversation: ConversationId, place: Place): Promise<ThreadLink | "lost" | undefined> =>
    threads.get(inPlace(place, conversation)).catch((error: unknown) => {
      // A new thread costs less than texts that nobody sees.
      if (error instanceof UnreadableValue) return "lost";
      throw error;
    });

  const addShown = async (message: MessageId, place: Place, post: PostId): Promise<void> => {
    const key = inPlace(place, message);
    const known = (await shown.get(key)) ?? [];
    if (!known.includes(post)) await shown.set(key, [...known, post], keepMs);
  };

  const inTurn = createInTurn();
  const renewed = createRenewals(Math.min(keepMs / 4, RENEW_EVERY_MS), now);

  const linkThread = async (conversation: ConversationId, place: Place, link: ThreadLink): Promise<void> => {
    // In this order: whoever has the thread can also be answered.
    await conversations.set(on(place.platform, link.thread), conversation, keepMs);
    faultPoint("thread.half-linked");
    await threads.set(inPlace(place, conversation), link, keepMs);
    renewed.note(inPlace(place, conversation));
  };

  /** A thread in which something happens is kept for longer. */
  const renew = async (conversation: ConversationId, place: Place): Promise<void> => {
    const key = inPlace(place, conversation);
    if (!renewed.isDue(key)) return;
    await inTurn(key, async () => {
      const link = await threadIn(conversation, place);
      if (link !== undefined && link !== "lost") await linkThread(conversation, place, link);
    });
    renewed.note(key);
  };

  return {
    async thread(conversation, place) {
      const link = await threadIn(conversation, place);
      return link === "lost" ? undefined : link;
    },
    linkThread: (conversation, place, link) =>
      inTurn(inPlace(place, conversation), () => linkThread(conversation, place, link)),
    loseThread: (conversation, place) => {
      const key = inPlace(place, conversation);
      return inTurn(key, () => threads.set(key, "lost", keepMs));
    },
    lostThread: async (conversation, place) => (await threadIn(conversation, place)) === "lost",
    conversationOf: (platform, thread) => conversations.get(on(platform, thread)),
    post: (platform, post) => posts.get(on(platform, post)),
    async linkPost(place, post, link) {
      const { message } = link;
      await Promise.all([
        posts.set(on(place.platform, post), link, keepMs),
        message === undefined ? undefined : addShown(message, place, post),
        renew(link.conversation, place),
      ]);
    },
    mustBeWritable: () => tries.set("last", now(), 60_000),
    shown: async (message, place) => (await shown.get(inPlace(place, message))) ?? [],
    ...erasingLinks(spaces),
    async close() {
      await Promise.all([threads, conversations, posts, shown, tries].map((each) => each.close()));
    },
  };
}

export function samePlace(a: Place, b: Place): boolean {
  return a.platform === b.platform && a.chat === b.chat;
}
