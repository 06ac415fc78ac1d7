/** What became of a text: said on the posts that show it and, when it failed, in its threads. */
import { BRIDGE, markDelivery, showIn, type Chats } from "../bridge.js";
import { SAY } from "../say.js";
import { ECHO_WINDOW_MS, isProven, markOf, type Entry } from "../ledger.js";
import type { Choice, Conversation, Mark, MessageId, Place, PostId } from "../message.js";
import type { Batch, Delivery } from "../queue/port.js";
import type { Transaction } from "../store/port.js";
import type { Announcing } from "./announcing.js";
import { askedAbout, failureNotice, isAside, settleEverywhere, textsIn, withOrigin, wordsOf } from "./buttons.js";

/** People are told that a text waits only when it has waited so long. */
const TELL_WAITING_AFTER_MS = 3000;

/** Moves the message's mark, in every place, to what its texts say now. */
export async function moveMark(
  tx: Transaction,
  conversation: Conversation,
  message: MessageId,
  announcing: Announcing,
): Promise<void> {
  const mark = markOf(await tx.ledger.ofMessage(message));
  if (mark !== undefined) await markEverywhere(tx, conversation, message, mark, announcing);
}

/** On the post that a person typed and on all copies. */
export async function markEverywhere(
  tx: Transaction,
  conversation: Conversation,
  message: MessageId,
  mark: Mark,
  { chats, placesOf }: Announcing,
): Promise<void> {
  const origin = (await tx.ledger.ofMessage(message))[0]?.origin;
  for (const place of withOrigin(placesOf(conversation), origin?.place)) {
    // Words that the contact never got are not marked as sent.
    const shown = mark === "sent" && origin?.changed === true && place === origin.place ? "ignored" : mark;
    await tx.queue.replace(markDelivery(place, shown, message, chats));
  }
}

/** The post that a person typed tells that its text waits, unless another mark overtakes that: nobody sees a flicker. `dueAt`: epoch ms. */
export async function markWaiting(tx: Transaction, message: MessageId, chats: Chats, dueAt: number): Promise<void> {
  const origin = (await tx.ledger.ofMessage(message))[0]?.origin;
  if (origin === undefined) return;
  const delivery = markDelivery(origin.place, "waiting", message, chats);
  await tx.queue.replace({ ...delivery, dueAt: dueAt + TELL_WAITING_AFTER_MS });
}

/** A copy that has just appeared gets the mark of what its text's fate is by now, or will have to wait for it like the others. */
export async function markCopy(
  tx: Transaction,
  message: MessageId,
  place: Place,
  post: PostId,
  chats: Chats,
): Promise<void> {
  const entries = await tx.ledger.ofMessage(message);
  const [first] = entries;
  // Nothing is known of a text that was taken back.
  const mark = first === undefined ? "ignored" : markOf(entries);
  if (mark !== undefined) return tx.queue.replace(markDelivery(place, mark, post, chats));
  const dueAt = (first?.at ?? 0) + TELL_WAITING_AFTER_MS;
  await tx.queue.replace({ ...markDelivery(place, "waiting", message, chats), dueAt });
}

/**
 * The text gives up, and the ledger notes whether it surely did not leave. true: the PBX told meanwhile that it has it, so it did
 * not fail; its next attempt will find that and end it.
 */
export async function noteGivenUp(tx: Transaction, { key, message }: Delivery, now: number): Promise<boolean> {
  const kept = message === undefined ? undefined : (await textsIn(tx, message)).find((each) => each.key === key);
  if (kept?.uncertain !== true) {
    await tx.ledger.change(key, { status: "failed", calls: 0 });
    return false;
  }
  if (await hasLeft(tx, key, now)) return tx.queue.revive(key, now);
  await tx.ledger.change(key, { status: "doubtful" });
  return false;
}

/** Whether an event of the PBX proves that it has the text. */
export async function hasLeft(tx: Transaction, id: string, now: number): Promise<boolean> {
  const entry = await tx.ledger.get(id);
  return entry !== undefined && isProven(entry, await tx.ledger.equal(entry, now - ECHO_WINDOW_MS));
}

/**
 * The PBX told of a text: by an echo, as `sent`, or in its list. If that had been given up with an unknown outcome, it is known now:
 * its threads are told, and it ends without being sent again.
 */
export async function arrivedAfterAll(
  tx: Transaction,
  conversation: Conversation,
  { id, message }: Entry,
  announcing: Announcing,
): Promise<void> {
  if ((await tx.ledger.get(id))?.status !== "doubtful") return;
  const texts = await textsIn(tx, message);
  const said = askedAbout(conversation, texts);
  const own = texts.filter(({ key }) => key === id);
  const rest = texts.filter((each) => isAside(each) && each.key !== id);
  const { number } = conversation.contact;
  const [first] = await tx.ledger.ofMessage(message);
  const showing = {
    conversation,
    speaker: BRIDGE,
    text: (rest.length === 0 ? SAY.arrived : SAY.partArrived)(number, wordsOf(own)),
    at: announcing.now,
    key: `arrived.${id}`,
    ...(first?.origin === undefined ? {} : { about: first.origin }),
  };
  await tx.ledger.change(id, { status: "taken" });
  await tx.queue.revive(id, announcing.now);
  await moveMark(tx, conversation, message, announcing);
  if (rest.length === 0) {
    const settling = { outcome: SAY.settledByArrival, said, key: `arrived.${id}.${announcing.now}` };
    await settleEverywhere(tx, conversation, message, settling, announcing);
  }
  const places = withOrigin(announcing.placesOf(conversation), first?.origin?.place);
  for (const delivery of showIn(places, showing, announcing.chats)) await tx.queue.add(delivery);
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
  for (const { key, state, attempt } of await textsIn(tx, message)) {
    // What is under way, or may have left, ends by itself.
    if (state !== "waiting" || attempt !== undefined) continue;
    await tx.queue.setAside(key, reason);
    await tx.ledger.change(key, { status: "failed" });
  }
  await moveMark(tx, conversation, message, announcing);
  const origin = (await tx.ledger.ofMessage(message))[0]?.origin;
  const texts = await textsIn(tx, message);
  const open = texts.filter(({ state }) => state !== "done");
  const { number } = conversation.contact;
  const showing = {
    conversation,
    speaker: BRIDGE,
    text: origin === undefined ? SAY.phoneTextFailed(number) : failureNotice(number, texts, reason),
    at: announcing.now,
    // While one such notice waits, the failure of another part needs no second one; that of another try does.
    key: `failed.${message}.${Math.min(...open.map(({ createdAt }) => createdAt))}`,
    ...(open.length > 0 ? { choices: [retryChoice(message)] } : {}),
    ...(origin === undefined ? {} : { about: origin }),
  };
  const places = withOrigin(announcing.placesOf(conversation), origin?.place);
  for (const delivery of showIn(places, showing, announcing.chats)) await tx.queue.add(delivery);
}

export function retryChoice(message: MessageId): Choice {
  return { action: "retry", subject: message, label: "Retry" };
}

/** A post that can never be shown in its place: the conversation's other places are told, as nobody looks there for it. */
export async function announceUnshown(
  tx: Transaction,
  batch: Batch,
  reason: string,
  announcing: Announcing,
): Promise<void> {
  await tellElsewhere(tx, batch, (...of) => SAY.notShown(...of, reason), `unshown.${batch[0].key}`, announcing);
}

/** A post that waits until somebody has mended something in its place: the other places are told, once. */
export async function announceWaiting(
  tx: Transaction,
  batch: Batch,
  reason: string,
  announcing: Announcing,
): Promise<void> {
  const [{ key }] = batch;
  if (!(await tx.firstTime(`told that it waits: ${key}`))) return;
  await tellElsewhere(tx, batch, (...of) => SAY.notShownYet(...of, reason), `unshown-yet.${key}`, announcing);
}

async function tellElsewhere(
  tx: Transaction,
  batch: Batch,
  say: (what: string, text: string, platform: string) => string,
  key: string,
  { chats, now, placesOf }: Announcing,
): Promise<void> {
  const [{ work }] = batch;
  // A notice about a notice could go back and forth for ever.
  if (work.kind !== "post" || work.speaker.kind === "bridge") return;
  const { place, speaker, note } = work;
  const conversation = await tx.conversation(work.conversation);
  if (conversation === undefined) return;
  const kind = note === true ? "note" : "text";
  const what = batch.length === 1 ? `A ${kind}` : `${batch.length} ${kind}s`;
  const from = speaker.kind === "contact" ? "of" : "by";
  const platform = `${place.platform.charAt(0).toUpperCase()}${place.platform.slice(1)}`;
  const text = say(`${what} ${from} ${speaker.name}`, work.text, platform);
  const others = placesOf(conversation).filter((each) => each.platform !== place.platform || each.chat !== place.chat);
  const showing = { conversation, speaker: BRIDGE, text, at: now, key };
  for (const delivery of showIn(others, showing, chats)) await tx.queue.add(delivery);
}
