/** What people write in threads: replies, notes, and what must be asked about first. */
import type { PostLink } from "../../links/link.js";
import type { ChatAdapter, KnowsTwins, Written } from "../../adapter.js";
import { judge, markDelivery } from "../../bridge.js";
import type { Verdict } from "../../bridge.js";
import { faultPoint } from "../../fault-point.js";
import { GiveUp, RetryLater } from "../../errors.js";
import { digestOf } from "../../ledger.js";
import { samePlace } from "../../links.js";
import { messageIdOf } from "../../message-id.js";
import type { ConversationId, Place, ThreadId } from "../../message.js";
import type { Outcome } from "../../queue/attempts.js";
import { conversationOf, type Parts } from "../parts.js";
import { carryOut } from "./carry-out.js";
import { isDeleted } from "./take-back.js";
import { sceneOf, whoIs } from "./scene.js";

/** `since`: since when the event can be decided, epoch ms. */
export async function written(parts: Parts, platform: string, event: Written, since: number): Promise<Outcome> {
  if (isDeleted(parts, platform, event.post)) return { result: "done" };
  const message = messageIdOf(platform, event.key);
  const known = (await parts.links.post(platform, event.post))?.message;
  // Its edit came before it and was taken for it.
  if (known !== undefined && known !== message) return { result: "done" };
  const id = await conversationFor(parts, platform, event, since);
  if (id === undefined) return unaddressed(parts, event);
  const scene = sceneOf(parts, conversationOf(parts, id), event.place);
  const who = await whoIs(parts, platform, event.author);
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

export async function addressed(parts: Parts, platform: string, event: Written): Promise<ConversationId | undefined> {
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

/** People may chat in a group as they like; words that are spoken to the bot and reach nobody are marked so. */
function unaddressed({ chats }: Parts, { direct, place, post }: Written): Outcome {
  if (direct !== true) return { result: "done" };
  return { result: "done", and: (tx) => tx.queue.replace(markDelivery(place, "ignored", post, chats)) };
}
