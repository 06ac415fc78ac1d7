/** What people change after writing it. */
import type { PostLink } from "../../links/link.js";
import type { Edited, Written } from "../../adapter.js";
import { detachDelivery, judge, markDelivery } from "../../bridge.js";
import { SAY } from "../../say.js";
import type { Verdict } from "../../bridge.js";
import { digestOf, markOf, type Entry } from "../../ledger.js";
import { messageIdOf } from "../../message-id.js";
import type { MessageId, Place } from "../../message.js";
import type { Outcome } from "../../queue/attempts.js";
import { split } from "../../split.js";
import type { Transaction } from "../../store/port.js";
import { textsIn, wordsOf } from "../buttons.js";
import { postsShowing } from "../chat.js";
import { conversationOf, type Parts } from "../parts.js";
import { colleague, notice, sceneOf, show, showAbout, whoIs, type Copy, type Scene, type Who } from "./scene.js";
import { isDeleted, takeBack, type TakenBack } from "./take-back.js";
import { carryOut } from "./carry-out.js";
import { supersede } from "./undecided.js";
import { noteLink, written } from "./written.js";

/** A change of a person's post, with all that is known of it before it is carried out. */
interface Change {
  readonly event: Edited;
  readonly message: MessageId;
  /** Makes the keys of what is shown and sent anew. */
  readonly edition: string;
  readonly scene: Scene;
  readonly who: Who;
  readonly verdict: Verdict;
  /** What was known of the post before. */
  readonly link: PostLink;
  readonly copies: readonly Copy[];
}

/** Within so long after it was written a post may be told of behind its edit: platforms try again for some minutes. */
const TOLD_WITHIN_MS = 15 * 60_000;

/** `since`: since when the event can be decided, epoch ms. */
export async function edited(parts: Parts, platform: string, event: Edited, since: number): Promise<Outcome> {
  if (isDeleted(parts, platform, event.post)) return { result: "done" };
  const link = await parts.links.post(platform, event.post);
  if (hasOvertaken(parts, platform, event, link))
    return written(parts, platform, { ...asWritten(event), at: event.writtenAt ?? event.at }, since);
  if (link?.message === undefined || (link.changedAt ?? -Infinity) > event.at) return { result: "done" };
  const { message, conversation } = link;
  const scene = sceneOf(parts, conversationOf(parts, conversation), event.place);
  const who = await whoIs(parts, platform, event.author);
  const judged = (as: Edited): Verdict => judge(asWritten(as), who.refused, parts.rules, parts.clock.now());
  const verdict = judged(event);
  const copies = await copiesIn(parts, message, scene.others);
  const edition = `${message}.${messageIdOf(platform, event.key)}`;
  await parts.links.linkPost(event.place, event.post, {
    ...link,
    ...noteLink(parts, verdict, event),
    changedAt: event.at,
  });
  const change = { event, message, edition, scene, who, verdict, link, copies };
  return {
    result: "done",
    and: async (tx) => {
      await supersede(tx, parts, conversation, event.place, message);
      const entries = await tx.ledger.ofMessage(message);
      if (entries.length === 0) return changeNoText(tx, parts, change);
      if (entries[0]?.origin?.post !== event.post) return;
      // What waits for somebody's decision because it is old does not become young by an edit.
      const at = (await isHeld(tx, message)) ? Math.min(event.at, event.writtenAt ?? event.at) : event.at;
      const aged = { ...event, at };
      await changeText(tx, parts, { ...change, event: aged, verdict: judged(aged) }, entries);
    },
  };
}

/** Whether it is told before the post itself, whose own words are no longer meant. */
function hasOvertaken({ clock }: Parts, platform: string, event: Edited, link: PostLink | undefined): boolean {
  if (link !== undefined) return link.message === messageIdOf(platform, event.key);
  // What was written long ago may have been forgotten.
  return event.writtenAt !== undefined && Math.abs(clock.now() - event.writtenAt) <= TOLD_WITHIN_MS;
}

async function isHeld(tx: Transaction, message: MessageId): Promise<boolean> {
  return (await tx.queue.ofMessage(message)).some(({ state }) => state === "held");
}

function asWritten(event: Edited): Written {
  return { ...event, kind: "written", files: [] };
}

/** The posts in other places that show the message. */
export async function copiesIn(parts: Parts, message: MessageId, places: readonly Place[]): Promise<readonly Copy[]> {
  const found = places.map(async (place) =>
    (await postsShowing(parts, message, place)).map((post) => ({ place, post })),
  );
  return (await Promise.all(found)).flat();
}

/* What was a text */

async function changeText(tx: Transaction, parts: Parts, change: Change, entries: readonly Entry[]): Promise<void> {
  const { event, message, scene, verdict, edition } = change;
  if (sameWords(entries, verdict, parts)) return noteChanged(tx, parts, entries, false);
  const back = await takeBack(tx, parts, scene.conversation, message, `changed.${edition}`);
  if (back === undefined) return tooLate(tx, parts, change, entries);
  await detach(tx, parts, change);
  if (verdict.is === "nothing") await tx.queue.replace(markDelivery(scene.here, "ignored", message, parts.chats));
  // Somebody had decided not to send it: that is not undone without a question.
  const ask = back.author === undefined ? { ask: SAY.wasNoText } : {};
  await carryOut(tx, parts, { ...change, event: asWritten(event), postedAt: event.writtenAt, ...ask });
  await tellOthers(tx, parts, change, back);
  for (const key of back.behind) await tx.queue.putLast(key);
}

/** Copies of words that are no longer meant are marked, and show the message no more. */
async function detach(tx: Transaction, { chats }: Parts, { scene, copies }: Change): Promise<void> {
  for (const { place, post } of copies)
    await tx.queue.replace(detachDelivery(scene.conversation.id, place, post, chats));
}

async function tellOthers(tx: Transaction, parts: Parts, change: Change, back: TakenBack): Promise<void> {
  const { event, scene, who, verdict } = change;
  const { name } = colleague(who, scene.here);
  const say = verdict.is === "reply" ? SAY.edited : verdict.is === "note" ? SAY.madeNote : SAY.withdrawn;
  const told = notice(scene, say(name, back.words), `edited.${event.key}`, event.at);
  await showAbout(tx, parts, scene.others.filter(back.isSeenIn), told, change.copies);
}

async function tooLate(tx: Transaction, parts: Parts, change: Change, entries: readonly Entry[]): Promise<void> {
  const { event, message, scene } = change;
  const { contact } = scene.conversation;
  await noteChanged(tx, parts, entries, true);
  const words = SAY.editTooLate(contact.number, await sentOf(tx, message, entries));
  const about = { place: event.place, post: event.post };
  await show(tx, parts, [event.place], notice(scene, words, `edited.${event.key}`, event.at, { about }));
}

/** What left of a message that is changed too late. */
export async function sentOf(tx: Transaction, message: MessageId, entries: readonly Entry[]) {
  return { words: wordsOf(await textsIn(tx, message)), sure: markOf(entries) === "sent" };
}

/** Whether the post that a person typed shows other words than the contact has, and the mark that goes with it. */
async function noteChanged(
  tx: Transaction,
  { chats }: Parts,
  entries: readonly Entry[],
  changed: boolean,
): Promise<void> {
  const [first] = entries;
  if (first?.origin === undefined || (first.origin.changed ?? false) === changed) return;
  for (const { id, origin } of entries)
    if (origin !== undefined) await tx.ledger.change(id, { origin: { ...origin, changed } });
  if (markOf(entries) !== "sent") return;
  await tx.queue.replace(markDelivery(first.origin.place, changed ? "ignored" : "sent", first.message, chats));
}

function sameWords(entries: readonly { digest: string }[], verdict: Verdict, parts: Parts): boolean {
  if (verdict.is !== "reply" && verdict.is !== "question") return false;
  const { store, rules } = parts;
  const digests = split(verdict.text, rules.maxTextLength).map((each) => digestOf(each, store.digestKey));
  return digests.length === entries.length && digests.every((digest, index) => digest === entries[index]?.digest);
}

/* What was a note, or nothing that could be sent */

async function changeNoText(tx: Transaction, parts: Parts, change: Change): Promise<void> {
  const { verdict, scene, message } = change;
  if (verdict.is === "note") {
    if (isSameNote(parts, change)) return;
    await tx.queue.replace(markDelivery(scene.here, "note", message, parts.chats));
    return showNote(tx, parts, change, verdict.text);
  }
  if (verdict.is !== "reply" && verdict.is !== "question") return;
  await detach(tx, parts, change);
  await askAboutNote(tx, parts, change, verdict.text);
}

/** Platforms also tell of edits that change no word. The event itself may be decided twice. */
function isSameNote(parts: Parts, { verdict, link, event }: Change): boolean {
  return link.note?.digest === noteLink(parts, verdict, event).note?.digest && link.note?.key !== event.key;
}

async function showNote(tx: Transaction, parts: Parts, change: Change, words: string): Promise<void> {
  const { event, message, edition, scene, who, copies } = change;
  const speaker = colleague(who, scene.here);
  const text = SAY.noteEdited(words);
  const base = { conversation: scene.conversation, speaker, text, at: event.at, key: edition, message, note: true };
  await showAbout(tx, parts, scene.others, base, copies);
}

/** A note never becomes a text without a question. */
async function askAboutNote(tx: Transaction, parts: Parts, change: Change, words: string): Promise<void> {
  const { event, scene, who, link } = change;
  const { name } = colleague(who, scene.here);
  const asked =
    link.note === undefined ? { ask: SAY.wasNoText } : { ask: SAY.wasNote, held: SAY.noteToText(name, words) };
  await carryOut(tx, parts, { ...change, event: asWritten(event), postedAt: event.writtenAt, ...asked });
}
