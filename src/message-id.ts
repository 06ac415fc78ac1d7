/** Ids of messages: `m` and 20 characters of A-Z a-z 0-9 _ -. */
import { createHash } from "node:crypto";
import type { MessageId } from "./message.js";

/**
 * Ids that rise with time, so that rows which come together lie together on the disk: an insert at a random place of every
 * index is what makes a database slow. 45 bits of time and 75 random ones.
 */
export function createMessageIds(now: () => number, random: (bytes: number) => Buffer): () => MessageId {
  return () => {
    const time = now().toString(32).padStart(9, "0").slice(-9);
    return `m${time}${random(9).toString("base64url").slice(0, 11)}` as MessageId;
  };
}

/** Random bytes cut from larger pieces: asking the system anew for every few of them costs as much as a third of a row. */
export function cutFrom(random: (bytes: number) => Buffer, pieceSize = 4096): (bytes: number) => Buffer {
  let piece: Buffer = Buffer.alloc(0);
  return (bytes) => {
    if (piece.length < bytes) piece = random(Math.max(pieceSize, bytes));
    const cut = piece.subarray(0, bytes);
    piece = piece.subarray(bytes);
    return cut;
  };
}

/** The same event always gives the same id, so that deciding it a second time changes nothing. */
export function messageIdOf(platform: string, eventKey: string): MessageId {
  const digest = createHash("sha256").update(`${platform} ${eventKey}`).digest("base64url");
  return `m${digest.slice(0, 20)}` as MessageId;
}

/** Under this key an event of a chat platform waits to be decided. */
export function heardKey(message: MessageId): string {
  return `${message}.heard`;
}

export function isMessageId(id: string): id is MessageId {
  return /^m[\w-]{20}$/.test(id);
}
