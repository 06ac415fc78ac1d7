/** Everything that must survive, behind one transaction. */
import type { Conversation, ConversationId, MessageId } from "../message.js";
import type { LedgerWriter } from "../ledger.js";
import type { Delivery, QueueReader, QueueWriter, State } from "../queue/port.js";

export interface Transaction {
  readonly queue: QueueWriter;
  readonly ledger: LedgerWriter;
  /** false: an event with this key was taken before. */
  firstTime(key: string): Promise<boolean>;
  /** Notes that something happens in the conversation, with the numbers as the PBX writes them now. */
  noteConversation(conversation: Conversation): Promise<void>;
  conversation(id: ConversationId): Promise<Conversation | undefined>;
  forgetConversation(id: ConversationId): Promise<void>;
  /** A few words that must be there again after a restart, such as how far something was read. */
  note(name: string): Promise<string | undefined>;
  setNote(name: string, value: string): Promise<void>;
  /** The wall clock has jumped by so many ms: stored times follow it. */
  followClock(jumpedMs: number): Promise<void>;
}

export interface Store {
  readonly queue: QueueReader;
  /** This installation's secret for digests. */
  readonly digestKey: string;
  /**
   * Resolves once everything that `work` wrote is durable; all of it or nothing. Rejects with `StoreUnavailable` when it cannot be
   * written, or with what `work` threw. `work` awaits nothing but the transaction.
   */
  commit<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  conversation(id: ConversationId): Conversation | undefined;
  /** Conversations with texts since then (epoch ms, by our clock), the latest first. */
  conversationsSince(since: number): readonly ConversationId[];
  /** Whether `firstTime` was asked with this key before. */
  wasTaken(key: string): boolean;
  readonly all: Everything;
  /** Called after a commit, with the targets that have something new to do. */
  onWork(listener: (targets: ReadonlySet<string>) => void): void;
  /** Rejects with `StoreUnavailable` when nothing can be written. */
  probe(): Promise<void>;
  /** Removes what has passed its time, in small steps. Ends early once `signal` is aborted. */
  sweep(signal?: AbortSignal): Promise<Swept>;
  close(): Promise<void>;
}

/** All that there is, for work that is done rarely and may take a while. */
export interface Everything {
  conversations(): Iterable<ConversationId>;
  /** Of the ledger, one for each text. */
  entries(): Iterable<{ readonly message: MessageId; readonly conversation: ConversationId }>;
  deliveries(): Iterable<Delivery & { readonly state: State }>;
}

/** How many rows were removed. */
export interface Swept {
  /** Texts that were delivered, after their hold time. */
  readonly texts: number;
  /** Deliveries that were set aside or held, and nobody decided in time. */
  readonly aside: number;
  readonly ledger: number;
  readonly conversations: number;
  readonly links: number;
  readonly seen: number;
}
