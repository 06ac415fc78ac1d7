/**
 * Which texts of the PBX's list are which entries of the ledger. Neither its events nor its times can be relied on to tell: events
 * carry no id, its clock may be minutes off. So texts are matched by their words, in order, each with one: a multiset. Pure.
 */
import { contactIn } from "./bridge.js";
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

export function listedText(message: PbxMessage, conversation: ConversationId, digestKey: string): Listed {
  return { conversation, digest: digestOf(message.text, digestKey), message };
}

/** `entries`: those without a PBX id; both oldest first. */
export function match(listed: readonly Listed[], entries: readonly Entry[]): Matched {
  const left = new Set(entries);
  const bound: { listed: Listed; entry: Entry }[] = [];
  /** Gives whether nothing was found. */
  const bindTo = (wanted: (entry: Entry, listed: Listed) => boolean) => (each: Listed) => {
    const entry = [...left].find((one) => wanted(one, each) && fits(each, one));
    if (entry === undefined) return true;
    left.delete(entry);
    bound.push({ listed: each, entry });
    return false;
  };
  const rest = listed
    // A text that failed and was sent again is there twice: each is told by how it ended.
    .filter(bindTo((entry, { message }) => message.status === "failed" && entry.status === "failed" && hadIt(entry)))
    // What surely arrived explains a listed text before what perhaps did.
    .filter(bindTo((entry) => standing(entry) === "taken"))
    .filter(bindTo((entry) => standing(entry) === "doubtful"))
    // A PBX may list what it refused to send.
    .filter(bindTo((entry, { message }) => message.status === "failed" && standing(entry) === "absent"));
  const undecided = new Set<Listed>();
  for (const each of rest) {
    const entry = [...left].find((one) => standing(one) === "under way" && fits(each, one));
    if (entry === undefined) continue;
    left.delete(entry);
    undecided.add(each);
  }
  return { bound, unknown: rest.filter((each) => !undecided.has(each)), undecided: [...undecided] };
}

/** `doubtful`: it failed, and may all the same be in the list. `absent`: the PBX surely never had it. */
type Standing = "taken" | "doubtful" | "under way" | "absent";

function standing({ direction, status, echoed, calls = 0 }: Entry): Standing {
  if (direction === "in" || echoed || status === "taken" || status === "sent" || status === "before") return "taken";
  if (status === "sending") return "under way";
  if (status === "doubtful") return "doubtful";
  return status === "failed" && calls > 0 ? "taken" : "absent";
}

function hadIt(entry: Entry): boolean {
  return standing(entry) !== "absent";
}

function fits({ conversation, digest, message }: Listed, entry: Entry): boolean {
  return (
    (entry.conversation === conversation || (message.did === undefined && isWith(entry, message))) &&
    entry.direction === message.direction &&
    entry.digest === digest &&
    (message.at === undefined || Math.abs(message.at - entry.at) <= APART_MS)
  );
}

/** A list that does not tell our number is believed. */
function isWith({ conversation }: Entry, { extension, contact }: PbxMessage): boolean {
  return conversation.startsWith(`${extension}/`) && contactIn(conversation) === contact.number;
}

/**
 * Whether the list has a text that none of the others explains: then the one in question is it. `listed`: equal texts whose ids no entry
 * has; `others`: equal entries without an id, the one in question left out. What the PBX lists as failed was not delivered, so it
 * is no reason not to send again; nor does it count for an entry that is known as failed.
 */
export function unexplained(listed: readonly PbxMessage[], others: readonly Entry[]): PbxMessage | undefined {
  const sure = others.filter((entry) => standing(entry) === "taken");
  const fresh = listed.filter(({ status }) => status !== "failed");
  const failed = Math.min(listed.length - fresh.length, sure.filter(({ status }) => status === "failed").length);
  return fresh.length > sure.length - failed ? fresh.at(-1) : undefined;
}
