/** Buttons that people press under posts of ours. */
import type { Chosen } from "../../adapter.js";
import { settleDelivery } from "../../bridge.js";
import { SAY } from "../../say.js";
import type { MessageId } from "../../message.js";
import type { Outcome } from "../../queue/attempts.js";
import type { Transaction } from "../../store/port.js";
import { usedUp } from "../buttons.js";
import { decide } from "../decided.js";
import type { Parts } from "../parts.js";
import { whoIs } from "./scene.js";
import { tryAgain } from "./undecided.js";

export async function chosen(parts: Parts, platform: string, event: Chosen): Promise<Outcome> {
  const who = await whoIs(parts, platform, event.author);
  if (who.refused !== undefined) return { result: "done" };
  const { chats, placesOf, clock } = parts;
  const message = event.subject as MessageId;
  const decision = { message, action: event.action, by: who.name, key: `chosen.${event.key}`, under: event };
  return {
    result: "done",
    and: async (tx) => {
      if (!(await tx.firstTime(usedUp(platform, event.post)))) return;
      const announcing = { chats, placesOf, now: clock.now() };
      const isDone =
        (await decide(tx, decision, announcing)) !== undefined || (await tryAgain(tx, decision, announcing));
      if (!isDone) await tooLate(tx, parts, event);
    },
  };
}

/** Somebody was faster, or the text went its way; what the post says stays. */
async function tooLate(tx: Transaction, { chats }: Parts, { place, post, said }: Chosen): Promise<void> {
  await tx.queue.replace(settleDelivery(place, post, { outcome: SAY.choiceGone, said }, chats));
}
