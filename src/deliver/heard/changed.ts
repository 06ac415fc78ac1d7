/** What people change and delete after writing it. */
import type { Deleted, Edited, Written } from "../../adapter.js";
import { judge, SAY } from "../../bridge.js";
import type { Verdict } from "../../bridge.js";
import { digestOf } from "../../ledger.js";
import { messageIdOf } from "../../message-id.js";
import type { MessageId, Place } from "../../message.js";
import type { Outcome } from "../../queue/worker.js";
import { split } from "../../split.js";
import type { Transaction } from "../../store/port.js";
import { conversationOf, type Parts } from "../parts.js";
import { colleague, notice, sceneOf, show, whoIs } from "./scene.js";
import { carryOut } from "./written.js";

const NOTHING: Outcome = { result: "done" };

export async function edited(parts: Parts, platform: string, event: Edited): Promise<Outcome> {
  const link = await parts.links.post(platform, event.post);
  if (link?.message === undefined) return NOTHING;
  const { message } = link;
  const scene = sceneOf(parts, conversationOf(parts, link.conversation), event.place);
  const who = await whoIs(parts, platform, event.author);
  return {
    result: "done",
    and: async (tx) => {
      const say = (places: readonly Place[], text: string): Promise<void> =>
        show(tx, parts, places, notice(scene, text, `edited.${event.key}`, event.at, { about: aboutHere(event) }));
      const entries = await tx.ledger.ofMessage(message);
      const asWritten: Written = { ...event, kind: "written", text: event.text, files: [] };
      const verdict = judge(asWritten, who.refused, parts.rules);
      if (entries.length === 0) {
        if (verdict.is !== "note" || !(await tx.firstTime(`note.${message}.${digestOf(verdict.text, "")}`))) return;
        const speaker = colleague(who, event.place);
        const text = SAY.noteEdited(verdict.text);
        const { conversation } = scene;
        return show(tx, parts, scene.others, { conversation, speaker, text, at: event.at, key: event.key, note: true });
      }
      if (entries[0]?.origin?.post !== event.post || sameWords(entries, verdict, parts)) return;
      if (!(await takeBack(tx, message))) return say([event.place], SAY.editTooLate);
      const edition = `${message}.${messageIdOf(platform, event.key)}`;
      await carryOut(tx, parts, { scene, who, message, edition, verdict, event: asWritten });
      if (parts.rules.undoSeconds === 0) await say(scene.others, SAY.edited);
    },
  };
}

function sameWords(entries: readonly { digest: string }[], verdict: Verdict, parts: Parts): boolean {
  if (verdict.is !== "reply" && verdict.is !== "question") return false;
  const { store, rules } = parts;
  const digests = split(verdict.text, rules.maxTextLength).map((each) => digestOf(each, store.digestKey));
  return digests.length === entries.length && digests.every((digest, index) => digest === entries[index]?.digest);
}

export async function deleted(parts: Parts, platform: string, event: Deleted): Promise<Outcome> {
  const link = await parts.links.post(platform, event.post);
  if (link?.message === undefined) return NOTHING;
  const { message } = link;
  const scene = sceneOf(parts, conversationOf(parts, link.conversation), event.place);
  return {
    result: "done",
    and: async (tx) => {
      const entries = await tx.ledger.ofMessage(message);
      if (entries[0]?.origin?.post !== event.post) return;
      const key = `deleted.${message}`;
      if (await takeBack(tx, message))
        return show(
          tx,
          parts,
          [event.place, ...scene.others],
          notice(scene, SAY.withdrawn("A colleague"), key, event.at),
        );
      await show(tx, parts, [event.place], notice(scene, SAY.deleteTooLate, key, event.at));
    },
  };
}

/** Takes back every text of the message, and the copies that nobody saw yet, if none of the texts may have left. */
async function takeBack(tx: Transaction, message: MessageId): Promise<boolean> {
  const deliveries = await tx.queue.ofMessage(message);
  const texts = deliveries.filter((each) => each.work.kind === "text");
  if (texts.length === 0) return false;
  if (texts.some(({ state, attempt }) => state === "done" || attempt !== undefined)) return false;
  for (const { key } of deliveries) await tx.queue.withdraw(key);
  await tx.ledger.forget(message);
  return true;
}

function aboutHere({ place, post }: Edited): { place: Place; post: Edited["post"] } {
  return { place, post };
}
