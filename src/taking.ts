/** A text that the PBX told of: new, the echo of one of ours, or perhaps told twice; and how it comes into its threads. */
import { conversationId } from "./conversation-id.js";
import { contactSpeaker, phoneSpeaker, showIn, type Chats } from "./bridge.js";
import { arrivedAfterAll } from "./deliver/outcome.js";
import { digestOf, ECHO_WINDOW_MS, echoOf, isProven, type Wording } from "./ledger.js";
import type { Conversation, ConversationId, Line, MessageId, Party } from "./message.js";
import type { TextTold } from "./pbx/types.js";
import type { NewDelivery } from "./queue/port.js";
import type { Check } from "./queue/work.js";
import type { Store, Transaction } from "./store/port.js";

export interface TakingDeps {
  readonly store: Pick<Store, "digestKey">;
  readonly chats: Chats;
  newMessageId(): MessageId;
}

/** An event's text, on a line: shown in all of the line's places, unless it is an echo. `suspected`: first the PBX's list is asked. */
export async function takeText(
  tx: Transaction,
  event: TextTold,
  line: Line,
  at: number,
  deps: TakingDeps,
): Promise<"shown" | "echo" | "suspected"> {
  const words = wordingOf(event, deps.store.digestKey);
  const equal = await tx.ledger.equal(words, at - ECHO_WINDOW_MS);
  if (event.kind === "text-out") {
    const echo = echoOf(equal, words.digest);
    if (echo !== undefined) {
      await tx.ledger.change(echo.id, { echoed: true });
      const announcing = { chats: deps.chats, now: at, placesOf: () => line.to };
      const told = { ...echo, echoed: true };
      // The echo of an equal text may have come twice; then catching up will see whether this one arrived.
      if (isProven(told, equal)) await arrivedAfterAll(tx, conversationFor(event, line), told, announcing);
      return "echo";
    }
  }
  const message = deps.newMessageId();
  const suspected = equal.length > 0;
  // What comes behind a text that is being checked waits with it, so that both are shown in order.
  if (suspected || (await isBeingChecked(tx, event.extension, words.conversation))) {
    await tx.queue.add(checkDelivery({ kind: "check", event, at, message, suspected }, words.conversation));
    return "suspected";
  }
  await showText(tx, { event, words, line, at, message, echoed: true }, deps);
  return "shown";
}

/** By what an event's text is recognised. */
export function wordingOf(event: TextTold, digestKey: string): Wording {
  return {
    conversation: conversationId(event.extension, event.did, event.contact),
    direction: event.kind === "text-in" ? "in" : "out",
    digest: digestOf(event.text, digestKey),
  };
}

export interface Showing {
  readonly event: TextTold;
  /** By what it is recognised; absent: that is made out here. */
  readonly words?: Wording;
  readonly line: Line;
  /** Epoch ms. */
  readonly at: number;
  /** Since when we know of it, epoch ms; absent: since `at`. */
  readonly knownAt?: number;
  readonly message: MessageId;
  /** An event told of it. */
  readonly echoed: boolean;
  /** As in `EntryStatus`; absent: it is surely a text of its own. */
  readonly retold?: true;
  readonly pbxId?: string;
}

/** Enters the text into the ledger and shows it in all places of its line. */
export async function showText(tx: Transaction, showing: Showing, { store, chats }: TakingDeps): Promise<void> {
  const { event, words = wordingOf(event, store.digestKey), line, at, knownAt = at, message, echoed, pbxId } = showing;
  const status = showing.retold === true ? "retold" : "taken";
  const conversation = conversationFor(event, line, words.conversation);
  await tx.noteConversation(conversation);
  const entry = { id: `${message}.000`, message, ...words, at: knownAt, status, echoed } as const;
  await tx.ledger.add(pbxId === undefined ? entry : { ...entry, pbxId });
  const speaker = event.kind === "text-out" ? phoneSpeaker(conversation) : contactSpeaker(conversation);
  const shown = { conversation, speaker, text: event.text, at, key: message, message };
  for (const delivery of showIn(line.to, shown, chats)) await tx.queue.add(delivery);
}

export function conversationFor(
  { extension, did, contact }: { extension: number; did?: Party; contact: Party },
  line: Line,
  id = conversationId(extension, did, contact),
): Conversation {
  // The spread comes last: in front of a new field it costs Node 20 most of a microsecond.
  return { id, line: line.name, extension, contact, ...(did === undefined ? {} : { did }) };
}

/** Texts of the conversation wait for the PBX's list to tell of an earlier one, with what came behind it. */
export function isBeingChecked(tx: Transaction, extension: number, conversation: ConversationId): Promise<boolean> {
  return tx.queue.waits(checkLane(conversation), checkTarget({ extension }));
}

function checkLane(conversation: ConversationId): string {
  return `check.${conversation}`;
}

function checkTarget({ extension }: { extension: number }): string {
  return `check:${extension}`;
}

function checkDelivery(work: Check, conversation: ConversationId): NewDelivery {
  const { event, message } = work;
  const lane = checkLane(conversation);
  return { key: `check.${message}`, lane, target: checkTarget(event), urgency: 1, work };
}
