/** What became of a text: said on the posts that show it and, when it failed, in its threads. */
import { BRIDGE, markDelivery, SAY, showIn, type Chats } from "../bridge.js";
import { markOf } from "../ledger.js";
import type { Choice, Conversation, Mark, MessageId, Place } from "../message.js";
import type { Transaction } from "../store/port.js";

export interface Announcing {
  readonly chats: Chats;
  /** Epoch ms. */
  readonly now: number;
  placesOf(conversation: Conversation): readonly Place[];
}

/** Moves the message's mark, in every place, to what its texts say now. */
export async function moveMark(
  tx: Transaction,
  conversation: Conversation,
  message: MessageId,
  { chats, placesOf }: Announcing,
): Promise<void> {
  const mark = markOf(await tx.ledger.ofMessage(message));
  if (mark === undefined) return;
  for (const place of await markedPlaces(tx, message, placesOf(conversation)))
    await tx.queue.replace(markDelivery(place, mark, message, chats));
}

/** The place where a person typed it, even if the line no longer goes there, and all others of the line. */
async function markedPlaces(tx: Transaction, message: MessageId, places: readonly Place[]): Promise<readonly Place[]> {
  const origin = (await tx.ledger.ofMessage(message))[0]?.origin?.place;
  if (origin === undefined) return places;
  return [origin, ...places.filter((each) => each.platform !== origin.platform || each.chat !== origin.chat)];
}

/**
 * Says on the person's own post how things stand, after a short wait: when the text gets through meanwhile, the mark is
 * overtaken and nobody sees a flicker.
 */
export async function markOrigin(
  tx: Transaction,
  message: MessageId,
  mark: Mark,
  chats: Chats,
  dueAt?: number,
): Promise<void> {
  const origin = (await tx.ledger.ofMessage(message))[0]?.origin;
  if (origin === undefined) return;
  const delivery = markDelivery(origin.place, mark, message, chats);
  await tx.queue.replace(dueAt === undefined ? delivery : { ...delivery, dueAt });
}

/**
 * A text of the message failed for good: the rest of the message is not sent (half a message helps nobody), its posts are
 * marked, and every thread gets the reason, with a button to send it again where that is possible.
 */
export async function announceFailure(
  tx: Transaction,
  conversation: Conversation,
  message: MessageId,
  reason: string,
  announcing: Announcing,
): Promise<void> {
  const deliveries = (await tx.queue.ofMessage(message)).filter((each) => each.work.kind === "text");
  for (const { key, state, attempt } of deliveries) {
    // What is under way, or may have left, ends by itself.
    if (state !== "waiting" || attempt !== undefined) continue;
    await tx.queue.setAside(key, reason);
    await tx.ledger.change(key, { status: "failed" });
  }
  await moveMark(tx, conversation, message, announcing);
  const origin = (await tx.ledger.ofMessage(message))[0]?.origin;
  const words = deliveries.map(({ work }) => (work.kind === "text" ? work.text : "")).join("");
  const again = deliveries.some((each) => each.state !== "done");
  const { contact } = conversation;
  const showing = {
    conversation,
    speaker: BRIDGE,
    text: origin === undefined ? SAY.phoneTextFailed(contact.number) : SAY.failed(contact.number, words, reason),
    at: announcing.now,
    // While one such notice waits, the failure of another part of the message needs no second one.
    key: `failed.${message}`,
    ...(again ? { choices: [retryChoice(message)] } : {}),
    ...(origin === undefined ? {} : { about: origin }),
  };
  for (const delivery of showIn(announcing.placesOf(conversation), showing, announcing.chats))
    await tx.queue.add(delivery);
}

function retryChoice(message: MessageId): Choice {
  return { action: "retry", subject: message, label: "Retry" };
}
