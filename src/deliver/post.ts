/** Posts in threads: opens the thread if there is none, then sends. One call a step; the next step is a new attempt. */
import type { ThreadLink } from "../links/link.js";
import type { ChatAdapter, FindsAttempts, Opened } from "../adapter.js";
import { cardDelivery, detachDelivery } from "../bridge.js";
import { RetryLater, ThreadGone } from "../errors.js";
import { faultPoint } from "../fault-point.js";
import { samePlace } from "../links.js";
import { inPlace } from "../links/keys.js";
import type { Card, Conversation, Post, PostId, ThreadId } from "../message.js";
import type { Batch, Delivery } from "../queue/port.js";
import type { Doer, Outcome } from "../queue/attempts.js";
import type { Show } from "../queue/work.js";
import type { Transaction } from "../store/port.js";
import { askedIn, copyKey } from "./buttons.js";
import { createEarlier } from "./earlier.js";
import { announceUnshown, announceWaiting, markCopy } from "./outcome.js";
import { conversationOf, type Parts } from "./parts.js";
import { recapOf } from "./recap.js";

const AGAIN: Outcome = { result: "again" };

export function postDoer(parts: Parts): Doer {
  const { links, chats } = parts;
  const announcing = () => ({ chats, now: parts.clock.now(), placesOf: parts.placesOf });
  const earlier = createEarlier(parts.clock);

  /**
   * A thread that an attempt opened whose answer we never saw is found and used, not opened twice. Where nothing can be looked up,
   * the platform has a moment to tell of it by itself.
   */
  const open = async (adapter: ChatAdapter, batch: Batch, conversation: Conversation): Promise<Outcome> => {
    const [first] = batch;
    const { place } = showOf(first);
    const recap = await links.lostThread(conversation.id, place);
    const key = openKey(batch);
    const look = async (): Promise<Opened | undefined> => find(adapter)?.findThread(place, key, sinceOf(first));
    const left = first.uncertain ? await earlier(inPlace(place, key), look) : undefined;
    const unsure = isUnsure(adapter, first);
    if (unsure) await links.mustBeWritable();
    const opened = left ?? (await adapter.open(conversation, place, cardOf(conversation, { repeat: unsure }), key));
    const { thread, card } = opened;
    faultPoint("thread.opened");
    const repeat = unsure && opened.found !== true;
    if (card !== undefined) await links.linkPost(place, card, { conversation: conversation.id });
    faultPoint("thread.card-linked");
    const more = { ...(card === undefined ? {} : { card }), ...(repeat ? { repeat } : {}) };
    await links.linkThread(conversation.id, place, { thread, recap, by: openerOf(first), ...more });
    // People may have answered in it before it was known to be ours.
    if (left !== undefined) parts.threadFound({ place, thread });
    return AGAIN;
  };

  /** One post, unless an attempt whose answer we never saw has made it. Without a way to look, it is marked as a possible repeat. */
  const makeOnce = async (
    adapter: ChatAdapter,
    first: Delivery,
    thread: ThreadId,
    key: string,
    make: () => Promise<Post> | Post,
  ): Promise<PostId> => {
    const finder = find(adapter);
    const look = async (): Promise<PostId | undefined> => finder?.findPost(thread, key, sinceOf(first));
    const { place } = showOf(first);
    const left = first.uncertain && finder !== undefined ? await earlier(inPlace(place, key), look) : undefined;
    if (left !== undefined) return left;
    const made = await make();
    // Else it would be made once more for as long as it cannot be noted that it was.
    if (isUnsure(adapter, first)) await links.mustBeWritable();
    return adapter.send(thread, isUnsure(adapter, first) ? { ...made, repeat: true } : made, key);
  };

  /** The texts that wait to be shown in the same thread. */
  const toCome = (first: Delivery): readonly string[] =>
    parts.store.queue.inLane(first.lane).flatMap(({ work }) => {
      const isText = work.kind === "post" && work.speaker.kind !== "bridge" && work.note !== true;
      return isText && sameThread(showOf(first), work) ? [work.text] : [];
    });

  const recap = async (
    adapter: ChatAdapter,
    batch: Batch,
    conversation: Conversation,
    link: ThreadLink,
  ): Promise<Outcome> => {
    const { place } = showOf(batch[0]);
    const make = (): Promise<Post> => recapOf(parts, conversation, toCome(batch[0]));
    const posted = await makeOnce(adapter, batch[0], link.thread, `r.${openKey(batch)}`, make);
    await links.linkPost(place, posted, { conversation: conversation.id });
    await links.linkThread(conversation.id, place, { ...link, recap: false });
    return AGAIN;
  };

  const send = async (adapter: ChatAdapter, batch: Batch, { thread, card }: ThreadLink): Promise<Outcome> => {
    const { place, conversation } = showOf(batch[0]);
    const make = (): Post => (mayBeElsewhere(adapter, batch[0]) ? { ...postOf(batch), repeat: true } : postOf(batch));
    const posted = await makeOnce(adapter, batch[0], thread, attemptKey(batch[0]), make);
    faultPoint("post.sent");
    const messages = [...new Set(batch.flatMap(({ message }) => (message === undefined ? [] : [message])))];
    const [only] = messages.length === 1 ? messages : [askedIn(batch[0])];
    await links.linkPost(place, posted, { conversation, ...(only === undefined ? {} : { message: only }) });
    const and = async (tx: Transaction): Promise<void> => {
      await markCopies(tx, batch, posted);
      if (card === undefined && "showCard" in adapter) await tx.queue.add(cardDelivery(conversation, place, chats));
    };
    return { result: "done", and };
  };

  /** Whether an attempt in the thread before this one may have shown it, and nobody can be asked. */
  const mayBeElsewhere = (adapter: ChatAdapter, { key }: Delivery): boolean =>
    find(adapter) === undefined && parts.store.wasTaken(elsewhereKey(key));

  const markCopies = async (tx: Transaction, batch: Batch, post: PostId): Promise<void> => {
    for (const { key, message, work } of batch) {
      if (message === undefined || work.kind !== "post" || work.speaker.kind === "contact" || work.note === true)
        continue;
      if (await tx.firstTime(copyKey(key))) await markCopy(tx, message, work.place, post, chats);
      else if (batch.length === 1) await tx.queue.replace(detachDelivery(work.conversation, work.place, post, chats));
    }
  };

  return {
    async attempt(batch) {
      const [first] = batch;
      const { place, conversation: id } = showOf(first);
      const adapter = parts.adapter(place.platform);
      const conversation = conversationOf(parts, id);
      const link = await links.thread(id, place);
      try {
        if (link === undefined) return await open(adapter, batch, conversation);
        if (link.recap === true) return await recap(adapter, batch, conversation, link);
        return await send(adapter, batch, link);
      } catch (error) {
        if (!(error instanceof ThreadGone)) throw error;
        if (link === undefined) throw new RetryLater("a new thread could not be opened", { cause: error });
        await links.loseThread(id, place);
        if (first.uncertain && link.recap !== true)
          return { ...AGAIN, and: async (tx) => void (await tx.firstTime(elsewhereKey(first.key))) };
        if (link.by === openerOf(first)) throw goneAtOnce(error, first);
        return AGAIN;
      }
    },

    async postponed(batch, tx, _since, why) {
      if (why.mend) await announceWaiting(tx, batch, why.message, announcing());
    },

    gaveUp: async (batch, reason) => (tx) => announceUnshown(tx, batch, reason, announcing()),
  };
}

const FEW_ATTEMPTS = 10;
const LONG_MS = 30 * 60_000;

/**
 * Whatever removes or locks a thread that was opened just now may do so to the next one. After some more attempts it surely does, and until
 * somebody mends it each attempt leaves one more behind.
 */
function goneAtOnce(cause: ThreadGone, { attempts }: Delivery): RetryLater {
  const message = `A thread that was just opened takes no posts: ${cause.message} Does a rule or another bot remove or lock new threads?`;
  return new RetryLater(message, { cause, ...(attempts < FEW_ATTEMPTS ? {} : { afterMs: LONG_MS, mend: true }) });
}

function find(adapter: ChatAdapter): FindsAttempts | undefined {
  return "findPost" in adapter ? (adapter as ChatAdapter & FindsAttempts) : undefined;
}

/** Whether an earlier attempt may have succeeded, and nobody can be asked. */
function isUnsure(adapter: ChatAdapter, { uncertain }: Delivery): boolean {
  return uncertain && find(adapter) === undefined;
}

/** How many of the waiting posts go out as one: those that follow each other from one speaker, as far as a post carries. */
export function joinPosts(waiting: readonly Delivery[], textLimit: (show: Show) => number): number {
  const [first, ...rest] = waiting;
  if (first === undefined || first.work.kind !== "post" || !isPlain(first.work)) return 1;
  const limit = textLimit(first.work);
  let length = first.work.text.length;
  let count = 1;
  for (const { work } of rest) {
    if (work.kind !== "post" || !isPlain(work) || !sameSpeaker(first.work, work) || !sameThread(first.work, work))
      break;
    length += work.text.length + SEPARATOR_UNITS;
    if (length > limit) break;
    count += 1;
  }
  return count;
}

/** What an adapter may put between two texts of one post: a time and empty lines. */
const SEPARATOR_UNITS = 20;

/** Notes, notices with buttons and answers to a post stand alone; so do colleagues' texts, whose marks differ. */
function isPlain({ note, choices, about, speaker }: Show): boolean {
  return note !== true && choices === undefined && about === undefined && speaker.kind === "contact";
}

/** A lane is one conversation's, but places that share a target share it too. */
function sameThread(a: Show, b: Show): boolean {
  return a.conversation === b.conversation && samePlace(a.place, b.place);
}

function sameSpeaker(a: Show, b: Show): boolean {
  return a.speaker.kind === b.speaker.kind && a.speaker.name === b.speaker.name;
}

function postOf(batch: Batch): Post {
  const { speaker, note, choices, about } = showOf(batch[0]);
  return {
    speaker,
    texts: batch.map((each) => ({ text: showOf(each).text, at: showOf(each).at })),
    ...(note === undefined ? {} : { note }),
    ...(choices === undefined ? {} : { choices }),
    ...(about === undefined ? {} : { about }),
  };
}

export function cardOf({ line, did, contact }: Conversation, { repeat }: Pick<ThreadLink, "repeat">): Card {
  const more = { ...(did === undefined ? {} : { did: did.number }), ...(repeat === true ? { repeat } : {}) };
  return { contact: contact.number, line, state: "open", ...more };
}

const elsewhereKey = (key: string): string => `perhaps shown in a thread that is gone: ${key}`;

function attemptKey(first: Delivery): string {
  return opaque(first.attempt ?? first.key);
}

function openKey([first]: Batch): string {
  return opaque(`open.${first.attempt ?? first.key}`);
}

function openerOf(first: Delivery): string {
  return opaque(`by.${first.key}`);
}

/** Keys go to the platform, where every app and member may read them: no place, no number. */
function opaque(key: string): string {
  return key.replace(/>.*/s, "");
}

function sinceOf(first: Delivery): number {
  return first.firstAttemptAt ?? first.createdAt;
}

function showOf({ work }: Delivery): Show {
  if (work.kind !== "post") throw new TypeError(`not a post: ${work.kind}`);
  return work;
}
