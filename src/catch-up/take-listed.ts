/** What one conversation's part of the PBX's list means for the ledger and the threads. */
import { conversationId } from "../conversation-id.js";
import { BRIDGE, showIn } from "../bridge.js";
import { SAY } from "../say.js";
import { arrivedAfterAll } from "../deliver/outcome.js";
import { report } from "../deliver/report.js";
import { keepUnmatched } from "../intake.js";
import { isOut, type Entry } from "../ledger.js";
import { APART_MS, listedText, match, type Listed } from "../matching.js";
import { withOwnNumber } from "../lines.js";
import type { Conversation, Line, Party, Place } from "../message.js";
import type { PbxMessage, TextStatus, TextTold } from "../pbx/types.js";
import type { Store, Transaction } from "../store/port.js";
import { conversationFor, isBeingChecked, showText, type TakingDeps } from "../taking.js";

export interface ListedDeps extends TakingDeps {
  readonly store: Store;
  /** Epoch ms. */
  now(): number;
  lineFor(extension: number, did: string | undefined): Line | undefined;
  placesOf(conversation: Conversation): readonly Place[];
  /** The extension's number, where it surely has but one: for a list that does not tell it. */
  ownNumber(extension: number): Party | undefined;
  /** A time for people: `02:10`, with the day when it was not today. */
  showTime(at: number): string;
  /** For metrics and the log: so many texts were recovered. */
  recovered?(extension: number, count: number): void;
}

export interface Looking {
  readonly extension: number;
  /** The list is read for the first time: what is in it came before us. */
  readonly baseline: boolean;
  /** Whether an event would have told of it by now. */
  isRipe(message: PbxMessage): boolean;
  /** Entries from before are soon forgotten. Epoch ms. */
  readonly fadingBefore: number;
}

/** So many messages, or a few more, are looked at in one transaction. */
const AT_ONCE = 100;

/** The messages in portions, each with whole conversations. Within a portion they are as they were: oldest first. */
export function portionsOf(listed: readonly PbxMessage[]): readonly (readonly PbxMessage[])[] {
  const portions: PbxMessage[][] = [];
  for (const group of byConversation(listed)) {
    const last = portions.at(-1);
    if (last === undefined || last.length >= AT_ONCE) portions.push([...group]);
    else last.push(...group);
  }
  return portions;
}

function byConversation(listed: readonly PbxMessage[]): readonly (readonly PbxMessage[])[] {
  const groups = new Map<string, PbxMessage[]>();
  for (const each of listed) {
    const id = conversationId(each.extension, each.did, each.contact);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [each]);
    else group.push(each);
  }
  return [...groups.values()];
}

/** Resolves, once all is stored, to the messages that are left for a next look. */
export async function takeListed(
  portion: readonly PbxMessage[],
  looking: Looking,
  deps: ListedDeps,
): Promise<readonly PbxMessage[]> {
  const { store } = deps;
  const left = await store.commit(async (tx) => {
    const ids = portion.map(({ id }) => id);
    const known = new Map<string, Entry>();
    for (const entry of await tx.ledger.withPbxIds(looking.extension, ids)) known.set(entry.pbxId ?? "", entry);
    const fresh = portion.filter(({ id }) => !known.has(id)).map((each) => listedOf(each, store.digestKey));
    const { bound, unknown, undecided } = match(fresh, await unlistedFor(tx, looking.extension, fresh));
    for (const { listed, entry } of bound) {
      const status = entry.status === "retold" ? "taken" : entry.status;
      await tx.ledger.change(entry.id, { status, pbxId: listed.message.id });
      known.set(listed.message.id, { ...entry, status });
    }
    for (const each of portion) {
      await keepKnown(tx, each, known.get(each.id), looking.fadingBefore, deps.now());
      await correct(tx, each, known.get(each.id), deps);
    }
    // Our number only now: what an event told of another number of the extension is known by that.
    const own = deps.ownNumber(looking.extension);
    const ripe = looking.baseline ? unknown : await ripeOf(tx, unknown, looking, own);
    const texts = ripe.map(({ message }) => withOwnNumber(message, own));
    if (looking.baseline) await enter(tx, texts, deps);
    else for (const each of byConversation(texts)) await recover(tx, each, deps);
    return [...unknown.filter((each) => !ripe.includes(each)), ...undecided];
  });
  return left.map(({ message }) => message);
}

/** Of those that no entry explains: the ones that no event will explain either, now or when its check is done. */
async function ripeOf(
  tx: Transaction,
  unknown: readonly Listed[],
  { extension, isRipe }: Looking,
  own: Party | undefined,
): Promise<readonly Listed[]> {
  const ripe: Listed[] = [];
  for (const each of unknown.filter(({ message }) => isRipe(message))) {
    const { did, contact } = withOwnNumber(each.message, own);
    if (!(await isBeingChecked(tx, extension, conversationId(extension, did, contact)))) ripe.push(each);
  }
  return ripe;
}

async function unlistedFor(tx: Transaction, extension: number, fresh: readonly Listed[]): Promise<readonly Entry[]> {
  if (fresh.length === 0) return [];
  const oldest = Math.min(...fresh.map(({ message }) => message.at ?? 0));
  return tx.ledger.unlisted(extension, oldest - APART_MS);
}

/** Nothing but the ledger tells that a text without a time is none of today's, so as long as it is listed it stays known. */
async function keepKnown(
  tx: Transaction,
  { at }: PbxMessage,
  entry: Entry | undefined,
  fadingBefore: number,
  now: number,
): Promise<void> {
  if (at === undefined && entry !== undefined && entry.at < fadingBefore) await tx.ledger.change(entry.id, { at: now });
}

/** A status that no event told of; also that a text which was given up as lost did arrive. */
async function correct(
  tx: Transaction,
  { status }: PbxMessage,
  entry: Entry | undefined,
  deps: ListedDeps,
): Promise<void> {
  if (entry === undefined || entry.direction === "in") return;
  const reported = status === undefined ? undefined : correction(entry, status);
  const arrived = entry.status === "doubtful" && status !== "failed";
  if (reported === undefined && !arrived) return;
  const conversation = await tx.conversation(entry.conversation);
  if (conversation === undefined) return;
  const announcing = { chats: deps.chats, now: deps.now(), placesOf: deps.placesOf };
  if (arrived) await arrivedAfterAll(tx, conversation, entry, announcing);
  if (reported !== undefined) await report(tx, conversation, entry, reported, announcing);
}

function correction(entry: Entry, listed: TextStatus): "sent" | "failed" | undefined {
  // A failure from before Retry was pressed says nothing of a text that waits to be sent again, or is being sent.
  if (listed === "failed") return isOut(entry) ? "failed" : undefined;
  return listed === "sent" && (entry.status === "taken" || entry.status === "doubtful") ? "sent" : undefined;
}

/** Known from now on, and shown nowhere. */
async function enter(tx: Transaction, texts: readonly PbxMessage[], deps: ListedDeps): Promise<void> {
  for (const { conversation, digest, message } of texts.map((each) => listedOf(each, deps.store.digestKey))) {
    const id = deps.newMessageId();
    await tx.ledger.add({
      ...{ id: `${id}.000`, message: id, conversation, digest, direction: message.direction },
      ...{ at: deps.now(), status: "before", echoed: false, pbxId: message.id },
    });
  }
}

/** Shown in order, each with its own time, below a line that says so. `texts`: of one conversation. */
async function recover(tx: Transaction, texts: readonly PbxMessage[], deps: ListedDeps): Promise<void> {
  const [first] = texts;
  if (first === undefined) return;
  const { extension, did } = first;
  const line = deps.lineFor(extension, did?.number);
  if (line !== undefined) await say(tx, first, line, texts, deps);
  const now = deps.now();
  for (const message of texts) {
    const told = {
      ...{ event: toldBy(message), at: message.at ?? now, knownAt: now, message: deps.newMessageId() },
      ...{ echoed: false, pbxId: message.id },
    };
    if (line === undefined) await keepUnmatched(tx, told, deps);
    else await showText(tx, { ...told, line }, deps);
  }
  deps.recovered?.(extension, texts.length);
}

async function say(
  tx: Transaction,
  of: PbxMessage,
  line: Line,
  texts: readonly PbxMessage[],
  deps: ListedDeps,
): Promise<void> {
  const times = texts.flatMap(({ at }) => at ?? []);
  const [first = deps.now(), last = first] = [times.at(0), times.at(-1)];
  const conversation = conversationFor(of, line);
  await tx.noteConversation(conversation);
  const text = SAY.recovered(texts.length, deps.showTime(first), deps.showTime(last));
  const key = `recovered.${deps.newMessageId()}`;
  for (const each of showIn(line.to, { conversation, speaker: BRIDGE, text, at: deps.now(), key }, deps.chats))
    await tx.queue.add(each);
}

function toldBy({ direction, extension, did, contact, text }: PbxMessage): TextTold {
  const told = { kind: direction === "in" ? "text-in" : "text-out", extension, contact, text } as const;
  return did === undefined ? told : { ...told, did };
}

function listedOf(message: PbxMessage, digestKey: string): Listed {
  return listedText(message, conversationId(message.extension, message.did, message.contact), digestKey);
}
