/**
 * Which texts of the PBX's list are which entries of the ledger. Neither its events nor its times can be relied on to tell: events
 * carry no id, its clock may be minutes off. So texts are matched by their words, in order, each with one: a multiset. Pure.
 */
import { contactIn, ownNumberIn } from "./conversation-id.js";
import { digestOf, type Entry } from "./ledger.js";
import type { ConversationId } from "./message.js";
import type { PbxMessage } from "./pbx/types.js";

/** A listed text whose id the ledger does not know yet. */
export interface Listed {
  readonly conversation: ConversationId;
  readonly digest: string;
  readonly message: PbxMessage;
}

export interface Matched {
  /** This listed text is that entry. */
  readonly bound: readonly { readonly listed: Listed; readonly entry: Entry }[];
  /** No entry explains these: nobody told us of them. */
  readonly unknown: readonly Listed[];
  /** Either unknown or a text that is being sent right now: the next list will tell. */
  readonly undecided: readonly Listed[];
}

/** By how much the PBX's clock may differ from ours: one that writes local time where it says GMT is off by 14 hours at most. */
export const APART_MS = 14 * 3_600_000;
/** Who says the same again later says something: a text that is perhaps none is not to stand for it. */
const RETOLD_APART_MS = 2 * 60_000;

export function listedText(message: PbxMessage, conversation: ConversationId, digestKey: string): Listed {
  return { conversation, digest: digestOf(message.text, digestKey), message };
}

/** `entries`: those without a PBX id; both oldest first. */
export function match(listed: readonly Listed[], entries: readonly Entry[]): Matched {
  const left = new Set(entries);
  const bound: { listed: Listed; entry: Entry }[] = [];
  const undecided: Listed[] = [];
  type Wanted = (entry: Entry, listed: Listed) => boolean;
  const take = (wanted: Wanted, each: Listed): Entry | undefined => {
    const entry = [...left].find((one) => wanted(one, each) && fits(each, one));
    if (entry !== undefined) left.delete(entry);
    return entry;
  };
  /** Both give whether nothing was found. */
  const bindTo = (wanted: Wanted) => (each: Listed) => {
    const entry = take(wanted, each);
    if (entry !== undefined) bound.push({ listed: each, entry });
    return entry === undefined;
  };
  /** Its own attempt looks for it, and comes before what perhaps left long ago. */
  const leaveTo = (wanted: Wanted) => (each: Listed) => {
    const entry = take(wanted, each);
    if (entry !== undefined) undecided.push(each);
    return entry === undefined;
  };
  const rest = listed
    // A text that failed and was sent again is there twice: each is told by how it ended.
    .filter(bindTo((entry, { message }) => message.status === "failed" && entry.status === "failed" && hadIt(entry)))
    // What surely arrived explains a listed text before what perhaps did.
    .filter(bindTo((entry) => standing(entry) === "taken"))
    .filter(leaveTo((entry) => standing(entry) === "under way"))
    .filter(bindTo((entry) => standing(entry) === "doubtful"))
    // A PBX may list what it refused to send.
    .filter(bindTo((entry, { message }) => message.status === "failed" && standing(entry) === "absent"));
  return { bound, unknown: rest, undecided };
}

/** `doubtful`: it failed, and may all the same be in the list. `absent`: the PBX surely never had it. */
type Standing = "taken" | "doubtful" | "under way" | "absent";

function standing({ direction, status, echoed, calls = 0 }: Entry): Standing {
  // Its echo may have been that of an equal text.
  if (status === "doubtful") return "doubtful";
  if (direction === "in" || echoed || status === "taken" || status === "sent" || status === "before") return "taken";
  if (status === "sending") return "under way";
  return status === "failed" && calls > 0 ? "taken" : "absent";
}

function hadIt(entry: Entry): boolean {
  return standing(entry) !== "absent";
}

function fits({ conversation, digest, message }: Listed, entry: Entry): boolean {
  return (
    (entry.conversation === conversation || (isOneNumberOpen(entry, message) && isWith(entry, message))) &&
    entry.direction === message.direction &&
    entry.digest === digest &&
    isNear(message, entry)
  );
}

function isNear({ at }: PbxMessage, entry: Entry): boolean {
  return at === undefined || Math.abs(at - entry.at) <= (entry.status === "retold" ? RETOLD_APART_MS : APART_MS);
}

/** Our number was not told by the list, or not by the event: then the other's word is believed. */
function isOneNumberOpen({ conversation }: Entry, { did }: PbxMessage): boolean {
  return did === undefined || ownNumberIn(conversation) === "";
}

function isWith({ conversation }: Entry, { extension, contact }: PbxMessage): boolean {
  return conversation.startsWith(`${extension}/`) && contactIn(conversation) === contact.number;
}

/**
 * The newest text of the list that none of the others explains: then the one in question is it. `listed`: equal texts whose ids no entry
 * has; `others`: equal entries without an id, the one in question left out; both oldest first. Each explains one, and only one of about
 * its time. What the PBX lists as failed was not delivered, so it is no reason not to send again. `explaining`: which of the others do.
 */
export function unexplained(
  listed: readonly PbxMessage[],
  others: readonly Entry[],
  explaining: readonly Standing[] = ["taken"],
): PbxMessage | undefined {
  const left = new Set(others.filter((entry) => explaining.includes(standing(entry))));
  const isOpen = (each: PbxMessage): boolean => {
    const entry = [...left].find((one) => (each.status !== "failed" || one.status === "failed") && isNear(each, one));
    return entry === undefined || !left.delete(entry);
  };
  // First those that failed: an entry that is known as failed is the failed one of two.
  const open = [...listed.filter(hasFailed), ...listed.filter((each) => !hasFailed(each))].filter(isOpen);
  return open.findLast((each) => !hasFailed(each));
}

function hasFailed({ status }: PbxMessage): boolean {
  return status === "failed";
}

/**
 * From when on the list is to be read for that: so that it has what `others` are, too, by a clock that is behind ours by `marginMs` at
 * most. What they are and the list does not have would else leave them to explain another text.
 */
export function listedSince(at: number, others: readonly Entry[], marginMs: number): number {
  return Math.min(at, ...others.map((entry) => entry.at)) - marginMs;
}
