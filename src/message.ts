/**
 * The words of this project, each with one meaning.
 *
 * - Line: one of our phone numbers on one PBX extension, with a name ("Sales") and the places where its texts go.
 * - Contact: the other party: a phone number (E.164 where it can be), a short code or an alphanumeric sender.
 * - Conversation: one line's number and one contact. The answer leaves from the number that was texted.
 * - Place: a chat on a platform that a line's texts go to: a Slack channel, a Telegram group or private chat.
 * - Thread: where one place shows one conversation: a Slack thread, a Telegram topic, a reply chain.
 * - Post: one message of ours or of a person's in a thread.
 * - Message: one text, `in` (from the contact) or `out` (to the contact).
 * - Note: typed in a thread, for the team only.
 * - Delivery: the durable piece of work "bring this to that target".
 * - Target: what shares a rate limit. Lane: the deliveries of one conversation to one target, in order.
 * - Link: a stored mapping of ids.
 */

/** A string that only the room that owns its format may build or take apart. */
export type Id<Name extends string> = string & { readonly [brand]: Name };
declare const brand: unique symbol;

export type ConversationId = Id<"conversation">;
export type MessageId = Id<"message">;
/** One thread of one platform. Built and read by that platform's adapter only (its `ids.ts`); unique within the platform. */
export type ThreadId = Id<"thread">;
/** One post of one platform, by us or by a person. Built and read by that platform's adapter only. */
export type PostId = Id<"post">;

export interface Place {
  /** An adapter's name, such as `slack`. */
  readonly platform: string;
  /** The chat's id as it stands in the config. */
  readonly chat: string;
}

export interface Line {
  readonly name: string;
  /** The `extension_id` of the PBX's API. */
  readonly extension: number;
  /** E.164. Absent: the line takes every number of its extension. */
  readonly did?: string;
  readonly to: readonly Place[];
}

/**
 * A phone number, short code or sender name. `number` is the normalised form that identifies it (E.164 for phone
 * numbers); `wire` is how the PBX wrote it, which is how it is given back to the PBX.
 */
export interface Party {
  readonly number: string;
  readonly wire: string;
}

export interface Conversation {
  readonly id: ConversationId;
  readonly line: string;
  readonly extension: number;
  /** Our number that was texted; unknown only if the PBX never told. */
  readonly did?: Party;
  readonly contact: Party;
}

/** What became of a message or note, as shown on the post that a person typed. */
export type Mark = "waiting" | "sent" | "failed" | "note" | "ignored";

/** Who speaks in a post of ours. `phone`: somebody on our side, but on a desk phone or in the PBX's own app. */
export interface Speaker {
  readonly kind: "contact" | "colleague" | "phone" | "bridge";
  readonly name: string;
}

/** A button under a post. `subject` names what it is about: opaque, at most 40 characters of A-Z a-z 0-9 _ -. */
export interface Choice {
  readonly action: "retry" | "send" | "discard";
  readonly subject: string;
  readonly label: string;
}

/** One post of ours. All of it goes out as plain text, exactly as it stands here: adapters escape, they do not interpret. */
export interface Post {
  readonly speaker: Speaker;
  /** Texts that are shown together, oldest first; at least one. `at`: epoch ms. */
  readonly texts: readonly { readonly text: string; readonly at: number }[];
  /** A colleague's note, mirrored from another thread: to be told apart from texts at a glance. */
  readonly note?: boolean;
  readonly choices?: readonly Choice[];
  /** The person's post that this one is about. */
  readonly about?: PostId;
  /** An earlier attempt to make this post may have succeeded, and nobody can tell: to be marked as a possible repeat. */
  readonly repeat?: true;
}

/** What a conversation's card shows. May be drawn again at any time. */
export interface Card {
  readonly contact: string;
  readonly line: string;
  readonly did?: string;
  readonly state: "open";
  /** An earlier attempt to open the thread may have succeeded, and nobody can tell: there may be an empty one like it. */
  readonly repeat?: true;
}
