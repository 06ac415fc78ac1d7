/** What it takes to tell the threads of a conversation something. */
import type { Chats } from "../bridge.js";
import type { Conversation, Place } from "../message.js";

export interface Announcing {
  readonly chats: Chats;
  /** Epoch ms. */
  readonly now: number;
  placesOf(conversation: Conversation): readonly Place[];
}
