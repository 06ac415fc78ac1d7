/** What people write in threads: replies, notes, and what must be asked about first. */
import type { PostLink } from "../../links/link.js";
import type { ChatAdapter, KnowsTwins, Written } from "../../adapter.js";
import { judge, markDelivery, textsOf } from "../../bridge.js";
import { SAY } from "../../say.js";
import type { Verdict } from "../../bridge.js";
import { faultPoint } from "../../fault-point.js";
import { GiveUp, RetryLater } from "../../errors.js";
import { digestOf } from "../../ledger.js";
import { samePlace } from "../../links.js";
import { messageIdOf } from "../../message-id.js";
import type { Choice, ConversationId, Mark, MessageId, Place, ThreadId } from "../../message.js";
import type { Outcome } from "../../queue/attempts.js";
import type { Transaction } from "../../store/port.js";
import { markWaiting } from "../outcome.js";
import { conversationOf, type Parts } from "../parts.js";
import { deletedKey } from "./take-back.js";
import { colleague, notice, sceneOf, show, showAbout, whoIs, type Copy, type Scene, type Who } from "./scene.js";

/** `since`: when the event was accepted, epoch ms. */
export async function written(parts: Parts, platform: string, event: Written, since: number): Promise<Outcome> {
  if (parts.store.wasTaken(deletedKey(platform, event.post))) return { result: "done" };
  const id = await conversationFor(parts, platform, event, since);
  if (id === undefined) return unaddressed(parts, event);
  const scene = sceneOf(parts, conversationOf(parts, id), event.place);
  const who = await whoIs(parts, platform, event.author);
  const message = messageIdOf(platform, event.key);
  const verdict = judge(event, who.refused, parts.rules, parts.clock.now());
  await parts.links.linkPost(event.place, event.post, {
    conversation: id,
    message,
    ...noteLink(parts, verdict, event),
  });
  faultPoint("reply.linked");
  return {
    result: "done",
    and: async (tx) => {
      // Whatever else forgets that it was told before, the ledger knows which texts have been made of it.
      if ((await tx.ledger.ofMessage(message)).length > 0) return;
      await carryOut(tx, parts, { scene, who, message, edition: message, verdict, event });
    },
  };
}

/** By which a note whose words did not change is told from one that was edited. */
export function noteLink(parts: Parts, verdict: Verdict, { key }: { readonly key: string }): Pick<PostLink, "note"> {
  return verdict.is === "note" ? { note: { digest: digestOf(verdict.text, parts.store.digestKey), key } } : {};
}

/**
 * A thread that an attempt has opened whose answer we never saw is known only once it was found: until then nobody is answered in it. It
 * is waited for, but not for long: people also talk in threads of their own, and what is said in the chat waits behind.
 */
async function conversationFor(
  parts: Parts,
  platform: string,
  event: Written,
  since: number,
): Promise<ConversationId | undefined> {
  const known = await addressed(parts, platform, event);
  if (known !== undefined || event.thread === undefined) return known;
  const opening = await isOpening(parts, event.place);
  // What was found just before that question is known now.
  const found = await addressed(parts, platform, event);
  if (found !== undefined || !opening) return found;
  if (Math.abs(parts.clock.now() - since) > LONGEST_WAIT_MS) throw new GiveUp(NOT_KNOWN_IN_TIME);
  throw new RetryLater("A thread was perhaps opened here that is not known yet; this may be a reply in it.", {
    afterMs: LOOK_AGAIN_MS,
  });
}

/** Whoever wrote sees that it went nowhere, and it may be tried again: it may have been a reply. */
const NOT_KNOWN_IN_TIME =
  "This was written in a thread that is not known, while one that was perhaps opened here was looked for in vain. Retry it once that was found, or write it again in the contact's thread.";

const LOOK_AGAIN_MS = 500;
const LONGEST_WAIT_MS = 60_000;

async function isOpening({ store, links, chats }: Parts, place: Place): Promise<boolean> {
  for (const { work } of store.queue.begun(chats.pace(place, "post").target)) {
    if (work.kind !== "post" || !samePlace(work.place, place)) continue;
    if ((await links.thread(work.conversation, place)) === undefined) return true;
  }
  return false;
}

async function addressed(parts: Parts, platform: string, event: Written): Promise<ConversationId | undefined> {
  const { links } = parts;
  const { thread, replyTo } = event;
  const byThread = thread === undefined ? undefined : await links.conversationOf(platform, thread);
  const byPost = replyTo === undefined ? undefined : (await links.post(platform, replyTo))?.conversation;
  return byThread ?? byPost ?? (thread === undefined ? undefined : await byTwin(parts, platform, thread));
}

/** Nobody sees that a thread was opened twice: what is written in the empty one is meant for the same contact. */
async function byTwin(parts: Parts, platform: string, thread: ThreadId): Promise<ConversationId | undefined> {
  const adapter = parts.adapter(platform);
  const twin = knowsTwins(adapter) ? await adapter.twinOf(thread) : undefined;
  return twin === undefined ? undefined : parts.links.conversationOf(platform, twin);
}

function knowsTwins(adapter: ChatAdapter): adapter is ChatAdapter & KnowsTwins {
  return "twinOf" in adapter;
}

/** People may chat in a group as they like; in a private chat with the bot, words that reach nobody are marked so. */
function unaddressed({ chats }: Parts, { direct, place, post }: Written): Outcome {
  if (direct !== true) return { result: "done" };
  return { result: "done", and: (tx) => tx.queue.replace(markDelivery(place, "ignored", post, chats)) };
}

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
      await ask(verdict.text, decided.ask ?? questionAbout(verdict, parts.clock.now() - event.at));
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
function questionAbout({ looksLike }: Question, agoMs: number): string {
  switch (looksLike) {
    case "bot":
      return SAY.speaksToBot;
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
