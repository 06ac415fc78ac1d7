/** What somebody decides about texts that gave up or were held: by a button in a thread, or on the command line. */
import { BRIDGE, settleDelivery, showIn } from "../bridge.js";
import { samePlace } from "../links.js";
import type { Choice, Conversation, MessageId, Place, PostId } from "../message.js";
import type { Kept } from "../queue/port.js";
import { SAY } from "../say.js";
import type { Transaction } from "../store/port.js";
import type { Announcing } from "./announcing.js";
import { askedAbout, isAside, settleEverywhere, textsIn, withOrigin, wordsOf } from "./buttons.js";
import { markEverywhere, moveMark } from "./outcome.js";
import { sendAgain } from "./send-again.js";

export interface Decision {
  readonly message: MessageId;
  readonly action: Choice["action"];
  /** Who decided, as the threads name them. */
  readonly by: string;
  /** Names the occasion. */
  readonly key: string;
  /** The post whose button was used, if one was, and what it says where that is known. */
  readonly under?: { readonly place: Place; readonly post: PostId; readonly said?: string | undefined };
}

/**
 * Carries it out for all texts of the message that wait for it, and tells its threads. Gives those texts as they were: none, when
 * somebody was faster.
 */
export async function decide(
  tx: Transaction,
  decision: Decision,
  announcing: Announcing,
): Promise<readonly [Kept, ...Kept[]] | undefined> {
  const texts = await textsIn(tx, decision.message);
  const [first, ...rest] = texts.filter((each) => isAside(each) && isMeant(decision.action, each));
  if (first === undefined) return undefined;
  const aside = [first, ...rest] as const;
  const conversation = first.work.kind === "text" ? await tx.conversation(first.work.conversation) : undefined;
  const outcome = await carryOut(tx, aside, decision, announcing.now);
  if (conversation !== undefined) await tell(tx, { ...decision, conversation, texts, aside, outcome }, announcing);
  return aside;
}

/** A button may be older than what became of the text: what is asked about is not sent by the Retry of an earlier failure. */
function isMeant(action: Decision["action"], { state }: Kept): boolean {
  return action === "discard" || state === (action === "send" ? "held" : "set-aside");
}

interface Decided extends Decision {
  readonly conversation: Conversation;
  /** All of the message, and those that waited for the decision, as they were. */
  readonly texts: readonly Kept[];
  readonly aside: readonly [Kept, ...Kept[]];
  readonly outcome: string;
}

async function tell(tx: Transaction, decided: Decided, announcing: Announcing): Promise<void> {
  const { action, aside, conversation, key, message, outcome, texts, under } = decided;
  const held = aside[0].state === "held";
  const mark = action !== "discard" ? "waiting" : held ? "ignored" : "failed";
  await markEverywhere(tx, conversation, message, mark, announcing);
  // What is known to have left needs no waiting.
  if (action !== "discard") await moveMark(tx, conversation, message, announcing);
  const settling = { outcome, said: askedAbout(conversation, texts) ?? under?.said, key };
  if (under !== undefined) await tx.queue.replace(settleDelivery(under.place, under.post, settling, announcing.chats));
  await settleEverywhere(tx, conversation, message, settling, announcing);
  const text = SAY.about(wordsOf(aside), outcome);
  const showing = { conversation, speaker: BRIDGE, text, at: announcing.now, key };
  for (const delivery of showIn(await placesToTell(tx, decided, announcing), showing, announcing.chats))
    await tx.queue.add(delivery);
}

/** All but the one where the button was pressed. */
async function placesToTell(
  tx: Transaction,
  { conversation, message, under }: Decided,
  { placesOf }: Announcing,
): Promise<readonly Place[]> {
  const origin = (await tx.ledger.ofMessage(message))[0]?.origin?.place;
  return withOrigin(placesOf(conversation), origin).filter(
    (place) => under === undefined || !samePlace(place, under.place),
  );
}

async function carryOut(
  tx: Transaction,
  aside: readonly [Kept, ...Kept[]],
  { action, by }: Decision,
  now: number,
): Promise<string> {
  if (action === "discard") return discard(tx, aside, by);
  let left = 0;
  for (const each of aside) if ((await sendAgain(tx, each, now)).proven) left += 1;
  if (left === aside.length) return SAY.hadArrived(by);
  if (aside.some(({ uncertain }) => uncertain)) return SAY.triedAgain(by);
  return action === "retry" ? SAY.sentAgain(by) : SAY.sentAnyway(by);
}

/** The ledger keeps its entries: where nothing of them has left, the words may still be changed. */
async function discard(tx: Transaction, aside: readonly [Kept, ...Kept[]], by: string): Promise<string> {
  for (const { key, uncertain } of aside) {
    await tx.queue.withdraw(key);
    const { calls = 0 } = (await tx.ledger.get(key)) ?? {};
    if (!uncertain && calls === 0) await tx.ledger.change(key, { status: "queued", echoed: false });
  }
  return aside[0].state === "held" ? SAY.discarded(by) : SAY.notTriedAgain(by);
}
