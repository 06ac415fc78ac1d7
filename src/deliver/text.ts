/** Texts to contacts, through the PBX. */
import { showIn } from "../bridge.js";
import { digestOf } from "../ledger.js";
import type { Conversation, MessageId } from "../message.js";
import type { PbxMessage } from "../pbx/types.js";
import type { Delivery } from "../queue/port.js";
import type { Doer, Outcome } from "../queue/worker.js";
import type { TextOut } from "../queue/work.js";
import type { Transaction } from "../store/port.js";
import { announceFailure, markOrigin, moveMark } from "./outcome.js";
import { conversationOf, type Parts } from "./parts.js";

/** The PBX's clock may be off by so much when an attempt is looked up in its list. */
const CLOCK_MARGIN_MS = 10 * 60_000;
/** A person is told that a text waits only when it has waited so long. */
const TELL_WAITING_AFTER_MS = 3000;

export function textDoer(parts: Parts): Doer {
  const { clock, chats, keepTextMs, pbx, placesOf } = parts;
  const announcing = () => ({ chats, now: clock.now(), placesOf });

  const taken = async (tx: Transaction, delivery: Delivery, conversation: Conversation, id?: string): Promise<void> => {
    const { part, text, author, copyTo } = textOf(delivery);
    const message = messageOf(delivery);
    // The PBX's own status may have come before its answer to us; it knows better.
    const entry = await tx.ledger.get(part);
    const status = entry?.status === "sending" || entry?.status === "queued" ? { status: "taken" as const } : {};
    await tx.ledger.change(part, { ...status, ...(id === undefined ? {} : { pbxId: id }) });
    await moveMark(tx, conversation, message, announcing());
    const speaker = { kind: "colleague", name: author } as const;
    const copy = { conversation, speaker, text, at: clock.now(), key: `${message}.copy`, message };
    for (const each of showIn(copyTo, copy, chats)) await tx.queue.add(each);
  };

  return {
    async begin(batch, tx) {
      for (const each of batch) await tx.ledger.change(textOf(each).part, { status: "sending", at: clock.now() });
    },

    async attempt(batch): Promise<Outcome> {
      const delivery = batch[0];
      const { conversation: id, text } = textOf(delivery);
      const conversation = conversationOf(parts, id);
      const found = delivery.uncertain ? await findEarlier(parts, delivery, conversation) : undefined;
      const { contact, did, extension } = conversation;
      const sent =
        found ??
        (await pbx.messages.send(extension, {
          to: contact.wire,
          text,
          ...(did === undefined ? {} : { from: did.wire }),
        }));
      return {
        result: "done",
        and: (tx) => taken(tx, delivery, conversation, sent.id),
        keepUntil: clock.now() + keepTextMs,
      };
    },

    async postponed(batch, tx) {
      if (batch[0].attempts > 0) return;
      await markOrigin(tx, messageOf(batch[0]), "waiting", chats, clock.now() + TELL_WAITING_AFTER_MS);
    },

    async gaveUp(batch, tx, reason) {
      const delivery = batch[0];
      const { conversation: id, part } = textOf(delivery);
      await tx.ledger.change(part, { status: "failed" });
      const conversation = await tx.conversation(id);
      if (conversation === undefined) return;
      await announceFailure(tx, conversation, messageOf(delivery), reason, announcing());
    },
  };
}

/**
 * Whether an attempt whose answer we never saw reached the PBX: its echo was seen, or its list has one text more with these
 * words than the ledger can explain. `id` is the listed one's.
 */
async function findEarlier(
  parts: Parts,
  delivery: Delivery,
  conversation: Conversation,
): Promise<{ id?: string } | undefined> {
  const { store, pbx } = parts;
  const { part, text } = textOf(delivery);
  const since = (delivery.firstAttemptAt ?? delivery.createdAt) - CLOCK_MARGIN_MS;
  const digest = digestOf(text, store.digestKey);
  const known = await store.commit((tx) => tx.ledger.outgoing(conversation.id, since));
  const own = known.find((entry) => entry.id === part);
  if (own?.echoed === true) return own.pbxId === undefined ? {} : { id: own.pbxId };
  const listed = await pbx.messages.list(conversation.extension, { since, direction: "out" });
  const equal = listed.filter((each) => isFrom(conversation, each) && digestOf(each.text, store.digestKey) === digest);
  const explained = known.filter((entry) => entry.id !== part && entry.digest === digest && entry.status !== "queued");
  if (equal.length <= explained.length) return undefined;
  const ids = new Set(explained.map((entry) => entry.pbxId));
  const fresh = equal.find((each) => !ids.has(each.id));
  return fresh === undefined ? {} : { id: fresh.id };
}

function isFrom({ did, contact }: Conversation, message: PbxMessage): boolean {
  if (message.contact.number !== contact.number) return false;
  return did === undefined || message.did === undefined || message.did.number === did.number;
}

function textOf({ work }: Delivery): TextOut {
  if (work.kind !== "text") throw new TypeError(`not a text: ${work.kind}`);
  return work;
}

function messageOf({ message, key }: Delivery): MessageId {
  if (message === undefined) throw new TypeError(`a text without its message: ${key}`);
  return message;
}
