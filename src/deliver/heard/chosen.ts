/** Buttons that people press under posts of ours. */
import type { Chosen } from "../../adapter.js";
import { SAY, settleDelivery } from "../../bridge.js";
import type { MessageId } from "../../message.js";
import type { Outcome } from "../../queue/worker.js";
import type { Transaction } from "../../store/port.js";
import { markOrigin } from "../outcome.js";
import { conversationOf, type Parts } from "../parts.js";
import { notice, sceneOf, show, whoIs, type Who } from "./scene.js";

export async function chosen(parts: Parts, platform: string, event: Chosen): Promise<Outcome> {
  const who = await whoIs(parts, platform, event.author);
  if (who.refused !== undefined) return { result: "done" };
  const link = await parts.links.post(platform, event.post);
  const scene = link === undefined ? undefined : sceneOf(parts, conversationOf(parts, link.conversation), event.place);
  return {
    result: "done",
    and: async (tx) => {
      if (!(await tx.firstTime(`used ${platform} ${event.post}`))) return;
      const outcome = await choose(tx, parts, event, who);
      await tx.queue.replace(settleDelivery(event.place, event.post, outcome ?? SAY.choiceGone, parts.chats));
      if (outcome === undefined || scene === undefined || event.action === "discard") return;
      await show(tx, parts, scene.others, notice(scene, outcome, `chosen.${event.key}`, event.at));
    },
  };
}

/** What was done, as a sentence for people; undefined: nothing was left to decide. */
async function choose(tx: Transaction, parts: Parts, event: Chosen, who: Who): Promise<string | undefined> {
  const message = event.subject as MessageId;
  const aside = (await tx.queue.ofMessage(message)).filter(
    ({ state, work }) => work.kind === "text" && (state === "set-aside" || state === "held"),
  );
  if (aside.length === 0) return undefined;
  for (const { key } of aside) {
    if (event.action === "discard") await tx.queue.withdraw(key);
    else await tx.queue.revive(key, parts.clock.now());
    await tx.ledger.change(key, { status: "queued", echoed: false, calls: 0 });
  }
  await markOrigin(tx, message, event.action === "discard" ? "ignored" : "waiting", parts.chats);
  if (event.action === "discard") return SAY.discarded(who.name);
  return event.action === "retry" ? SAY.sentAgain(who.name) : SAY.sentAnyway(who.name);
}
