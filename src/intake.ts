/** What the outside tells us, stored: events of the PBX are decided on the spot, those of chat platforms are queued to be decided. */
import { conversationId } from "./conversation-id.js";
import type { ChatEvent, Inbox } from "./adapter.js";
import { report } from "./deliver/report.js";
import { unmatchedReason } from "./deliver/unmatched.js";
import { heardKey, messageIdOf } from "./message-id.js";
import { digestOf, ECHO_WINDOW_MS, statusOf } from "./ledger.js";
import { withOwnNumber } from "./lines.js";
import type { Line, MessageId, Party, Place } from "./message.js";
import type { PbxEvent, TextTold } from "./pbx/types.js";
import type { NewDelivery } from "./queue/port.js";
import type { Store, Transaction } from "./store/port.js";
import { takeText, wordingOf, type TakingDeps } from "./taking.js";

export interface IntakeDeps extends TakingDeps {
  readonly store: Store;
  /** Epoch ms. */
  now(): number;
  lineFor(extension: number, did: string | undefined): Line | undefined;
  /** The extension's number, where it surely has but one: for an event that does not tell it. */
  ownNumber(extension: number): Party | undefined;
  /** For metrics and the log. */
  observe?(event: PbxEvent, result: Taken): void;
  /** Something does not fit: the PBX's list is to be asked soon. */
  suspect?(extension: number): void;
}

export type Taken = "shown" | "echo" | "suspected" | "status" | "unmatched" | "unknown" | "unused";

export interface Intake {
  /** Resolves once what follows from the event is stored. Rejects with `StoreUnavailable` otherwise. */
  pbx(event: PbxEvent): Promise<void>;
  /** The inbox of one platform's adapter. */
  inbox(platform: string): Inbox;
}

type Status = Extract<PbxEvent, { kind: "text-status" }>;

export function createIntake(deps: IntakeDeps): Intake {
  const { store, chats } = deps;

  const pbx = async (told: PbxEvent): Promise<void> => {
    if (told.kind === "unused") return deps.observe?.(told, "unused");
    const event = withOwnNumber(told, deps.ownNumber(told.extension));
    const result = await store.commit((tx) => (event.kind === "text-status" ? status(tx, event) : text(tx, event)));
    deps.observe?.(event, result);
    if (result === "unknown") deps.suspect?.(event.extension);
  };

  const text = async (tx: Transaction, event: TextTold): Promise<Taken> => {
    const line = deps.lineFor(event.extension, event.did?.number);
    if (line !== undefined) return takeText(tx, event, line, deps.now(), deps);
    await keepUnmatched(tx, { event, at: deps.now(), message: deps.newMessageId(), echoed: true }, deps);
    return "unmatched";
  };

  const status = async (tx: Transaction, event: Status): Promise<Taken> => {
    const line = deps.lineFor(event.extension, event.did?.number);
    const conversation = await tx.conversation(conversationId(event.extension, event.did, event.contact));
    if (conversation === undefined || event.status === "pending") return "unknown";
    const outgoing = await tx.ledger.outgoing(conversation.id, deps.now() - ECHO_WINDOW_MS);
    const digest = event.text === undefined ? undefined : digestOf(event.text, store.digestKey);
    const entry = statusOf(outgoing, digest, event.status);
    if (entry === undefined) return "unknown";
    // Not its echo: that is an event of its own, which may come later.
    await report(tx, conversation, entry, event.status, { chats, now: deps.now(), placesOf: () => line?.to ?? [] });
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

/** In order per chat: what is edited or deleted must come after it was written. */
export function heardLane({ platform, chat }: Place): string {
  return `in:${platform}:${chat}`;
}

function heard(platform: string, event: ChatEvent): NewDelivery {
  return {
    key: heardKey(messageIdOf(platform, event.key)),
    lane: heardLane(event.place),
    target: `in:${platform}`,
    urgency: 1,
    work: { kind: "heard", platform, event },
  };
}

export interface Unlined {
  readonly event: TextTold;
  /** Epoch ms. */
  readonly at: number;
  /** Since when we know of it, epoch ms; absent: since `at`. */
  readonly knownAt?: number;
  readonly message: MessageId;
  /** An event told of it. */
  readonly echoed: boolean;
  readonly pbxId?: string;
}

/** A text to a number that no line lists is kept, and known, so that the PBX's list does not bring it again. */
export async function keepUnmatched(tx: Transaction, unlined: Unlined, { store }: TakingDeps): Promise<void> {
  const { event, at, knownAt = at, message, echoed, pbxId } = unlined;
  const words = wordingOf(event, store.digestKey);
  const entry = { id: `${message}.000`, message, ...words, at: knownAt, status: "taken", echoed } as const;
  await tx.ledger.add(pbxId === undefined ? entry : { ...entry, pbxId });
  const delivery: NewDelivery = {
    key: `unmatched.${message}`,
    lane: `unmatched/${words.conversation}`,
    target: "unmatched",
    urgency: 1,
    work: { kind: "unmatched", event, at, message },
  };
  await tx.queue.addAside(delivery, "set-aside", unmatchedReason(event));
}
