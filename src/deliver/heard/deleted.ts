/** What people delete after writing it. */
import type { Deleted } from "../../adapter.js";
import { markDelivery } from "../../bridge.js";
import { SAY } from "../../say.js";
import type { Entry } from "../../ledger.js";
import type { MessageId } from "../../message.js";
import type { Outcome } from "../../queue/attempts.js";
import type { Transaction } from "../../store/port.js";
import { conversationOf, type Parts } from "../parts.js";
import { copiesIn, sentOf } from "./changed.js";
import { notice, sceneOf, show, showAbout, type Copy, type Scene } from "./scene.js";
import { noteDeleted, takeBack } from "./take-back.js";
import { supersede } from "./undecided.js";

interface Deletion {
  readonly event: Deleted;
  readonly message: MessageId;
  readonly scene: Scene;
  readonly copies: readonly Copy[];
}

export async function deleted(parts: Parts, platform: string, event: Deleted): Promise<Outcome> {
  const link = await parts.links.post(platform, event.post);
  // It may have overtaken the post itself.
  if (link?.message === undefined) return { result: "done", and: (tx) => noteDeleted(tx, platform, event.post) };
  const { message, note } = link;
  const scene = sceneOf(parts, conversationOf(parts, link.conversation), event.place);
  const deletion = { event, message, scene, copies: await copiesIn(parts, message, scene.others) };
  return {
    result: "done",
    and: async (tx) => {
      await noteDeleted(tx, platform, event.post);
      await supersede(tx, parts, link.conversation, event.place, message);
      const entries = await tx.ledger.ofMessage(message);
      if (entries[0]?.origin?.post === event.post) await deleteText(tx, parts, deletion, entries);
      else if (entries.length === 0 && note !== undefined) await deleteNote(tx, parts, deletion);
    },
  };
}

async function deleteText(tx: Transaction, parts: Parts, deletion: Deletion, entries: readonly Entry[]): Promise<void> {
  const { event, message, scene, copies } = deletion;
  const { conversation, here, others } = scene;
  const key = `deleted.${message}`;
  const sent = await sentOf(tx, message, entries);
  const back = await takeBack(tx, parts, conversation, message, key);
  if (back === undefined)
    return show(tx, parts, [here], notice(scene, SAY.deleteTooLate(conversation.contact.number, sent), key, event.at));
  await markGone(tx, parts, deletion);
  if (back.author === undefined) return;
  const told = notice(scene, SAY.withdrawn(back.author, back.words), key, event.at);
  // Where nobody saw the words there is nothing to tell, and they are not told after all.
  await showAbout(tx, parts, [here, ...others.filter(back.isSeenIn)], told, copies);
}

async function deleteNote(tx: Transaction, parts: Parts, deletion: Deletion): Promise<void> {
  const { event, message, scene, copies } = deletion;
  await markGone(tx, parts, deletion);
  const told = notice(scene, SAY.noteGone, `deleted.${message}`, event.at);
  await showAbout(
    tx,
    parts,
    scene.others.filter((place) => copies.some((copy) => copy.place === place)),
    told,
    copies,
  );
}

/** Marks the copies. Where it was written nothing stands any more; a mark that waits there is of no use. */
async function markGone(tx: Transaction, { chats }: Parts, { message, scene }: Deletion): Promise<void> {
  for (const place of [scene.here, ...scene.others])
    await tx.queue.replace(markDelivery(place, "ignored", message, chats));
}
