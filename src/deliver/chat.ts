/** Marks, cards and used buttons: what is drawn on a platform beside the posts. */
import type { ChatAdapter, MarksPosts, SettlesChoices, ShowsCards } from "../adapter.js";
import { ThreadGone } from "../errors.js";
import type { Delivery } from "../queue/port.js";
import type { Doer, Outcome } from "../queue/worker.js";
import type { Kind, WorkOf } from "../queue/work.js";
import { conversationOf, type Parts } from "./parts.js";
import { cardOf } from "./post.js";

const DONE: Outcome = { result: "done" };

export function markDoer(parts: Parts): Doer {
  return {
    async attempt([delivery]) {
      const { place, mark, post } = workOf("mark", delivery);
      const adapter = parts.adapter(place.platform);
      if (!marks(adapter)) return DONE;
      const linked = delivery.message === undefined ? [] : await parts.links.shown(delivery.message, place);
      for (const each of post === undefined ? linked : [post]) await unlessGone(() => adapter.mark(each, mark));
      return DONE;
    },
  };
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
        const card = await adapter.showCard(link.thread, cardOf(conversationOf(parts, id)), link.card);
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
      const { place, post, outcome } = workOf("settle", delivery);
      const adapter = parts.adapter(place.platform);
      if (settles(adapter)) await unlessGone(() => adapter.settle(post, outcome));
      return DONE;
    },
  };
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
