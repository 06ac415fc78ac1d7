/** How fast each kind of work may go, by its target. */
import type { ChatAdapter, Pace } from "./adapter.js";
import type { Chats } from "./bridge.js";
import type { PbxConfig } from "./config.js";
import type { Conversation, ConversationId, Place } from "./message.js";
import type { Delivery } from "./queue/port.js";

/** Deciding is quick and touches nothing but the store; only a look-up of a person may make it wait. */
const DECIDING_AT_ONCE = 16;

/** `limits`: as configured. One rate for the whole PBX; each extension is a target of its own. */
export function pbxPace(extension: number, { perSecond, concurrent }: PbxConfig["limits"]): Pace {
  const limit = Math.max(1, Math.floor(perSecond));
  return {
    target: `pbx:${extension}`,
    concurrency: concurrent,
    rates: [{ kind: "bucket", key: "pbx", limit, perMs: 1000 / perSecond }],
  };
}

/** So many contacts of one extension are checked side by side, by one reading of the PBX's list. */
const CHECKS_AT_ONCE = 100;

/** Reading the PBX's lists counts into its rate. */
export function listPace(target: string, limits: PbxConfig["limits"]): Pace {
  return { target, concurrency: 1, rates: pbxPace(0, limits).rates };
}

/** A platform that is no longer configured has no adapter; what still waits for it is set aside, at any pace. */
export function chatsOf(adapters: ReadonlyMap<string, ChatAdapter>): Chats {
  return {
    textLimit: (place) => adapters.get(place.platform)?.textLimit ?? Number.MAX_SAFE_INTEGER,
    pace: (place, work) =>
      adapters.get(place.platform)?.pace(place, work) ?? unlimited(`${place.platform}:${place.chat}`),
  };
}

/** Where work for a place waits. */
export function targetsOf(place: Place, chats: Chats): readonly string[] {
  const works = ["post", "mark", "card"] as const;
  return [...new Set(works.map((work) => chats.pace(place, work).target))];
}

export function paceOf(
  { work, target }: Delivery,
  chats: Chats,
  limits: PbxConfig["limits"],
  conversation: (id: ConversationId) => Conversation | undefined,
): Pace {
  switch (work.kind) {
    case "post":
      return chats.pace(work.place, "post");
    case "mark":
      return chats.pace(work.place, "mark");
    case "card":
      return chats.pace(work.place, "card");
    case "settle":
      // Which posts are to be settled is found out between the posts of the conversation.
      return chats.pace(work.place, work.post === undefined ? "post" : "card");
    case "text": {
      const extension = conversation(work.conversation)?.extension;
      return extension === undefined ? unlimited(target) : pbxPace(extension, limits);
    }
    case "check":
      return { target, concurrency: CHECKS_AT_ONCE, rates: [] };
    case "heard":
    case "unmatched":
    case "unreadable":
      return unlimited(target);
  }
}

function unlimited(target: string): Pace {
  return { target, concurrency: DECIDING_AT_ONCE, rates: [] };
}
