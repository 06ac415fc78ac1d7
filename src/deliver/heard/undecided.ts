/**
 * What people did in chats and nobody could decide on, such as a reply of a person whose name could not be asked for: told, and tried
 * again once somebody says so, unless something newer is known of the post by then.
 */
import type { ChatEvent } from "../../adapter.js";
import { markDelivery, settleAllDelivery, settleDelivery } from "../../bridge.js";
import { heardKey, messageIdOf } from "../../message-id.js";
import type { Conversation, ConversationId, MessageId, Place } from "../../message.js";
import type { PostLink } from "../../links/link.js";
import type { Delivery } from "../../queue/port.js";
import type { Heard } from "../../queue/work.js";
import { SAY } from "../../say.js";
import type { Transaction } from "../../store/port.js";
import type { Announcing } from "../announcing.js";
import { isAside } from "../buttons.js";
import type { Decision } from "../decided.js";
import { retryChoice } from "../outcome.js";
import type { Parts } from "../parts.js";
import { notice, sceneOf, show } from "./scene.js";
import { addressed } from "./written.js";

type Undecided = Exclude<ChatEvent, { kind: "gone" }>;

/**
 * Whoever did it must see that it led nowhere, and why, with a button to try it again: in its thread, where that is known; else by the
 * mark alone. Gives what is written then.
 */
export async function undecided(
  parts: Parts,
  delivery: Delivery,
  { platform, event }: Heard,
  reason: string,
): Promise<(tx: Transaction) => Promise<void>> {
  if (event.kind === "gone") return async () => {};
  const { place, post, at } = event;
  const message = messageIdOf(platform, event.key);
  const { link, now, conversation } = await linked(parts, platform, event, message).catch((error: unknown): Linked => {
    // Which may be why nobody could decide: then there is the mark alone.
    parts.logger.warn(
      { err: error, delivery: delivery.number },
      "the links cannot be read; its thread is not told why",
    );
    return {};
  });
  return async (tx) => {
    if (event.kind === "written" || now?.message === message)
      await tx.queue.replace(markDelivery(place, "failed", now === undefined ? post : message, parts.chats));
    if (conversation === undefined) return;
    if (event.kind === "edited" || event.kind === "deleted")
      await supersede(tx, parts, conversation.id, place, link?.message);
    const said = SAY.undecided[event.kind](wordsIn(event), reason);
    // Each try tells anew.
    const told = notice(sceneOf(parts, conversation, place), said, `undecided.${message}.${delivery.id}`, at, {
      ...(event.kind === "deleted" ? {} : { about: { place, post } }),
      // What an earlier version took is found under no such key, so only the command line can try it again.
      choices: delivery.key === heardKey(message) ? [retryChoice(message)] : undefined,
    });
    await show(tx, parts, [place], told);
  };
}

interface Linked {
  /** As it was, and as it is now. */
  readonly link?: PostLink | undefined;
  readonly now?: PostLink | undefined;
  readonly conversation?: Conversation | undefined;
}

async function linked(parts: Parts, platform: string, event: Undecided, message: MessageId): Promise<Linked> {
  const { place, post } = event;
  const link = await parts.links.post(platform, post);
  const id = link?.conversation ?? (await conversationOf(parts, platform, event));
  const now = linkAfter(link, id, message, event);
  if (now !== undefined && now !== link) await parts.links.linkPost(place, post, now);
  return { link, now, conversation: id === undefined ? undefined : parts.store.conversation(id) };
}

/** By it, what happens to the post from now on is known to be about this message, and what is older than a change not to be meant any more. */
function linkAfter(
  link: PostLink | undefined,
  id: ConversationId | undefined,
  message: MessageId,
  event: Undecided,
): PostLink | undefined {
  if (event.kind !== "written" && event.kind !== "edited") return link;
  const known = link ?? (id === undefined ? undefined : { conversation: id, message });
  return known === undefined || event.kind === "written" ? known : { ...known, changedAt: event.at };
}

async function conversationOf(parts: Parts, platform: string, event: Undecided): Promise<ConversationId | undefined> {
  if (event.kind === "written") return addressed(parts, platform, event);
  return event.kind === "edited" && event.thread !== undefined
    ? parts.links.conversationOf(platform, event.thread)
    : undefined;
}

const wordsIn = (event: Undecided): string => ("text" in event ? event.text : "");

/** The post was changed or deleted since nobody could decide on it: its first words are not tried again. */
export async function supersede(
  tx: Transaction,
  { chats }: Parts,
  conversation: ConversationId,
  place: Place,
  message: MessageId | undefined,
): Promise<void> {
  const old = message === undefined ? undefined : await asideOf(tx, message);
  if (message === undefined || old?.work.kind !== "heard" || old.work.event.kind === "gone") return;
  await tx.queue.withdraw(old.key);
  const { event } = old.work;
  const said = SAY.undecided[event.kind](wordsIn(event), old.reason ?? "");
  const settling = { outcome: SAY.changedSince, said, key: `superseded.${message}` };
  await tx.queue.add(settleAllDelivery(conversation, place, message, settling, chats));
}

/** What gave up is tried again because somebody said so. false: it is no longer aside. */
export async function tryAgain(
  tx: Transaction,
  { message, action, by, under }: Decision,
  { chats, now }: Announcing,
): Promise<boolean> {
  const old = action === "retry" ? await asideOf(tx, message) : undefined;
  if (old === undefined || !(await tx.queue.revive(old.key, now))) return false;
  const settling = { outcome: SAY.takenUpAgain(by), said: under?.said };
  if (under !== undefined) await tx.queue.replace(settleDelivery(under.place, under.post, settling, chats));
  return true;
}

async function asideOf(tx: Transaction, message: MessageId) {
  return (await tx.queue.ofMessage(message)).find((each) => each.work.kind === "heard" && isAside(each));
}
