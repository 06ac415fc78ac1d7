/** What people wrote, changed, deleted or pressed in chats: decided here, in the order it happened in each chat. */
import type { Gone } from "../../adapter.js";
import { markDelivery } from "../../bridge.js";
import type { Doer, Outcome } from "../../queue/attempts.js";
import type { Heard } from "../../queue/work.js";
import type { Parts } from "../parts.js";
import { edited } from "./changed.js";
import { chosen } from "./chosen.js";
import { deleted } from "./deleted.js";
import { written } from "./written.js";

export function heardDoer(parts: Parts): Doer {
  return {
    attempt: ([delivery]) => {
      const { work } = delivery;
      if (work.kind !== "heard") throw new TypeError(`not heard: ${work.kind}`);
      return decide(parts, work, delivery.createdAt);
    },
    /** Whoever wrote must see that it went nowhere. */
    async gaveUp([{ work }], tx) {
      if (work.kind !== "heard" || work.event.kind !== "written") return;
      await tx.queue.replace(markDelivery(work.event.place, "failed", work.event.post, parts.chats));
    },
  };
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
