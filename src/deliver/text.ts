/** Texts to contacts, through the PBX. */
import { showIn } from "../bridge.js";
import { digestOf, type Entry } from "../ledger.js";
import type { Conversation, MessageId } from "../message.js";
import type { PbxMessage } from "../pbx/types.js";
import type { Delivery } from "../queue/port.js";
import type { Doer, Outcome } from "../queue/worker.js";
import type { TextOut } from "../queue/work.js";
import type { Transaction } from "../store/port.js";
import { announceFailure, markOrigin, moveMark } from "./outcome.js";
import { conversationOf, isOf, type Parts } from "./parts.js";

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
    const copy = { conversation, speaker, text, at: clock.now(), key: `${part}.copy`, message };
    for (const each of showIn(copyTo, copy, chats)) await tx.queue.add(each);
  };

  return {
    async begin([delivery], tx) {
      const { part } = textOf(delivery);
      if (!delivery.uncertain) return tx.ledger.change(part, { status: "sending", echoed: false, at: clock.now() });
      // What the PBX told since the uncertain attempt is the proof that it took the text.
      if ((await tx.ledger.get(part))?.status !== "sent") await tx.ledger.change(part, { status: "sending" });
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
 * Whether an attempt whose answer we never saw reached the PBX: an event of the PBX told so, or its list has one text more with these
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
  const known = (await store.commit((tx) => tx.ledger.outgoing(conversation.id, since))).filter(
    (entry) => entry.digest === digest,
  );
  const own = known.find((entry) => entry.id === part);
  if (own?.echoed === true || own?.status === "sent") return {};
  const listed = await pbx.messages.list(conversation.extension, { since, direction: "out", order: "oldest-first" });
  const equal = listed.filter((each) => isOf(conversation, each) && digestOf(each.text, store.digestKey) === digest);
  const fresh = unexplained(equal, known, part);
  return fresh === undefined ? undefined : { id: fresh.id };
}

/**
 * A listed text that is none of the known ones. The PBX's ids settle most; the rest is counted: what the PBX surely has of the others.
 * What it lists as failed was not delivered, so it is no reason not to send: neither that nor what the ledger knows as failed counts.
 */
function unexplained(equal: readonly PbxMessage[], known: readonly Entry[], own: string): PbxMessage | undefined {
  const ids = new Set(known.map(({ pbxId }) => pbxId));
  const rest = equal.filter(({ id }) => !ids.has(id));
  const others = known.filter(
    ({ id, pbxId, echoed, status }) =>
      id !== own && pbxId === undefined && (echoed || status === "taken" || status === "sent"),
  );
  const fresh = rest.filter(({ status }) => status !== "failed");
  const failedTwice = Math.min(rest.length - fresh.length, others.filter(({ status }) => status === "failed").length);
  return fresh.length > others.length - failedTwice ? fresh.at(-1) : undefined;
}

function textOf({ work }: Delivery): TextOut {
  if (work.kind !== "text") throw new TypeError(`not a text: ${work.kind}`);
  return work;
}

function messageOf({ message, key }: Delivery): MessageId {
  if (message === undefined) throw new TypeError(`a text without its message: ${key}`);
  return message;
}
