/** What the PBX reports of a text that left, by an event or in its list. */
import { SAY } from "../say.js";
import { markOf, type Entry } from "../ledger.js";
import type { Conversation } from "../message.js";
import type { Transaction } from "../store/port.js";
import type { Announcing } from "./announcing.js";
import { announceFailure, arrivedAfterAll, moveMark } from "./outcome.js";

/** `sent`, `failed`, or `taken` for one that is on its way. A failure is never taken back by a later report. */
export async function report(
  tx: Transaction,
  conversation: Conversation,
  entry: Entry,
  status: "sent" | "failed",
  announcing: Announcing,
): Promise<void> {
  if (status === "sent") await arrivedAfterAll(tx, conversation, entry, announcing);
  const before = markOf(await tx.ledger.ofMessage(entry.message));
  await tx.ledger.change(entry.id, { status });
  if (status === "sent") {
    // Most texts show that already: the PBX took them.
    if (before !== "sent") await moveMark(tx, conversation, entry.message, announcing);
    return;
  }
  // What was sent is still kept for a while: it can be sent again.
  await tx.queue.setAside(entry.id, SAY.carrierFailed);
  await announceFailure(tx, conversation, entry.message, SAY.carrierFailed, announcing);
}
