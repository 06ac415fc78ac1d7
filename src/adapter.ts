/**
 * The contract of a chat platform: a name and four verbs, in the order they happen. Everything else is an optional
 * ability: a one-method interface that the bridge looks for (`"mark" in adapter`).
 *
 * Every method may throw `RetryLater`, `GiveUp` or `ThreadGone` of `errors.ts`; anything else counts as a bug. Each method makes
 * at most one call that changes something on the platform, so that a crash or an unknown outcome concerns one thing.
 */
import type { RetryLater } from "./errors.js";
import type { Card, Choice, Conversation, Mark, Place, Post, PostId, ThreadId } from "./message.js";

export interface ChatAdapter {
  readonly platform: string;
  /** How many UTF-16 units of text one post carries; the bridge splits longer texts and joins shorter ones up to here. */
  readonly textLimit: number;
  /** What limits the given work in this place. Pure. */
  pace(place: Place, work: Work): Pace;
  /** Connects and begins to hand events to `inbox`. Resolves once connected; keeps reconnecting by itself afterwards. */
  start(inbox: Inbox): Promise<void>;
  /**
   * Opens a thread for the conversation. `key` identifies this attempt and all its repetitions. An empty thread that an earlier attempt
   * left behind, where the platform has told of it since, is used instead.
   */
  open(conversation: Conversation, place: Place, card: Card, key: string): Promise<Opened>;
  /** Sends one post into the thread. `key` as in `open`. */
  send(thread: ThreadId, post: Post, key: string): Promise<PostId>;
  /** Takes nothing new and disconnects; what is under way may finish. */
  stop(): Promise<void>;
}

export type Work = "post" | "mark" | "card";

/**
 * `card`: the post that opened the thread and shows the card, where the platform has one (a Slack thread's root). `found`: it was
 * there, left behind by an earlier attempt.
 */
export interface Opened {
  readonly thread: ThreadId;
  readonly card?: PostId;
  readonly found?: true;
}

/** Work of equal `target` waits in one line; it starts when all of `rates` allow, at most `concurrency` at a time. */
export interface Pace {
  readonly target: string;
  readonly concurrency: number;
  readonly rates: readonly Rate[];
}

/**
 * `bucket`: up to `limit` at once; one slot comes back every `perMs`. `window`: never more than `limit` starts within any
 * `perMs`. Rates of equal `key` are shared between targets. `perMs`: milliseconds.
 */
export interface Rate {
  readonly kind: "bucket" | "window";
  readonly key: string;
  readonly limit: number;
  readonly perMs: number;
}

export interface Inbox {
  /** Resolves once the event is stored. Only then may the platform be told that it was received. Rejects if it could not be stored. */
  accept(event: ChatEvent): Promise<void>;
  /**
   * To be called when the platform was out of reach for a while: it may not have told of everything. `routine`: it may have been, but
   * nothing says so. Returns at once.
   */
  gap?(why?: "routine"): void;
  /** To be called when the platform tells that the bot may do more in a place than before: what waits there is tried. Returns at once. */
  mended?(place: Place): void;
}

/** Who wrote or pressed. `refused`: why this person's words do not leave the team (a guest, say), where the event tells. */
export interface Author {
  readonly id: string;
  readonly name?: string;
  readonly refused?: string;
}

interface Happened {
  /** The same event delivered twice has the same key; no other event of the platform has it. */
  readonly key: string;
  /** Epoch ms, by the platform's clock. */
  readonly at: number;
}

/** A person wrote in a chat. At least one of `thread` and `replyTo` is there unless the chat is `direct`. */
export interface Written extends Happened {
  readonly kind: "written";
  readonly place: Place;
  readonly post: PostId;
  readonly thread?: ThreadId;
  readonly replyTo?: PostId;
  /** Spoken to the bot, in a private chat with it or below a post of its own: words that reach nobody deserve a hint. */
  readonly direct?: boolean;
  readonly author: Author;
  /** Clean plain text; may be empty when there are files. */
  readonly text: string;
  /** Begins by addressing the bot, or others of this platform; the mention is still in the text. */
  readonly speaksTo?: "bot" | "colleagues";
  /** What the post holds besides text, in words for people: "photo.jpg", "a voice message". */
  readonly files: readonly string[];
}

export interface Edited extends Happened {
  readonly kind: "edited";
  readonly place: Place;
  readonly post: PostId;
  readonly thread?: ThreadId;
  /** When the post was first written, as `at`; absent if the platform does not tell. */
  readonly writtenAt?: number;
  readonly author: Author;
  readonly text: string;
  /** As in `Written`. */
  readonly speaksTo?: "bot" | "colleagues";
}

export interface Deleted extends Happened {
  readonly kind: "deleted";
  readonly place: Place;
  readonly post: PostId;
}

/** A person pressed a button under a post of ours. */
export interface Chosen extends Happened {
  readonly kind: "chosen";
  readonly place: Place;
  /** The post that has the button. */
  readonly post: PostId;
  readonly author: Author;
  readonly action: Choice["action"];
  readonly subject: string;
  /** What the post says above the buttons, where the event tells. */
  readonly said?: string;
}

/** The platform told that a thread is no longer there. */
export interface Gone extends Happened {
  readonly kind: "gone";
  readonly place: Place;
  readonly thread: ThreadId;
}

export type ChatEvent = Written | Edited | Deleted | Chosen | Gone;

/* Optional abilities */

/** Shows what became of a message on the person's own post, in place; a later mark takes the earlier one's place. */
export interface MarksPosts {
  mark(post: PostId, mark: Mark): Promise<void>;
}

/** Draws the card in the thread, or draws it anew over `shown`. */
export interface ShowsCards {
  showCard(thread: ThreadId, card: Card, shown?: PostId): Promise<PostId>;
}

/** Tells who a person is, where events carry only an id. Answers from memory when it can. */
export interface KnowsPeople {
  person(id: string): Promise<{ readonly name: string; readonly refused?: string }>;
}

/** Where a thread that was opened without an answer cannot be looked up, it may become known when another one is in its place. */
export interface KnowsTwins {
  /** The thread in use of the conversation for which this one, now empty, was opened; or this one, as it was known before. */
  twinOf(thread: ThreadId): Promise<ThreadId | undefined>;
}

/** Finds what an earlier attempt with this key left behind, made at `since` (epoch ms) or later. */
export interface FindsAttempts {
  findPost(thread: ThreadId, key: string, since: number): Promise<PostId | undefined>;
  findThread(place: Place, key: string, since: number): Promise<Opened | undefined>;
}

/** Reads what people wrote while nobody listened. */
export interface ReadsMissed {
  /**
   * What people wrote in the thread since then (epoch ms, by the platform's clock), and what of it they edited, as the very events that
   * would have told of it: with the same keys. One call, one page: `page` is what the answer before had as `more`.
   */
  missed(thread: ThreadId, since: number, page?: string): Promise<Missed>;
}

/** `more`: there is another page. */
export interface Missed {
  readonly events: readonly ChatEvent[];
  /** Every post on the page, by whomever. */
  readonly posts: readonly PostId[];
  readonly more?: string;
}

/**
 * Takes the buttons from a post of ours and adds the `outcome`, a sentence for people; what the post said stays. `said`: what that was,
 * for platforms that cannot read it back; undefined when nobody knows.
 */
export interface SettlesChoices {
  settle(post: PostId, outcome: string, said?: string): Promise<void>;
}

/**
 * Takes away what a thread shows, for good: our posts, the card, what else the platform lets a bot delete; the thread itself where it
 * can. `posts`: those known of the conversation on this platform, by whomever, for platforms whose threads cannot be read. The one
 * ability that makes several calls: each takes away one thing and may be repeated, and what is gone already is no failure. Works
 * without `start`.
 */
export interface ErasesThreads {
  eraseThread(thread: ThreadId, posts: readonly PostId[]): Promise<Erased>;
}

export interface Erased {
  /** How many posts were taken away by this call; a thread that goes as a whole counts as one. */
  readonly removed: number;
  /** What the bot cannot take away, where it is, and what to do: sentences for an admin. */
  readonly stays: readonly string[];
  /** Why the call ended early; the same call again goes on from there. */
  readonly again?: RetryLater;
}

/** Receives HTTP requests of its platform on the bridge's own server. */
export interface ReceivesWebhooks {
  readonly webhooks: readonly Webhook[];
}

export interface Webhook {
  readonly method: "POST";
  /** Such as `/slack/events`. */
  readonly path: string;
  /** Asked before the body is read: the answer to what cannot be from the platform, by its headers alone. `handle` checks them, too. */
  refuses?(headers: WebhookHeaders): WebhookAnswer | undefined;
  handle(request: WebhookRequest): Promise<WebhookAnswer>;
}

export type WebhookHeaders = Readonly<Record<string, string | string[] | undefined>>;

export interface WebhookRequest {
  readonly headers: WebhookHeaders;
  readonly body: Buffer;
}

export interface WebhookAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Says at any time why the platform is not connected; undefined: it is. */
export interface TellsHealth {
  unwell(): string | undefined;
}

/** Looks at rights and settings on the platform (for `doctor`). Changes nothing. */
export interface ChecksSetup {
  check(places: readonly Place[]): Promise<readonly Finding[]>;
}

export interface Finding {
  readonly ok: boolean;
  /** What was looked at: `Slack channel C0123`. */
  readonly what: string;
  /** What is wrong and how to mend it; a short confirmation when ok. */
  readonly detail: string;
}
