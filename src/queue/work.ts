/** What deliveries do: one shape per kind. Stored as JSON, so these shapes are a format. */
import type { ChatEvent } from "../adapter.js";
import type { Choice, ConversationId, Mark, MessageId, Place, PostId, Speaker, ThreadId } from "../message.js";
import type { TextTold } from "../pbx/types.js";

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
  /** The post that asks for it; absent: an earlier version wrote this. */
  readonly written?: WrittenAs;
}

/** A person's post. `at`: when it was first written, by the platform's clock. */
export interface WrittenAs {
  readonly place: Place;
  readonly post: PostId;
  readonly thread?: ThreadId;
  readonly at: number;
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

/** What is stored as work and is none that this version knows: damaged, or of a newer version. `body`: as it stands. */
export interface Unreadable {
  readonly kind: "unreadable";
  readonly body: string;
}

export type Work = Heard | TextOut | Show | MarkPosts | DrawCard | Settle | Unmatched | Check | Unreadable;
export type Kind = Work["kind"];
export type WorkOf<K extends Kind> = Extract<Work, { kind: K }>;

const READABLE: Readonly<Record<Exclude<Kind, "unreadable">, true>> = {
  ...({ heard: true, text: true, post: true, mark: true, card: true, settle: true } as const),
  ...({ unmatched: true, check: true } as const),
};

/** Never throws: one row that cannot be read must not keep all others from being done. */
export function readWork(body: string): Work {
  try {
    const work = JSON.parse(body) as Partial<Work> | null;
    if (work?.kind !== undefined && Object.hasOwn(READABLE, work.kind)) return work as Work;
  } catch {
    // It is told as what it is.
  }
  return { kind: "unreadable", body };
}

export function writeWork(work: Work): string {
  return work.kind === "unreadable" ? work.body : JSON.stringify(work);
}
