/**
 * What the suite needs of a platform to try an adapter on it: hands to play people and misfortune with, eyes to see what
 * people see. Written for an emulator; a platform that cannot do something leaves the optional member out.
 */
import type {
  ChatAdapter,
  ChatEvent,
  ErasesThreads,
  FindsAttempts,
  KnowsPeople,
  MarksPosts,
  ReadsMissed,
  SettlesChoices,
  ShowsCards,
  TellsHealth,
} from "../../../src/adapter.js";
import type { Choice, Place, PostId, ThreadId } from "../../../src/message.js";

export type Abilities = MarksPosts &
  ShowsCards &
  KnowsPeople &
  FindsAttempts &
  ReadsMissed &
  SettlesChoices &
  ErasesThreads &
  TellsHealth;
export type AdapterUnderTest = ChatAdapter & Partial<Abilities>;

/** A new platform, with nobody else's traces, for each test. */
export type MakeStage = () => Promise<Stage>;

export interface Stage {
  /** Not started. Its calls give up after two seconds at most, and its waits between attempts to connect are short. */
  readonly adapter: AdapterUnderTest;
  /** Another adapter with the same settings and memory, as after a restart. Not started. */
  another(): AdapterUnderTest;
  /** Where conversations are opened. */
  readonly place: Place;
  /** The kinds of events that the platform tells its apps at all. */
  readonly tells: readonly ChatEvent["kind"][];
  readonly people: People;
  /** What stands in a thread, oldest first, whoever wrote it. */
  shown(thread: ThreadId): readonly Seen[];
  seen(post: PostId): Seen | undefined;
  /** All the texts that can be read anywhere in the place. */
  readable(): readonly string[];
  readonly trouble: Troubles;
  /** How many calls have changed something on the platform so far. */
  changes(): number;
  /** Everything that was logged, as text. */
  logged(): string;
  /** Tokens and the like. */
  readonly secrets: readonly string[];
  /** Called at the end, after the adapter was stopped. */
  close(): Promise<void>;
}

export interface Seen {
  readonly post: PostId;
  /** The name over the post, as far as it stands apart from the text. */
  readonly by: string;
  /** Everything that people read in the post. */
  readonly text: string;
  /** The bot's own signs on it. */
  readonly signs: readonly string[];
  /** The labels of its buttons. */
  readonly buttons: readonly string[];
  /** What in it would notify somebody. */
  readonly rings: readonly string[];
}

export interface People {
  /** A colleague writes in the thread, in the way that answers there. */
  writes(thread: ThreadId, text: string): PostId;
  edits(post: PostId, text: string): void;
  deletes(post: PostId): void;
  /** Resolves to whether the colleague saw that the press was taken. */
  presses(post: PostId, choice: Choice): Promise<boolean>;
  /** Absent: threads cannot be removed there. */
  removesThread?(thread: ThreadId): void;
}

export type Verb = "open" | "send" | "mark" | "showCard" | "settle" | "erase";

/**
 * - `refused`: for good, for what the call holds.
 * - `failed`: the platform has trouble of its own and does not say whether the call took effect.
 * - `lost call`, `lost answer`: the connection breaks before, and after the call took effect.
 * - `no answer`: ever.
 */
export type Trouble =
  | { readonly kind: "limited"; /** Whole seconds. */ readonly afterMs: number }
  | { readonly kind: "refused" | "failed" | "lost call" | "lost answer" | "no answer" };

export interface Troubles {
  /** The verb's next call runs into it. `showCard`: one that draws over a card. */
  next(verb: Verb, trouble: Trouble): void;
  /** The next attempt to connect fails; the one after it does not. Absent: nothing has to be connected. */
  connecting?(): void;
  /** Every answer takes so much longer. */
  slow?(ms: number): void;
  /** The platform will be told of the next event's receipt, but the message is lost. */
  losesReceipt?(): Promise<void>;
  /** Nobody listens at the platform's address any more. */
  vanishes?(): Promise<void>;
  /** An admin takes away what the bot needs to write in the place, and gives it back. */
  locksOut?(): void;
  letsIn?(): void;
}
