/** Buttons that people press under posts of ours. */
import type { Chosen } from "../../adapter.js";
import { settleDelivery } from "../../bridge.js";
import { SAY } from "../../say.js";
import type { MessageId } from "../../message.js";
import type { Kept } from "../../queue/port.js";
import type { Outcome } from "../../queue/worker.js";
import type { Transaction } from "../../store/port.js";
import { askedAbout, isAside, settleEverywhere, textsIn, usedUp } from "../buttons.js";
import { markEverywhere, moveMark } from "../outcome.js";
import type { Parts } from "../parts.js";
import { sendAgain } from "../send-again.js";
import { notice, sceneOf, show, whoIs, type Who } from "./scene.js";

export async function chosen(parts: Parts, platform: string, event: Chosen): Promise<Outcome> {
  const who = await whoIs(parts, platform, event.author);
  if (who.refused !== undefined) return { result: "done" };
  return {
    result: "done",
    and: async (tx) => {
      if (!(await tx.firstTime(usedUp(platform, event.post)))) return;
      const aside = (await textsIn(tx, event.subject as MessageId)).filter(isAside);
      await (aside.length === 0 ? tooLate(tx, parts, event) : decide(tx, parts, { event, who, aside }));
    },
  };
}

/** Somebody was faster, or the text went its way; what the post says stays. */
async function tooLate(tx: Transaction, { chats }: Parts, { place, post, said }: Chosen): Promise<void> {
  await tx.queue.replace(settleDelivery(place, post, { outcome: SAY.choiceGone, said }, chats));
}

interface Decision {
  readonly event: Chosen;
  readonly who: Who;
  /** The texts that wait for it, at least one. */
  readonly aside: readonly Kept[];
}

async function decide(tx: Transaction, parts: Parts, { event, who, aside }: Decision): Promise<void> {
  const { chats, placesOf } = parts;
  const [first] = aside;
  const conversation = first?.work.kind === "text" ? await tx.conversation(first.work.conversation) : undefined;
  if (conversation === undefined) return;
  const message = event.subject as MessageId;
  const said = askedAbout(conversation, await textsIn(tx, message)) ?? event.said;
  const announcing = { chats, placesOf, now: parts.clock.now() };
  const outcome =
    event.action === "discard"
      ? await discard(tx, aside, who)
      : await sendNow(tx, aside, { ...event, by: who.name, now: announcing.now });
  const mark = event.action === "discard" ? "ignored" : "waiting";
  await markEverywhere(tx, conversation, message, mark, announcing);
  // What is known to have left needs no waiting.
  if (event.action !== "discard") await moveMark(tx, conversation, message, announcing);
  const settling = { outcome, said, key: `chosen.${event.key}` };
  await tx.queue.replace(settleDelivery(event.place, event.post, settling, chats));
  await settleEverywhere(tx, conversation, message, settling, announcing);
  // Elsewhere nobody knows of what was only asked about, but for a note that was to become a text.
  if (event.action === "discard" && first?.reason !== SAY.wasNote) return;
  const scene = sceneOf(parts, conversation, event.place);
  await show(tx, parts, scene.others, notice(scene, outcome, settling.key, event.at));
}

/** The ledger keeps its entries: nothing of them has left, so the words may still be changed. */
async function discard(tx: Transaction, aside: readonly Kept[], { name }: Who): Promise<string> {
  for (const { key } of aside) {
    await tx.queue.withdraw(key);
    await tx.ledger.change(key, { status: "queued", echoed: false, calls: 0 });
  }
  return SAY.discarded(name);
}

interface Asked {
  readonly action: Chosen["action"];
  readonly by: string;
  readonly now: number;
}

async function sendNow(tx: Transaction, aside: readonly Kept[], { action, by, now }: Asked): Promise<string> {
  let left = 0;
  for (const each of aside) if ((await sendAgain(tx, each, now)).proven) left += 1;
  if (left === aside.length) return SAY.hadArrived(by);
  if (aside.some(({ uncertain }) => uncertain)) return SAY.triedAgain(by);
  return action === "retry" ? SAY.sentAgain(by) : SAY.sentAnyway(by);
}
