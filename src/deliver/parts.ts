/** What the doers of all kinds share: the parts of the bridge that they act on. */
import type { ChatAdapter, ChatEvent } from "../adapter.js";
import type { Shown } from "../away/threads.js";
import type { Chats, InboxRules } from "../bridge.js";
import { GiveUp } from "../errors.js";
import type { Clock } from "../limits.js";
import type { Links } from "../links.js";
import type { Logger } from "../log.js";
import type { Conversation, ConversationId, Place } from "../message.js";
import type { PbxClient, PbxMessage } from "../pbx/types.js";
import type { WrittenAs } from "../queue/work.js";
import type { Store } from "../store/port.js";

export interface Parts {
  readonly store: Store;
  readonly links: Links;
  readonly pbx: PbxClient;
  readonly chats: Chats;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly rules: InboxRules;
  /** How long a sent text is kept so that it can be sent again, ms. */
  readonly keepTextMs: number;
  /** Within this time the PBX lists what it took, ms. */
  readonly listsWithinMs: number;
  /** The adapter of a platform; throws `GiveUp` when the platform is no longer configured. */
  adapter(platform: string): ChatAdapter;
  /** Where the conversation is shown now. */
  placesOf(conversation: Conversation): readonly Place[];
  /** As in `Away`. */
  order(event: ChatEvent, acceptedAt: number): "known" | "mixed" | "unknown";
  /** As in `Away`. */
  threadFound(thread: Shown): void;
  /** Whether a text's words may have been changed or deleted without our knowing yet. `acceptedAt`: by our clock, epoch ms. */
  mayHaveChanged(written: WrittenAs, acceptedAt: number): boolean;
  /** Resolves once the PBX's rate has room for one more call. Rejects with `Stopping`. */
  anotherCall(): Promise<void>;
  /** The target of texts to the PBX from this extension. */
  pbxTarget(extension: number): string;
}

export function conversationOf(parts: Parts, id: ConversationId): Conversation {
  const conversation = parts.store.conversation(id);
  if (conversation === undefined) throw new GiveUp("The conversation is no longer known; it was erased.");
  return conversation;
}

/** Whether a listed message belongs to the conversation; a list that does not tell our number is believed. */
export function isOf({ did, contact }: Conversation, listed: PbxMessage): boolean {
  if (listed.contact.number !== contact.number) return false;
  return did === undefined || listed.did === undefined || listed.did.number === did.number;
}
