/** Decisions only: what an event means and which deliveries follow. No I/O, no clock, no state. */
import type { Pace, Work as AdapterWork, Written } from "./adapter.js";
import { samePlace } from "./links.js";
import type { Choice, Conversation, ConversationId, Mark, MessageId, Place, PostId, Speaker } from "./message.js";
import { isMessageId } from "./message-id.js";
import type { NewDelivery } from "./queue/port.js";
import type { MarkPosts, Settle, Show, TextOut, WrittenAs } from "./queue/work.js";
import { split } from "./split.js";

/** What decisions need to know of the chat platforms. */
export interface Chats {
  textLimit(place: Place): number;
  pace(place: Place, work: AdapterWork): Pace;
}

/* What is shown in threads */

export interface Showing {
  readonly conversation: Conversation;
  readonly speaker: Speaker;
  readonly text: string;
  /** Epoch ms. */
  readonly at: number;
  /** Makes the deliveries' keys: what is shown only once has one key. */
  readonly key: string;
  readonly message?: MessageId;
  readonly note?: boolean;
  readonly choices?: readonly Choice[];
  /** A person's post this is about, mentioned where that post is. */
  readonly about?: { readonly place: Place; readonly post: PostId };
}

/** One delivery for each place and each post that the text needs; buttons stand under the last. */
export function showIn(places: readonly Place[], showing: Showing, chats: Chats): NewDelivery[] {
  return places.flatMap((place) => {
    const parts = split(showing.text, chats.textLimit(place));
    return parts.map((text, index) => showPart(place, showing, text, index, index === parts.length - 1, chats));
  });
}

function showPart(
  place: Place,
  { conversation, speaker, at, key, message, note, choices, about }: Showing,
  text: string,
  index: number,
  last: boolean,
  chats: Chats,
): NewDelivery {
  const { target } = chats.pace(place, "post");
  const work: Show = {
    kind: "post",
    conversation: conversation.id,
    place,
    speaker,
    text,
    at,
    ...(note === true ? { note } : {}),
    ...(choices !== undefined && last ? { choices } : {}),
    ...(about !== undefined && samePlace(about.place, place) ? { about: about.post } : {}),
  };
  return {
    key: `${key}.${index}>${place.platform}:${place.chat}`,
    lane: `${conversation.id}>${target}`,
    target,
    urgency: 1,
    ...(message === undefined ? {} : { message }),
    work,
  };
}

export function contactSpeaker({ contact }: Conversation): Speaker {
  return { kind: "contact", name: contact.number };
}

export function phoneSpeaker({ line }: Conversation): Speaker {
  return { kind: "phone", name: line };
}

export const BRIDGE: Speaker = { kind: "bridge", name: "SMS" };

/** The last mark wins: earlier ones that wait are replaced. */
export function markDelivery(place: Place, mark: Mark, of: MessageId | PostId, chats: Chats): NewDelivery {
  const { target } = chats.pace(place, "mark");
  const subject = isMessageId(of) ? { message: of } : {};
  const post = isMessageId(of) ? {} : { post: of };
  return {
    key: `mark.${of}.${mark}>${place.platform}:${place.chat}`,
    // A lane of each place: several may share a target, and the mark of one does not replace that of another.
    lane: `mark.${of}>${place.platform}:${place.chat}`,
    target,
    urgency: 2,
    ...subject,
    work: { kind: "mark", place, mark, ...post },
  };
}

/** On a post whose words were taken back. */
export function detachDelivery(conversation: ConversationId, place: Place, post: PostId, chats: Chats): NewDelivery {
  const delivery = markDelivery(place, "ignored", post, chats);
  const work: MarkPosts = { kind: "mark", place, mark: "ignored", post, detached: conversation };
  return { ...delivery, work };
}

export function cardDelivery(conversation: ConversationId, place: Place, chats: Chats): NewDelivery {
  const { target } = chats.pace(place, "card");
  const lane = `card.${conversation}>${target}`;
  return { key: `${lane}.${place.chat}`, lane, target, urgency: 2, work: { kind: "card", conversation, place } };
}

export function settleDelivery(
  place: Place,
  post: PostId,
  { outcome, said }: { readonly outcome: string; readonly said?: string | undefined },
  chats: Chats,
): NewDelivery {
  const { target } = chats.pace(place, "card");
  const key = `settle.${place.platform}.${post}`;
  const work: Settle = { kind: "settle", place, post, outcome, ...(said === undefined ? {} : { said }) };
  return { key, lane: key, target, urgency: 2, work };
}

/** In the lane of the conversation's posts: those that wait there are settled too, and no later ones. */
export function settleAllDelivery(
  conversation: ConversationId,
  place: Place,
  message: MessageId,
  { outcome, said, key }: { readonly outcome: string; readonly said?: string | undefined; readonly key: string },
  chats: Chats,
): NewDelivery {
  const { target } = chats.pace(place, "post");
  const work: Settle = { kind: "settle", place, outcome, ...(said === undefined ? {} : { said }) };
  const lane = `${conversation}>${target}`;
  return { key: `settle.${key}>${place.platform}:${place.chat}`, lane, target, urgency: 1, message, work };
}

/* What people write */

export interface InboxRules {
  readonly notePrefix: string;
  readonly undoSeconds: number;
  /** A reply that was written longer ago is asked about before it is sent; 0: none is. */
  readonly askAfterMinutes: number;
  /** UTF-16 units that the PBX takes in one text. */
  readonly maxTextLength: number;
}

/**
 * What somebody's words in a thread are. `question`: they look like a `command`, speak to the `bot` or to `colleagues` and not to the
 * contact, or come so `late` that they may not be meant any more, so a person decides.
 */
export type Verdict =
  | { readonly is: "reply"; readonly text: string }
  | { readonly is: "note"; readonly text: string }
  | { readonly is: "question"; readonly text: string; readonly looksLike: "command" | "bot" | "colleagues" | "late" }
  | { readonly is: "refused"; readonly reason: string }
  | { readonly is: "nothing" };

/** `now`: epoch ms; when it was written is in the event, by the platform's clock. */
export function judge(
  { author, text, speaksTo, at }: Written,
  refused: string | undefined,
  { notePrefix, askAfterMinutes }: InboxRules,
  now: number,
): Verdict {
  const reason = author.refused ?? refused;
  if (reason !== undefined) return { is: "refused", reason };
  const words = text.replace(INVISIBLE_START, "").trimEnd();
  if (words === "") return { is: "nothing" };
  const note = afterPrefix(words, notePrefix) ?? afterPrefix(words.replace(LIST_MARKS, ""), notePrefix);
  if (note !== undefined) return { is: "note", text: note.trim() };
  if (speaksTo !== undefined) return { is: "question", text: words, looksLike: speaksTo };
  if (looksLikeCommand(words)) return { is: "question", text: words, looksLike: "command" };
  const late = askAfterMinutes > 0 && now - at > askAfterMinutes * 60_000;
  return late ? { is: "question", text: words, looksLike: "late" } : { is: "reply", text: words };
}

/**
 * Space, and what nobody sees: pasted text often begins with such characters, and a note behind one of them is a note all the same.
 */
const INVISIBLE_START = /^[\s\p{Cf}\p{Default_Ignorable_Code_Point}]+/u;

/** Bullets, numbers and quote marks, as platforms write lists and quotes in plain text, and signs of styles that were left standing. */
const LIST_MARKS = /^(?:[-*+•◦▪▫‣⁃·–—>|»›_~`]|\d{1,3}[.)]|[\s\p{Cf}\p{Default_Ignorable_Code_Point}])+/u;

/** What follows the prefix, if the words begin with what people would take for it: full width, or with unseen characters inside. */
function afterPrefix(words: string, prefix: string): string | undefined {
  const wanted = plain(prefix);
  let [seen, used] = ["", 0];
  for (const character of words) {
    if (seen.length >= wanted.length) break;
    seen += plain(character);
    used += character.length;
  }
  return seen.startsWith(wanted) ? seen.slice(wanted.length) + words.slice(used) : undefined;
}

/** Decomposed, so that a character's own form and that within a text are one. */
function plain(text: string): string {
  return text.normalize("NFKD").replaceAll(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, "");
}

/** `/x` and `!x` are how people speak to bots; a customer must not get them by mistake. */
function looksLikeCommand(words: string): boolean {
  return /^[/!]\p{L}/u.test(words);
}

export interface Reply {
  readonly conversation: Conversation;
  readonly message: MessageId;
  readonly author: string;
  readonly text: string;
  readonly copyTo: readonly Place[];
  readonly written?: WrittenAs;
  /** Epoch ms. */
  readonly dueAt: number;
}

/** Of the texts of one conversation. */
export function textLane(conversation: ConversationId, target: string): string {
  return `${conversation}>${target}`;
}

/** The texts that a reply needs, in order; with each goes where a copy of it is made once it has left. */
export function textsOf(reply: Reply, target: string, { maxTextLength }: InboxRules): NewDelivery[] {
  const { conversation, message, author, copyTo, written, dueAt } = reply;
  const lane = textLane(conversation.id, target);
  return split(reply.text, maxTextLength).map((text, index) => {
    const part = partId(message, index);
    const work: TextOut = {
      kind: "text",
      conversation: conversation.id,
      part,
      text,
      author,
      copyTo,
      ...(written === undefined ? {} : { written }),
    };
    return { key: part, lane, target, urgency: 0, message, work, dueAt };
  });
}

export function partId(message: MessageId, index: number): string {
  return `${message}.${String(index).padStart(3, "0")}`;
}
