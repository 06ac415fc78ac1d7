/**
 * Which texts of a conversation are known. The PBX's events carry no ids and no times, so a text is recognised by its
 * conversation, direction and a digest of its words; equal texts are told apart by counting. Decisions only.
 */
import { createHmac } from "node:crypto";
import type { ConversationId, Mark, MessageId, Place, PostId } from "./message.js";
import type { TextStatus } from "./pbx/types.js";

/**
 * What is known of a text. `before`: the PBX had it before the bridge was set up, and it is shown nowhere. Incoming, and from a
 * phone: else `taken`, or `retold` as long as nobody knows whether it was said again or the PBX told of an equal one again. Outgoing:
 * `queued`, `sending` from the moment an attempt begins, `taken` once the PBX answered, then what the PBX reports: `sent` or `failed`.
 * A text that gave up is `failed` if it surely did not leave, else `doubtful`.
 */
export type EntryStatus = "before" | "retold" | "queued" | "sending" | "taken" | "sent" | "failed" | "doubtful";

export interface Entry {
  /** One text on the wire; a long message has several. */
  readonly id: string;
  readonly message: MessageId;
  readonly conversation: ConversationId;
  readonly direction: "in" | "out";
  readonly digest: string;
  /** Epoch ms, by our clock. */
  readonly at: number;
  readonly status: EntryStatus;
  /** The PBX's own event for this text was seen: message-in, or the message-out that echoes ours. */
  readonly echoed: boolean;
  /** How often it was given to the PBX and not surely refused. Absent: never. */
  readonly calls?: number;
  /** The PBX's id, once its answer or its list told. */
  readonly pbxId?: string;
  /** The post that a person typed; absent for texts from the contact or from a phone. */
  readonly origin?: Origin;
}

export interface Origin {
  readonly place: Place;
  readonly post: PostId;
  /** The post's words were changed when the text had left already: they are not what the contact has. */
  readonly changed?: boolean;
}

/** Reading and writing entries, within a transaction of the store. */
export interface LedgerWriter {
  add(entry: Entry): Promise<void>;
  get(id: string): Promise<Entry | undefined>;
  /** Outgoing entries of the conversation since `since` (epoch ms), oldest first. */
  outgoing(conversation: ConversationId, since: number): Promise<readonly Entry[]>;
  /** Those with these words in this direction since `since` (epoch ms), oldest first. */
  equal(text: Wording, since: number): Promise<readonly Entry[]>;
  /** Of the extension's entries since `since` (epoch ms), those whose PBX id is not known yet, oldest first. */
  unlisted(extension: number, since: number): Promise<readonly Entry[]>;
  /** Those of the extension that have one of these ids of the PBX. */
  withPbxIds(extension: number, ids: readonly string[]): Promise<readonly Entry[]>;
  ofMessage(message: MessageId): Promise<readonly Entry[]>;
  /** Forgets a message none of whose texts has left. */
  forget(message: MessageId): Promise<void>;
  /**
   * A text that the PBX took and that failed is to be sent once more: it is as if it was never sent, and what was stays known as
   * `former`, a message of its own.
   */
  restart(id: string, former: MessageId): Promise<void>;
  change(
    id: string,
    change: Partial<Pick<Entry, "status" | "echoed" | "calls" | "pbxId" | "digest" | "at" | "origin">>,
  ): Promise<void>;
}

/** What a text is recognised by. */
export type Wording = Pick<Entry, "conversation" | "direction" | "digest">;

/** How long an echo or a status may come after its text. */
export const ECHO_WINDOW_MS = 48 * 3_600_000;

/**
 * A digest by which a text is recognised. `key` is this installation's own secret, so that a digest tells nothing to somebody who
 * guesses texts. Line ends and surrounding space do not count: the PBX may change them on the way.
 */
export function digestOf(text: string, key: string): string {
  const plain = text.normalize("NFC").replace(/\r\n?/g, "\n").trim();
  return createHmac("sha256", key).update(plain).digest("base64url").slice(0, 22);
}

/**
 * The text of ours that a message-out event echoes: the oldest with the same words that the PBX may have and that was not echoed yet;
 * one of which nobody knows whether it left comes last.
 */
export function echoOf(outgoing: readonly Entry[], digest: string): Entry | undefined {
  const open = outgoing.filter(
    (entry) => entry.digest === digest && !entry.echoed && entry.status !== "before" && mayBeToldOf(entry),
  );
  return open.find(({ status }) => status !== "doubtful") ?? open[0];
}

/** Whether the text left, or may have, and is not being sent again. */
export function isOut({ status }: Entry): boolean {
  return status === "taken" || status === "sent" || status === "doubtful";
}

/** Whether an event of the PBX may be about the text: not if it was never given to the PBX, or surely refused. */
function mayBeToldOf({ status, calls = 0 }: Entry): boolean {
  return status !== "queued" && (status !== "failed" || calls > 0);
}

/**
 * Whether the PBX told of the text since its last attempt began. `equal`: the outgoing texts with its words. An event may be told twice,
 * so where it can be another one's, it proves nothing: only the PBX's list tells.
 */
export function isProven(entry: Entry, equal: readonly Entry[]): boolean {
  if (!entry.echoed && entry.status !== "sent") return false;
  return !equal.some((each) => each.id !== entry.id && mayBeToldOf(each));
}

/**
 * The text that a status event is about. Without a digest (the event had no text) any text counts. The oldest one without a
 * status comes first, then one of which nobody knows whether it left; a `failed` also overrules the newest `sent`, because the worst of several statuses wins.
 * undefined: none, or only the PBX's list can tell, as the same status may be told twice.
 */
export function statusOf(
  outgoing: readonly Entry[],
  digest: string | undefined,
  status: TextStatus,
): Entry | undefined {
  const same = outgoing.filter(
    (entry) => entry.status !== "queued" && (digest === undefined || entry.digest === digest),
  );
  const told = same.some((entry) => entry.status === status);
  // Whether two equal texts failed, or an old failure was told again after Retry.
  if (told && status === "failed") return undefined;
  const open =
    same.find((entry) => entry.status === "sending" || entry.status === "taken") ??
    same.find((entry) => entry.status === "doubtful" || entry.status === "retold");
  // The PBX's answer to it is still out, and perhaps never comes.
  if (told && open?.status !== "taken") return undefined;
  return open ?? (status === "failed" ? same.findLast((entry) => entry.status === "sent") : undefined);
}

/** What a message's posts show, from all of its texts: the worst wins. undefined: nothing yet. */
export function markOf(entries: readonly Entry[]): Mark | undefined {
  if (entries.some((entry) => entry.status === "failed" || entry.status === "doubtful")) return "failed";
  const out = entries.length > 0 && entries.every(({ status }) => ["taken", "retold", "sent"].includes(status));
  return out ? "sent" : undefined;
}
