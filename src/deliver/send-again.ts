/** Texts that a person sends again, by a button or on the command line. */
import { messageIdOf } from "../message-id.js";
import type { Delivery } from "../queue/port.js";
import type { Transaction } from "../store/port.js";
import { hasLeft } from "./outcome.js";

export interface Again {
  /** false: it is no longer aside. */
  readonly revived: boolean;
  /** The PBX told since that it has it, so it will not be sent. */
  readonly proven: boolean;
}

/** Whose outcome is not known is looked up before it is sent; what the PBX told of it since is kept, for that is the proof. */
export async function sendAgain(tx: Transaction, { key, uncertain }: Delivery, now: number): Promise<Again> {
  const revived = await tx.queue.revive(key, now);
  if (!revived) return { revived, proven: false };
  const entry = await tx.ledger.get(key);
  const proven = uncertain && (await hasLeft(tx, key, now));
  // What the PBX has of the failed one is not what is sent now, and must not look like somebody else's text.
  if (!uncertain && (entry?.calls ?? 0) > 0) await tx.ledger.restart(key, messageIdOf("former", `${key} ${now}`));
  else if (!uncertain) await tx.ledger.change(key, { status: "queued", echoed: false });
  else if (!proven) await tx.ledger.change(key, { status: "sending", calls: 0 });
  else if (entry?.status !== "sent") await tx.ledger.change(key, { status: "taken", calls: 0 });
  return { revived, proven };
}
