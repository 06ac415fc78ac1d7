/** What the outside tells us, stored: events of the PBX are decided on the spot, those of chat platforms are queued to be decided. */
import type { ChatEvent, Inbox } from "./adapter.js";
import { contactSpeaker, conversationId, phoneSpeaker, SAY, showIn, type Chats } from "./bridge.js";
import { announceFailure, moveMark, type Announcing } from "./deliver/outcome.js";
import { digestOf, ECHO_WINDOW_MS, echoOf, statusOf, type Entry } from "./ledger.js";
import type { Conversation, Line, MessageId, Party } from "./message.js";
import type { PbxEvent } from "./pbx/types.js";
import type { NewDelivery } from "./queue/port.js";
import type { Store, Transaction } from "./store/port.js";

export interface IntakeDeps {
  readonly store: Store;
  readonly chats: Chats;
  /** Epoch ms. */
  now(): number;
  newMessageId(): MessageId;
  lineFor(extension: number, did: string | undefined): Line | undefined;
  /** For metrics and the log. */
  observe?(event: PbxEvent, result: "shown" | "echo" | "status" | "unmatched" | "unknown" | "unused"): void;
}

export interface Intake {
  /** Resolves once what follows from the event is stored. Rejects with `StoreUnavailable` otherwise. */
  pbx(event: PbxEvent): Promise<void>;
  /** The inbox of one platform's adapter. */
  inbox(platform: string): Inbox;
}

type Text = Extract<PbxEvent, { kind: "text-in" | "text-out" }>;
type Status = Extract<PbxEvent, { kind: "text-status" }>;

export function createIntake(deps: IntakeDeps): Intake {
  const { store, chats } = deps;

  const pbx = async (event: PbxEvent): Promise<void> => {
    if (event.kind === "unused") return deps.observe?.(event, "unused");
    const result = await store.commit((tx) => (event.kind === "text-status" ? status(tx, event) : text(tx, event)));
    deps.observe?.(event, result);
  };

  const text = async (tx: Transaction, event: Text): Promise<"shown" | "echo" | "unmatched"> => {
    const line = deps.lineFor(event.extension, event.did?.number);
    if (line === undefined) {
      await tx.queue.addAside(unmatched(event, deps), "set-aside", unmatchedReason(event));
      return "unmatched";
    }
    return takeText(tx, event, line, deps.now(), deps);
  };

  const status = async (tx: Transaction, event: Status): Promise<"status" | "unknown"> => {
    const line = deps.lineFor(event.extension, event.did?.number);
    const conversation = await tx.conversation(conversationId(event.extension, event.did, event.contact));
    if (conversation === undefined || event.status === "pending") return "unknown";
    const outgoing = await tx.ledger.outgoing(conversation.id, deps.now() - ECHO_WINDOW_MS);
    const digest = event.text === undefined ? undefined : digestOf(event.text, store.digestKey);
    const entry = statusOf(outgoing, digest, event.status);
    if (entry === undefined) return "unknown";
    // Not its echo: that is an event of its own, which may come later.
    await tx.ledger.change(entry.id, { status: event.status });
    await tell(tx, conversation, entry, event.status, {
      chats,
      now: deps.now(),
      placesOf: () => line?.to ?? [],
    });
    return "status";
  };

  return {
    pbx,
    inbox: (platform) => ({
      accept: (event) =>
        store.commit(async (tx) => {
          if (await tx.firstTime(`${platform} ${event.key}`)) await tx.queue.add(heard(platform, event));
        }),
    }),
  };
}

/** A text that the PBX told of, on a line: shown in all of the line's places, unless it is the echo of one of ours. */
export async function takeText(
  tx: Transaction,
  event: Text,
  line: Line,
  at: number,
  { store, chats, newMessageId }: Pick<IntakeDeps, "store" | "chats" | "newMessageId">,
): Promise<"shown" | "echo"> {
  const conversation = conversationFor(event, line);
  const digest = digestOf(event.text, store.digestKey);
  const out = event.kind === "text-out";
  if (out) {
    const echo = echoOf(await tx.ledger.outgoing(conversation.id, at - ECHO_WINDOW_MS), digest);
    if (echo !== undefined) {
      await tx.ledger.change(echo.id, { echoed: true });
      return "echo";
    }
  }
  const message = newMessageId();
  await tx.noteConversation(conversation);
  await tx.ledger.add({
    id: `${message}.000`,
    message,
    conversation: conversation.id,
    direction: out ? "out" : "in",
    digest,
    at,
    status: "taken",
    echoed: out,
  });
  const speaker = out ? phoneSpeaker(conversation) : contactSpeaker(conversation);
  const showing = { conversation, speaker, text: event.text, at, key: message, message };
  for (const delivery of showIn(line.to, showing, chats)) await tx.queue.add(delivery);
  return "shown";
}

async function tell(
  tx: Transaction,
  conversation: Conversation,
  entry: Entry,
  status: "sent" | "failed",
  announcing: Announcing,
): Promise<void> {
  if (status === "sent") return moveMark(tx, conversation, entry.message, announcing);
  // What was sent is still kept for a while: it can be sent again.
  await tx.queue.setAside(entry.id, SAY.carrierFailed);
  await announceFailure(tx, conversation, entry.message, SAY.carrierFailed, announcing);
}

function conversationFor(event: { extension: number; did?: Party; contact: Party }, line: Line): Conversation {
  const { extension, did, contact } = event;
  const base = { id: conversationId(extension, did, contact), line: line.name, extension, contact };
  return did === undefined ? base : { ...base, did };
}

/** In order per chat: what is edited or deleted must come after it was written. */
function heard(platform: string, event: ChatEvent): NewDelivery {
  return {
    key: `heard.${platform}.${event.key}`,
    lane: `in:${platform}:${event.place.chat}`,
    target: `in:${platform}`,
    urgency: 1,
    work: { kind: "heard", platform, event },
  };
}

function unmatched(event: Text, { now, newMessageId }: IntakeDeps): NewDelivery {
  const key = `unmatched.${newMessageId()}`;
  const lane = `unmatched/${conversationId(event.extension, event.did, event.contact)}`;
  return { key, lane, target: "unmatched", urgency: 1, work: { kind: "unmatched", event, at: now() } };
}

export function unmatchedReason({ extension, did }: Pick<Text, "extension" | "did">): string {
  const number = did === undefined ? "" : ` with the number ${did.number}`;
  return `No line of the config lists extension ${extension}${number}. Add it under "lines", restart, then retry this delivery.`;
}
