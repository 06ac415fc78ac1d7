/** What people wrote, changed, deleted or pressed in chats: decided here, in the order it happened in each chat. */
import type { Gone, Written } from "../../adapter.js";
import { markDelivery } from "../../bridge.js";
import type { Doer, Outcome } from "../../queue/attempts.js";
import type { Heard } from "../../queue/work.js";
import { SAY } from "../../say.js";
import type { Transaction } from "../../store/port.js";
import type { Parts } from "../parts.js";
import { edited } from "./changed.js";
import { chosen } from "./chosen.js";
import { deleted } from "./deleted.js";
import { notice, sceneOf, show } from "./scene.js";
import { createTurns, outOfTurn } from "./turns.js";
import { addressed, written } from "./written.js";

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
      const mixed = parts.order(work.event, createdAt) === "mixed";
      if (!mixed || isInTurn(delivery)) return decide(parts, work, Math.max(createdAt, startedAt));
      return {
        result: "again",
        async and(tx) {
          // Read anew: what came meanwhile has its turn as well.
          for (const key of outOfTurn(delivery, await tx.queue.inLane(lane))) await tx.queue.putLast(key);
        },
      };
    },
    async gaveUp([{ work }], reason) {
      if (work.kind !== "heard" || work.event.kind !== "written") return async () => {};
      return undecided(parts, work.platform, work.event, reason);
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

/** Whoever wrote must see that it went nowhere, and why, where it is known in which thread to tell it. */
async function undecided(parts: Parts, platform: string, event: Written, reason: string) {
  const { place, post, key, at, text } = event;
  const id = await addressed(parts, platform, event);
  const conversation = id === undefined ? undefined : parts.store.conversation(id);
  return async (tx: Transaction): Promise<void> => {
    await tx.queue.replace(markDelivery(place, "failed", post, parts.chats));
    if (conversation === undefined) return;
    const why = notice(sceneOf(parts, conversation, place), SAY.undecided(text, reason), `undecided.${key}`, at, {
      about: { place, post },
    });
    await show(tx, parts, [place], why);
  };
}

async function gone({ links }: Parts, platform: string, event: Gone): Promise<Outcome> {
  const conversation = await links.conversationOf(platform, event.thread);
  if (conversation === undefined) return { result: "done" };
  const current = await links.thread(conversation, event.place);
  if (current?.thread === event.thread) await links.loseThread(conversation, event.place);
  return { result: "done" };
}
