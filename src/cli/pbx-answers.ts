/** What the `pbx` commands print: tables for people, JSON for machines. */
import { formatTime } from "../pbx/times.js";
import type { PbxChat, PbxMessage, PbxSubscription } from "../pbx/types.js";
import { printable, table } from "./table.js";

/** What a call brought. */
export interface Answer {
  readonly text: string;
  readonly json: unknown;
}

export async function done(work: Promise<void>, text: string): Promise<Answer> {
  await work;
  return { text: `${printable(text)}\n`, json: { done: true } };
}

export function messagesAnswer(messages: readonly PbxMessage[]): Answer {
  return { text: messagesTable(messages), json: messages };
}

export function messagesTable(messages: readonly PbxMessage[]): string {
  const head = ["ID", "TIME (GMT)", "DIR", "OURS", "CONTACT", "STATE", "TEXT"];
  const rows = messages.map(({ id, at, direction, did, contact, status, read, text }) => [
    id,
    at === undefined ? "-" : formatTime(at),
    direction,
    did?.number ?? "-",
    contact.number,
    status ?? (read === undefined ? "-" : read ? "read" : "unread"),
    text,
  ]);
  return rows.length === 0 ? "No messages.\n" : table(head, rows);
}

export function chatsTable(chats: readonly PbxChat[]): string {
  const rows = chats.map(({ id, numbers, unread }) => [id, String(unread ?? "-"), numbers.join(" ")]);
  return rows.length === 0 ? "No chats.\n" : table(["ID", "UNREAD", "NUMBERS"], rows);
}

export function subscriptionsTable(subscriptions: readonly PbxSubscription[]): string {
  const rows = subscriptions.map(({ id, type, method, url }) => [id, type, method || "-", url]);
  return rows.length === 0 ? "No subscriptions.\n" : table(["ID", "TYPE", "METHOD", "URL"], rows);
}
