/** Marks, cards and used buttons: what is drawn on a platform beside the posts. */
import type { ChatAdapter, MarksPosts, SettlesChoices, ShowsCards } from "../adapter.js";
import { settleDelivery } from "../bridge.js";
import { ThreadGone } from "../errors.js";
import type { MessageId, Place, PostId } from "../message.js";
import type { Delivery } from "../queue/port.js";
import type { Doer, Outcome } from "../queue/attempts.js";
import type { Kind, Settle, WorkOf } from "../queue/work.js";
import type { Transaction } from "../store/port.js";
import { askingAbout, usedUp } from "./buttons.js";
import { conversationOf, type Parts } from "./parts.js";
import { cardOf } from "./post.js";

const DONE: Outcome = { result: "done" };

export function markDoer(parts: Parts): Doer {
  return {
    async attempt([delivery]) {
      const { place, mark, post, detached } = workOf("mark", delivery);
      const { message } = delivery;
      const adapter = parts.adapter(place.platform);
      if (post !== undefined && detached !== undefined)
        await parts.links.linkPost(place, post, { conversation: detached });
      if (!marks(adapter)) return DONE;
      const linked = post === undefined && message !== undefined ? await postsShowing(parts, message, place) : [];
      for (const each of post === undefined ? linked : [post]) await unlessGone(() => adapter.mark(each, mark));
      return DONE;
    },
  };
}

/** The posts of the place that show the message; those whose words were taken back show it no more. */
export async function postsShowing({ links }: Parts, message: MessageId, place: Place): Promise<readonly PostId[]> {
  const posts: PostId[] = [];
  for (const post of await links.shown(message, place))
    if ((await links.post(place.platform, post))?.message === message) posts.push(post);
  return posts;
}

export function cardDoer(parts: Parts): Doer {
  return {
    async attempt([delivery]) {
      const { conversation: id, place } = workOf("card", delivery);
      const adapter = parts.adapter(place.platform);
      const link = await parts.links.thread(id, place);
      if (link === undefined || !showsCards(adapter)) return DONE;
      // If it is gone, the next post opens a new thread, which draws its own card.
      await unlessGone(async () => {
        const card = await adapter.showCard(link.thread, cardOf(conversationOf(parts, id), link), link.card);
        await parts.links.linkThread(id, place, { ...link, card });
        await parts.links.linkPost(place, card, { conversation: id });
      });
      return DONE;
    },
  };
}

export function settleDoer(parts: Parts): Doer {
  return {
    async attempt([delivery]) {
      const work = workOf("settle", delivery);
      const { place, post, outcome, said } = work;
      const adapter = parts.adapter(place.platform);
      if (!settles(adapter)) return DONE;
      if (post === undefined) return settleAsking(parts, work, delivery.message);
      await unlessGone(() => adapter.settle(post, outcome, said));
      return DONE;
    },
  };
}

/** Each post that asks about the message is settled by a delivery of its own, unless its button was used before. */
async function settleAsking(parts: Parts, work: Settle, message: MessageId | undefined): Promise<Outcome> {
  const { place } = work;
  const posts = message === undefined ? [] : await parts.links.shown(askingAbout(message), place);
  const and = async (tx: Transaction): Promise<void> => {
    for (const post of posts)
      if (await tx.firstTime(usedUp(place.platform, post)))
        await tx.queue.replace(settleDelivery(place, post, work, parts.chats));
  };
  return { result: "done", and };
}

/** On what is no longer there, nothing can be drawn, and nobody misses it. */
async function unlessGone(draw: () => Promise<void>): Promise<void> {
  try {
    await draw();
  } catch (error) {
    if (!(error instanceof ThreadGone)) throw error;
  }
}

function marks(adapter: ChatAdapter): adapter is ChatAdapter & MarksPosts {
  return "mark" in adapter;
}

function showsCards(adapter: ChatAdapter): adapter is ChatAdapter & ShowsCards {
  return "showCard" in adapter;
}

function settles(adapter: ChatAdapter): adapter is ChatAdapter & SettlesChoices {
  return "settle" in adapter;
}

function workOf<K extends Kind>(kind: K, { work }: Delivery): WorkOf<K> {
  if (work.kind !== kind) throw new TypeError(`not a ${kind}: ${work.kind}`);
  return work as WorkOf<K>;
}
