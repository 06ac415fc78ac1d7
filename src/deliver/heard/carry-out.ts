/** What follows from somebody's words once it is known what they are: a text, a note, a question, or nothing. */
import type { Written } from "../../adapter.js";
import { markDelivery, textsOf, type InboxRules, type Verdict } from "../../bridge.js";
import { digestOf } from "../../ledger.js";
import type { Choice, Mark, MessageId } from "../../message.js";
import { SAY } from "../../say.js";
import type { Transaction } from "../../store/port.js";
import { markWaiting } from "../outcome.js";
import type { Parts } from "../parts.js";
import { colleague, notice, show, showAbout, type Copy, type Scene, type Who } from "./scene.js";

export interface Decided {
  readonly scene: Scene;
  readonly who: Who;
  readonly message: MessageId;
  /** Makes the keys of what is shown: an edited message is shown anew. */
  readonly edition: string;
  readonly verdict: Verdict;
  readonly event: Written;
  /** What is asked before the words are sent, as they were no text before. */
  readonly ask?: string;
  /** What the other places are told meanwhile, where that is more than that somebody is asked, and the posts there that it is about. */
  readonly held?: string;
  readonly copies?: readonly Copy[];
  /** When the post was first written, where the event is of an edit. */
  readonly postedAt?: number | undefined;
}

export async function carryOut(tx: Transaction, parts: Parts, decided: Decided): Promise<void> {
  const { scene, message, edition, verdict, event } = decided;
  const { here, others } = scene;
  const about = { place: here, post: event.post };
  const say = (text: string, key: string, choices?: readonly Choice[]): Promise<void> =>
    show(tx, parts, [here], notice(scene, text, `${key}.${edition}`, event.at, { about, choices }));

  // A conversation in which only the team writes is in use as well.
  await tx.noteConversation(scene.conversation);
  const mark = (of: Mark): Promise<void> => tx.queue.replace(markDelivery(here, of, message, parts.chats));
  const ask = async (words: string, question: string): Promise<void> => {
    await hold(tx, parts, decided, words, question);
    await mark("waiting");
    await say(SAY.about(words, question), "question", questionChoices(message, verdict));
    // By the message's key, so that it is taken back with the message where nobody has seen it yet.
    const told = decided.held ?? SAY.held(colleague(decided.who, here).name, words);
    await showAbout(tx, parts, others, notice(scene, told, `${edition}.held`, event.at), decided.copies ?? []);
  };

  switch (verdict.is) {
    case "refused":
      await mark("ignored");
      return say(SAY.refused(verdict.reason), "refused");
    case "note": {
      await mark("note");
      const { text } = verdict;
      const speaker = colleague(decided.who, here);
      const { conversation } = scene;
      await show(tx, parts, others, { conversation, speaker, text, at: event.at, key: edition, message, note: true });
      break;
    }
    case "question":
      await ask(verdict.text, decided.ask ?? questionAbout(verdict, parts.rules, parts.clock.now() - event.at));
      break;
    case "reply":
      if (decided.ask === undefined) await reply(tx, parts, decided, verdict.text);
      else await ask(verdict.text, decided.ask);
      break;
    case "nothing":
      break;
  }
  const left = aboutFiles(event.files.join(", "), verdict, others.length > 0);
  if (left !== undefined) await say(left, "files");
}

/** What became of files, which never leave, beside what became of the words with them; undefined: there is nothing to say. */
function aboutFiles(files: string, verdict: Verdict, shownElsewhere: boolean): string | undefined {
  if (files === "") return undefined;
  switch (verdict.is) {
    case "reply":
      return SAY.filesWithReply(files, verdict.text);
    case "question":
      return SAY.filesWithQuestion(files);
    case "note":
      return shownElsewhere ? SAY.filesWithNote(files) : undefined;
    case "nothing":
      return SAY.filesAlone(files);
    case "refused":
      return undefined;
  }
}

async function reply(tx: Transaction, parts: Parts, decided: Decided, text: string): Promise<void> {
  const { scene, who, message, edition, event } = decided;
  const { conversation, here, others } = scene;
  const { rules, clock } = parts;
  const later = rules.undoSeconds > 0;
  const speaker = colleague(who, here);
  const base = { ...asked(decided), author: speaker.name, text, copyTo: later ? others : [] };
  const dueAt = clock.now() + rules.undoSeconds * 1000;
  for (const each of textsOf({ ...base, dueAt }, parts.pbxTarget(conversation.extension), rules)) {
    if (!(await tx.queue.add(each))) continue;
    await enter(tx, parts, decided, each.key, each.work.kind === "text" ? each.work.text : "");
  }
  await markWaiting(tx, message, parts.chats, dueAt);
  // Colleagues elsewhere see at once that somebody answers, unless the text may still be taken back.
  if (!later) await show(tx, parts, others, { conversation, speaker, text, at: event.at, key: edition, message });
}

function asked({ scene, message, event, postedAt = event.at }: Decided) {
  const { post, thread } = event;
  const where = { place: scene.here, post, ...(thread === undefined ? {} : { thread }) };
  return { conversation: scene.conversation, message, written: { ...where, at: Math.min(postedAt, event.at) } };
}

type Question = Extract<Verdict, { is: "question" }>;

/** A text that is sent only if a person says so. `question`: what they are asked. */
async function hold(tx: Transaction, parts: Parts, decided: Decided, text: string, question: string): Promise<void> {
  const { scene, who } = decided;
  const { conversation, here, others } = scene;
  const author = colleague(who, here).name;
  const base = { ...asked(decided), author, text, copyTo: others, dueAt: parts.clock.now() };
  for (const each of textsOf(base, parts.pbxTarget(conversation.extension), parts.rules)) {
    if (!(await tx.queue.addAside(each, "held", question))) continue;
    await enter(tx, parts, decided, each.key, each.work.kind === "text" ? each.work.text : "");
  }
}

async function enter(tx: Transaction, parts: Parts, decided: Decided, part: string, text: string): Promise<void> {
  const { scene, message, event } = decided;
  await tx.ledger.add({
    id: part,
    message,
    conversation: scene.conversation.id,
    direction: "out",
    digest: digestOf(text, parts.store.digestKey),
    at: parts.clock.now(),
    status: "queued",
    echoed: false,
    origin: { place: scene.here, post: event.post },
  });
}

/** `agoMs`: how long ago it was written. */
function questionAbout({ looksLike }: Question, { notePrefix }: InboxRules, agoMs: number): string {
  switch (looksLike) {
    case "bot":
      return SAY.speaksToBot;
    case "colleagues":
      return SAY.speaksToColleagues(notePrefix);
    case "command":
      return SAY.looksLikeCommand;
    case "late":
      return SAY.late(agoMs);
  }
}

function questionChoices(message: MessageId, verdict: Verdict): readonly Choice[] {
  const late = verdict.is === "question" && verdict.looksLike === "late";
  return [
    { action: "send", subject: message, label: late ? "Send" : "Send as a text" },
    { action: "discard", subject: message, label: "Don't send" },
  ];
}
