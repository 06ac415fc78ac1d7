/** Taking back texts that have not left. */
import { messageIdOf } from "../../message-id.js";
import { SAY } from "../../say.js";
import { isOut, type Entry } from "../../ledger.js";
import { samePlace } from "../../links.js";
import type { Conversation, MessageId, Place, PostId } from "../../message.js";
import type { Kept } from "../../queue/port.js";
import type { Transaction } from "../../store/port.js";
import { askedAbout, copyKey, settleEverywhere, wordsOf } from "../buttons.js";
import type { Parts } from "../parts.js";

/** What is told of the post from now on, behind its deletion, is no longer meant. */
export async function noteDeleted(tx: Transaction, platform: string, post: PostId): Promise<void> {
  await tx.firstTime(deletedKey(platform, post));
}

export function isDeleted({ store }: Parts, platform: string, post: PostId): boolean {
  return store.wasTaken(deletedKey(platform, post));
}

const deletedKey = (platform: string, post: PostId): string => `${platform} deleted ${post}`;

export interface TakenBack {
  /** As the copies name them; absent if nothing was left of it, because somebody had decided not to send it. */
  readonly author: string | undefined;
  readonly words: string;
  /** Whether somebody may have seen a copy there, or that it was held. */
  isSeenIn(place: Place): boolean;
  /** The keys of what waited behind it in its lanes, in order: what takes its place goes before that. */
  readonly behind: readonly string[];
}

/** Takes back every text of the message, and the copies that nobody saw yet. undefined: one of the texts may have left. */
export async function takeBack(
  tx: Transaction,
  parts: Parts,
  conversation: Conversation,
  message: MessageId,
  key: string,
): Promise<TakenBack | undefined> {
  const deliveries = await tx.queue.ofMessage(message);
  const texts = deliveries.filter((each) => each.work.kind === "text");
  const entries = await tx.ledger.ofMessage(message);
  if (texts.length === 0 && entries.some(({ status }) => status !== "queued")) return undefined;
  if (texts.some(({ state, attempt }) => state === "done" || attempt !== undefined)) return undefined;
  // A part that left may no longer be kept while another still waits for somebody's decision.
  if (entries.some((entry) => mayHaveLeft(entry, texts))) return undefined;
  const asked = askedAbout(conversation, texts);
  const settling = { outcome: SAY.changedSince, said: asked, key };
  if (asked !== undefined) await settleEverywhere(tx, conversation, message, settling, parts);
  const behind = await allBehind(tx, deliveries);
  const unseen: Place[] = [];
  for (const delivery of deliveries) {
    const { key: copy, work } = delivery;
    const withdrawn = await tx.queue.withdraw(copy);
    if (work.kind !== "post") continue;
    if (withdrawn) unseen.push(work.place);
    // It is being posted: once it is, it shows words that are no longer meant.
    else await tx.firstTime(copyKey(copy));
  }
  await keepTried(tx, entries, key);
  await tx.ledger.forget(message);
  return { ...takenBack(texts, unseen), behind };
}

/** The PBX may list what failed or was refused: unless that stays known, it would look like a phone's text. */
async function keepTried(tx: Transaction, entries: readonly Entry[], key: string): Promise<void> {
  for (const { id, status } of entries) {
    if (status === "queued") continue;
    if (status !== "failed") await tx.ledger.change(id, { status: "failed", calls: 0 });
    await tx.ledger.restart(id, messageIdOf("former", `${id} ${key}`));
  }
}

/** Of the first in each lane that waits and was not begun: what was begun may have been so together with some behind it. */
async function allBehind(tx: Transaction, deliveries: readonly Kept[]): Promise<readonly string[]> {
  const own = new Set(deliveries.map(({ key }) => key));
  const waiting = deliveries.filter(({ state, attempt }) => state === "waiting" && attempt === undefined);
  const lanes = new Map(waiting.toReversed().map(({ lane, key }) => [lane, key]));
  const behind: string[] = [];
  for (const first of lanes.values()) behind.push(...(await tx.queue.behind(first)).filter((key) => !own.has(key)));
  return behind;
}

/** What is kept and not begun, or surely refused, has not left, though the ledger may still say `sending`. */
function mayHaveLeft(entry: Entry, texts: readonly Kept[]): boolean {
  if (entry.status === "sending") return texts.every(({ key, uncertain }) => key !== entry.id || uncertain);
  return isOut(entry);
}

function takenBack(texts: readonly Kept[], unseen: readonly Place[]): Omit<TakenBack, "behind"> {
  const [first] = texts.flatMap(({ work }) => (work.kind === "text" ? [work] : []));
  // Where copies are made once the text is out, there are none yet; of what was held every place was told.
  const told = first?.copyTo.length === 0 || texts.some(({ state }) => state === "held");
  return {
    author: first?.author,
    words: wordsOf(texts),
    isSeenIn: (place) => told && !unseen.some((each) => samePlace(each, place)),
  };
}
