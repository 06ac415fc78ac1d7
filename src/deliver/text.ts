/** Texts to contacts, through the PBX. */
import { showIn } from "../bridge.js";
import { SAY } from "../say.js";
import { GiveUp, RetryLater } from "../errors.js";
import { digestOf, isOut, type Entry } from "../ledger.js";
import { APART_MS, listedSince, unexplained } from "../matching.js";
import type { Conversation, MessageId } from "../message.js";
import type { Delivery } from "../queue/port.js";
import type { Doer, Outcome } from "../queue/attempts.js";
import type { TextOut } from "../queue/work.js";
import type { Transaction } from "../store/port.js";
import { createEarlier } from "./earlier.js";
import { isDeleted } from "./heard/take-back.js";
import { announceFailure, hasLeft, moveMark, noteGivenUp } from "./outcome.js";
import { conversationOf, isOf, type Parts } from "./parts.js";

/** How often the PBX's list is asked for a text of unknown outcome: five times in all. */
const LOOKS = 5;
/** What may have been changed or deleted while nobody listened is known soon. */
const LOOK_AGAIN_MS = 250;
/** How often one text is given to the PBX without an answer; then a person decides. */
const MOST_CALLS = 2;

export function textDoer(parts: Parts): Doer {
  const { clock, chats, keepTextMs, listsWithinMs, pbx, placesOf, store } = parts;
  const earlier = createEarlier(clock, { againMs: listsWithinMs / LOOKS, lookForMs: listsWithinMs });
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

  /**
   * What the PBX has of an attempt of unknown outcome. A list that does not have it may still come to: so it is looked for until the PBX
   * has had the time to list what it took, and only then sent again, and that once. Throws as long as it is not to be sent.
   */
  const lookUp = async (delivery: Delivery, conversation: Conversation): Promise<{ id?: string } | undefined> => {
    const { part } = textOf(delivery);
    const look = (): Promise<{ id?: string } | undefined> => findEarlier(parts, delivery, conversation);
    const { calls = 0, at = 0 } = (await store.commit((tx) => tx.ledger.get(part))) ?? {};
    // None: a person has decided since that it is to be sent; the PBX may all the same have had no time yet to list the last one.
    const isOld = calls === 0 && clock.now() - at >= listsWithinMs;
    const found = await (isOld ? look() : earlier(`${part} ${at}`, look));
    if (found !== undefined) return found;
    if (calls >= MOST_CALLS) throw new GiveUp(SAY.mayHaveArrived);
    await store.commit((tx) => tx.ledger.change(part, { calls: calls + 1, at: clock.now() }));
    return undefined;
  };

  /** Changed or deleted when it could not be taken back, as it might have left. Once another part has left, it is wanted whole. */
  const isUnwanted = async (delivery: Delivery): Promise<boolean> => {
    const { part, written } = textOf(delivery);
    // Until then it is taken back; or somebody has decided that it is to be sent.
    if (delivery.attempts === 0) return false;
    const entries = await store.commit((tx) => tx.ledger.ofMessage(messageOf(delivery)));
    if (entries.some((entry) => entry.id !== part && isOut(entry))) return false;
    const wasChanged = entries.some(({ origin }) => origin?.changed === true);
    return wasChanged || (written !== undefined && isDeleted(parts, written.place.platform, written.post));
  };

  const send = async ({ contact, did, extension }: Conversation, text: string): Promise<{ readonly id?: string }> => {
    if (contact.wire.trim() === "") throw new GiveUp(SAY.withheld);
    const from = did === undefined ? {} : { from: did.wire };
    return pbx.messages.send(extension, { to: contact.wire, text, ...from });
  };

  /** What was surely refused is no call without an answer. */
  const refused = async (delivery: Delivery, error: unknown): Promise<never> => {
    const sure = error instanceof GiveUp || (error instanceof RetryLater && !error.uncertain);
    const { part } = textOf(delivery);
    if (sure && delivery.uncertain)
      await store.commit(async (tx) => {
        const calls = (await tx.ledger.get(part))?.calls ?? 0;
        await tx.ledger.change(part, { calls: Math.max(0, calls - 1) });
      });
    throw error;
  };

  return {
    /** What may have left already is looked up, whatever became of its words. */
    tooEarly([delivery]) {
      const { written } = textOf(delivery);
      const waits = !delivery.uncertain && written !== undefined && parts.mayHaveChanged(written, delivery.createdAt);
      return waits ? clock.now() + LOOK_AGAIN_MS : undefined;
    },

    async begin([delivery], tx) {
      const { part } = textOf(delivery);
      const now = clock.now();
      if (!delivery.uncertain) return tx.ledger.change(part, { status: "sending", echoed: false, calls: 1, at: now });
      // What the PBX told since the uncertain attempt is the proof that it took the text.
      if ((await tx.ledger.get(part))?.status !== "sent") await tx.ledger.change(part, { status: "sending" });
    },

    async attempt(batch): Promise<Outcome> {
      const delivery = batch[0];
      const { conversation: id, text } = textOf(delivery);
      const conversation = conversationOf(parts, id);
      const found = delivery.uncertain ? await lookUp(delivery, conversation) : undefined;
      if (found === undefined && (await isUnwanted(delivery))) throw new GiveUp(SAY.unwanted);
      const sent = found ?? (await send(conversation, text).catch((error: unknown) => refused(delivery, error)));
      return {
        result: "done",
        and: (tx) => taken(tx, delivery, conversation, sent.id),
        keepUntil: clock.now() + keepTextMs,
      };
    },

    gaveUp:
      async ([delivery], reason) =>
      async (tx) => {
        const { conversation: id } = textOf(delivery);
        if (await noteGivenUp(tx, delivery, clock.now())) return;
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
  const { clock, store, pbx } = parts;
  const { part, text } = textOf(delivery);
  const { id, extension } = conversation;
  const attemptedAt = delivery.firstAttemptAt ?? delivery.createdAt;
  const words = { conversation: id, direction: "out", digest: digestOf(text, store.digestKey) } as const;
  const othersIn = async ({ ledger }: Transaction): Promise<readonly Entry[]> =>
    (await ledger.equal(words, attemptedAt - 2 * APART_MS)).filter(isOther(part));
  const [left, before] = await store.commit(async (tx) => [await hasLeft(tx, part, clock.now()), await othersIn(tx)]);
  if (left) return {};
  const since = listedSince(attemptedAt, before, APART_MS);
  const all = await pbx.messages.list(extension, { since, direction: "out", order: "oldest-first", whole: true });
  const equal = all.filter((each) => isOf(conversation, each) && digestOf(each.text, store.digestKey) === words.digest);
  // Catching up may have told some of them apart meanwhile, and found this one.
  const listedIds = equal.map((each) => each.id);
  const [others, known] = await store.commit(async (tx) => [
    await othersIn(tx),
    await tx.ledger.withPbxIds(extension, listedIds),
  ]);
  const own = known.find((entry) => entry.id === part)?.pbxId;
  const found = equal.find((each) => each.id === own && each.status !== "failed");
  if (found !== undefined) return { id: found.id };
  const ids = new Set(known.filter((entry) => entry.id !== part).map(({ pbxId }) => pbxId));
  const fresh = unexplained(
    equal.filter((each) => !ids.has(each.id)),
    others,
  );
  return fresh === undefined ? undefined : { id: fresh.id };
}

function isOther(part: string): (entry: Entry) => boolean {
  return ({ id, pbxId }) => id !== part && pbxId === undefined;
}

function textOf({ work }: Delivery): TextOut {
  if (work.kind !== "text") throw new TypeError(`not a text: ${work.kind}`);
  return work;
}

function messageOf({ message, key }: Delivery): MessageId {
  if (message === undefined) throw new TypeError(`a text without its message: ${key}`);
  return message;
}
