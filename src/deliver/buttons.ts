/**
 * Notices and questions with buttons. The posts that show them are linked to an id made of the message's, so that all of them are
 * found when one of their buttons was used, or has become useless.
 */
import { settleAllDelivery } from "../bridge.js";
import { SAY } from "../say.js";
import type { Choice, Conversation, MessageId, Place, PostId } from "../message.js";
import type { Delivery, Kept } from "../queue/port.js";
import type { Transaction } from "../store/port.js";
import type { Announcing } from "./announcing.js";

/** What the posts that ask about the message are linked to. */
export function askingAbout(subject: Choice["subject"]): MessageId {
  return `${subject}?` as MessageId;
}

/** Under this key it is noted that the buttons of a post were used, or are of no use any more. */
export function usedUp(platform: string, post: PostId): string {
  return `used ${platform} ${post}`;
}

/** Under this key it is noted that a copy was posted, or that its words were taken back before it was. */
export function copyKey(key: string): string {
  return `copied ${key}`;
}

/** What a post of ours asks about, if it has buttons. */
export function askedIn({ work }: Delivery): MessageId | undefined {
  const [choice] = work.kind === "post" ? (work.choices ?? []) : [];
  return choice === undefined ? undefined : askingAbout(choice.subject);
}

/** The words of those of a message's texts that are still kept; empty: none is. */
export function wordsOf(texts: readonly Delivery[]): string {
  return texts.map(({ work }) => (work.kind === "text" ? work.text : "")).join("");
}

/** The texts of a message that are kept, whatever became of them, oldest first. */
export async function textsIn(tx: Transaction, message: MessageId): Promise<readonly Kept[]> {
  return (await tx.queue.ofMessage(message)).filter(({ work }) => work.kind === "text");
}

export function isAside({ state }: Kept): boolean {
  return state === "set-aside" || state === "held";
}

/** What the notice or question says that waits for somebody's decision; undefined: none does. `texts`: of one message. */
export function askedAbout({ contact }: Conversation, texts: readonly Kept[]): string | undefined {
  const aside = texts.find(isAside);
  if (aside?.reason === undefined) return undefined;
  if (aside.state === "held") return aside.reason;
  return failureNotice(contact.number, texts, aside.reason);
}

/** `texts`: those of the message that failed, as they are kept now. */
export function failureNotice(contact: string, texts: readonly Kept[], reason: string): string {
  const doubtful = texts.some((each) => isAside(each) && each.uncertain);
  return (doubtful ? SAY.doubtful : SAY.failed)(contact, wordsOf(texts), reason);
}

/** `said`: what the posts said so far. `key` names the occasion. */
export interface Settling {
  readonly outcome: string;
  readonly said: string | undefined;
  readonly key: string;
}

/** Puts the outcome in the place of the buttons of all posts that ask about the message, also of those that are still to come. */
export async function settleEverywhere(
  tx: Transaction,
  conversation: Conversation,
  message: MessageId,
  settling: Settling,
  { chats, placesOf }: Pick<Announcing, "chats" | "placesOf">,
): Promise<void> {
  const origin = (await tx.ledger.ofMessage(message))[0]?.origin?.place;
  for (const place of withOrigin(placesOf(conversation), origin))
    await tx.queue.add(settleAllDelivery(conversation.id, place, message, settling, chats));
}

/** The place where a person typed, even if the line no longer goes there, and all others of the line. */
export function withOrigin(places: readonly Place[], origin: Place | undefined): readonly Place[] {
  if (origin === undefined) return places;
  return [origin, ...places.filter(({ platform, chat }) => platform !== origin.platform || chat !== origin.chat)];
}
