/** What people wrote, changed, deleted or pressed in chats: decided here, in the order it happened in each chat. */
import type { Gone } from "../../adapter.js";
import type { Doer, Outcome } from "../../queue/attempts.js";
import type { Heard } from "../../queue/work.js";
import type { Parts } from "../parts.js";
import { edited } from "./changed.js";
import { chosen } from "./chosen.js";
import { deleted } from "./deleted.js";
import { createTurns, outOfTurn } from "./turns.js";
import { undecided } from "./undecided.js";
import { written } from "./written.js";

export function heardDoer(parts: Parts): Doer {
  const isInTurn = createTurns(parts.store.queue);
  const startedAt = parts.clock.now();
  return {
    tooEarly: ([{ work, createdAt }]) =>
      work.kind === "heard" && parts.order(work.event, createdAt) === "unknown"
        ? parts.clock.now() + LOOK_AGAIN_MS
        : undefined,
    async attempt([delivery]) {
      const { work, lane, createdAt } = delivery;
      if (work.kind !== "heard") throw new TypeError(`not heard: ${work.kind}`);
      const order = parts.order(work.event, createdAt);
      // The platform came back anew since it was chosen.
      if (order === "unknown") return { result: "again", dueAt: parts.clock.now() + LOOK_AGAIN_MS };
      if (order === "known" || isInTurn(delivery)) return decide(parts, work, Math.max(createdAt, startedAt));
      return {
        result: "again",
        async and(tx) {
          // Read anew: what came meanwhile has its turn as well.
          for (const key of outOfTurn(delivery, await tx.queue.inLane(lane))) await tx.queue.putLast(key);
        },
      };
    },
    async gaveUp([delivery], reason) {
      const { work } = delivery;
      return work.kind === "heard" ? undecided(parts, delivery, work, reason) : async () => {};
    },
  };
}

/** What was missed is known soon. */
const LOOK_AGAIN_MS = 250;

/** `since`: when it was accepted, or this process began, epoch ms: what is waited for may need a process that is not ended meanwhile. */
function decide(parts: Parts, { platform, event }: Heard, since: number): Promise<Outcome> {
  switch (event.kind) {
    case "written":
      return written(parts, platform, event, since);
    case "edited":
      return edited(parts, platform, event, since);
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
