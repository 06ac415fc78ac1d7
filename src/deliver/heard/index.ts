/** What people wrote, changed, deleted or pressed in chats: decided here, in the order it happened in each chat. */
import type { Gone } from "../../adapter.js";
import { markDelivery } from "../../bridge.js";
import type { Doer, Outcome } from "../../queue/attempts.js";
import type { Heard } from "../../queue/work.js";
import type { Delivery } from "../../queue/port.js";
import type { Parts } from "../parts.js";
import { edited } from "./changed.js";
import { chosen } from "./chosen.js";
import { deleted } from "./deleted.js";
import { written } from "./written.js";

export function heardDoer(parts: Parts): Doer {
  return {
    async attempt([delivery]) {
      const { work, lane, createdAt } = delivery;
      if (work.kind !== "heard") throw new TypeError(`not heard: ${work.kind}`);
      const order = parts.order(work.event, createdAt);
      if (order === "unknown") return { result: "again", dueAt: parts.clock.now() + LOOK_AGAIN_MS };
      const last = order === "mixed" ? outOfTurn(delivery, parts.store.queue.inLane(lane)) : [];
      if (last.length === 0) return decide(parts, work, createdAt);
      return {
        result: "again",
        and: async (tx) => {
          for (const key of last) await tx.queue.putLast(key);
        },
      };
    },
    /** Whoever wrote must see that it went nowhere. */
    async gaveUp([{ work }], tx) {
      if (work.kind !== "heard" || work.event.kind !== "written") return;
      await tx.queue.replace(markDelivery(work.event.place, "failed", work.event.post, parts.chats));
    },
  };
}

/** What was missed is known soon. */
const LOOK_AGAIN_MS = 250;

/** The keys to put last, one after the other, so that the lane goes on in the order in which things happened; none if it does. Pure. */
export function outOfTurn(underWay: Delivery, lane: readonly Delivery[]): readonly string[] {
  const happened = lane
    .filter(({ id, attempt }) => id === underWay.id || attempt === undefined)
    .map(({ key, work }) => ({ key, at: work.kind === "heard" ? work.event.at : 0 }));
  const first = happened.findIndex(({ at }, index) => happened.slice(index + 1).some((later) => later.at < at));
  return first < 0
    ? []
    : happened
        .slice(first)
        .toSorted((a, b) => a.at - b.at)
        .map(({ key }) => key);
}

function decide(parts: Parts, { platform, event }: Heard, since: number): Promise<Outcome> {
  switch (event.kind) {
    case "written":
      return written(parts, platform, event, since);
    case "edited":
      return edited(parts, platform, event);
    case "deleted":
      return deleted(parts, platform, event);
    case "chosen":
      return chosen(parts, platform, event);
    case "gone":
      return gone(parts, platform, event);
  }
}

async function gone({ links }: Parts, platform: string, event: Gone): Promise<Outcome> {
  const conversation = await links.conversationOf(platform, event.thread);
  if (conversation === undefined) return { result: "done" };
  const current = await links.thread(conversation, event.place);
  if (current?.thread === event.thread) await links.loseThread(conversation, event.place);
  return { result: "done" };
}
