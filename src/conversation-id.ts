/** What a conversation's id is made of. */
import type { ConversationId, Party } from "./message.js";

/** The conversation is the pair of numbers on an extension; without a number of ours, the extension stands for it. */
export function conversationId(extension: number, did: Party | undefined, contact: Party): ConversationId {
  return `${extension}/${did?.number ?? ""}/${contact.number}` as ConversationId;
}

/** Our number in a conversation's id; empty: the PBX did not tell it. */
export function ownNumberIn(id: ConversationId): string {
  return id.split("/")[1] ?? "";
}

/** The number of the contact in a conversation's id. */
export function contactIn(id: ConversationId): string {
  return id.split("/").slice(2).join("/");
}
