/** What deliveries do: one shape per kind. Stored as JSON, so these shapes are a format. */
import type { ChatEvent } from "../adapter.js";
import type { Choice, ConversationId, Mark, MessageId, Place, PostId, Speaker } from "../message.js";
import type { TextTold } from "../taking.js";

/** A chat platform told something; what it means is yet to be decided. */
export interface Heard {
  readonly kind: "heard";
  readonly platform: string;
  readonly event: ChatEvent;
}

/** One text (one part of a long one) to a contact. `part`: its entry in the ledger. */
export interface TextOut {
  readonly kind: "text";
  readonly conversation: ConversationId;
  readonly part: string;
  readonly text: string;
  readonly author: string;
  /** Copies for the other threads, to be made once the text is out. */
  readonly copyTo: readonly Place[];
}

/** One entry of a thread. */
export interface Show {
  readonly kind: "post";
  readonly conversation: ConversationId;
  readonly place: Place;
  readonly speaker: Speaker;
  readonly text: string;
  readonly at: number;
  readonly note?: boolean;
  readonly choices?: readonly Choice[];
  readonly about?: PostId;
}

/** What became of a message, on the posts that show it in a place. */
export interface MarkPosts {
  readonly kind: "mark";
  readonly place: Place;
  readonly mark: Mark;
  /** The post to mark; absent: all that are linked to the message. */
  readonly post?: PostId;
  /** The post's words were taken back: it shows its message no more, whatever becomes of that. */
  readonly detached?: ConversationId;
}

export interface DrawCard {
  readonly kind: "card";
  readonly conversation: ConversationId;
  readonly place: Place;
}

/** Buttons were used, or are of no use any more: say so in their place. */
export interface Settle {
  readonly kind: "settle";
  readonly place: Place;
  /** Absent: each post of the place that asks about the delivery's message, once. */
  readonly post?: PostId;
  readonly outcome: string;
  /** What the post said above its buttons; absent: not known. */
  readonly said?: string;
}

/** An event of the PBX for a number that no line lists. Kept until an admin lists it or discards the text. */
export interface Unmatched {
  readonly kind: "unmatched";
  readonly event: TextTold;
  readonly at: number;
  readonly message: MessageId;
}

/** A text that was told with the words of an earlier one, or behind such a text (then it is not `suspected`). */
export interface Check {
  readonly kind: "check";
  readonly event: TextTold;
  readonly at: number;
  readonly message: MessageId;
  readonly suspected: boolean;
}

export type Work = Heard | TextOut | Show | MarkPosts | DrawCard | Settle | Unmatched | Check;
export type Kind = Work["kind"];
export type WorkOf<K extends Kind> = Extract<Work, { kind: K }>;
