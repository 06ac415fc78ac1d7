/**
 * The PBX's wire <-> our words. The vendor documents the resources and a message's fields; each thing beyond that is an
 * assumption, marked "Assumed" here, in `numbers.ts`, `times.ts`, `events.ts` and `lists.ts`, and nowhere else. Reading is
 * tolerant, since every provider runs a build of its own; writing sticks to what is documented.
 */
import * as z from "zod";
import { partyOf, WITHHELD } from "./numbers.js";
import { formatTime, parseTime } from "./times.js";
import type { ListOptions, PbxChat, PbxMessage, PbxSubscription, TextStatus } from "./types.js";

/** Documented as strings, seen as numbers. */
const wireId = z.union([z.string().min(1), z.number().int()]).transform(String);
const wireText = z.union([z.string(), z.number()]).transform(String).nullish().catch(undefined);

/** Documented; only `id`, `flow` and the number of whom we texted are relied on. */
const wireMessage = z.object({
  id: wireId,
  chat_id: wireId.nullish().catch(undefined),
  extension_id: z.coerce.number().int().positive().optional().catch(undefined),
  flow: z
    .string()
    .toLowerCase()
    .pipe(z.enum(["in", "out"])),
  src_num: wireText,
  dst_num: wireText,
  text: wireText,
  init_time_gmt: wireText,
  read: z
    .union([z.boolean(), z.stringbool(), z.literal([0, 1]).transform(Boolean)])
    .optional()
    .catch(undefined),
  status: wireText,
});

/** Undefined when it cannot be read: a list must not fail as a whole because of one entry. */
export function messageFrom(wire: unknown, extension: number, country: string): PbxMessage | undefined {
  const read = wireMessage.safeParse(wire);
  if (!read.success) return undefined;
  const { data } = read;
  const [contact, did] = data.flow === "in" ? [data.src_num, data.dst_num] : [data.dst_num, data.src_num];
  const party = contact?.trim() ? partyOf(contact, country) : data.flow === "in" ? WITHHELD : undefined;
  if (party === undefined) return undefined;
  const at = parseTime(data.init_time_gmt ?? "");
  return {
    id: data.id,
    ...(data.chat_id ? { chatId: data.chat_id } : {}),
    extension: data.extension_id ?? extension,
    direction: data.flow,
    ...(did?.trim() ? { did: partyOf(did, country) } : {}),
    contact: party,
    text: data.text ?? "",
    ...(at === undefined ? {} : { at }),
    ...(data.read === undefined ? {} : { read: data.read }),
    ...(data.flow === "out" ? { status: statusOf(data.status ?? "") } : {}),
  };
}

/** Assumed: `sent`, `failed`, or something else while the text is on its way. */
export function statusOf(wire: string): TextStatus {
  const status = wire.trim().toLowerCase();
  return status === "sent" || status === "failed" ? status : "pending";
}

/** Assumed: a single object may come bare, in a list of one, or under its resource's name. */
export function oneOf(body: unknown, resource: string): unknown {
  if (Array.isArray(body)) return body[0];
  if (!isRecord(body)) return body;
  const inner = body[resource];
  return isRecord(inner) ? inner : body;
}

const wireChatId = z
  .object({ chat_id: wireId.optional().catch(undefined), id: wireId.optional().catch(undefined) })
  .transform((chat) => chat.chat_id ?? chat.id);
/** Assumed: nothing but the id is documented; these are the names that the message and the events use, and the obvious ones. */
const numberFields = ["src_num", "dst_num", "did_num", "src_number", "dst_number", "did_number", "number", "did"];
const unreadFields = ["unread", "unread_count", "unread_messages"];
const recentFields = ["messages", "message", "last_message"];

/** A chat of a list, or the answer to one chat's own call, which may be a bare list of messages: then `id` is the chat asked for. */
export function chatFrom(wire: unknown, extension: number, country: string, id?: string): PbxChat | undefined {
  const chat = isRecord(wire) ? wire : {};
  const chatId = wireChatId.safeParse(chat).data ?? id;
  if (chatId === undefined) return undefined;
  const rows = Array.isArray(wire) ? wire : recentFields.map((name) => chat[name]).flat();
  const messages = rows.flatMap((row) => messageFrom(row, extension, country) ?? []);
  const fromChat = numberFields.flatMap((name) => wireText.parse(chat[name]) ?? []);
  const fromMessages = messages.flatMap(({ did, contact }) => (did === undefined ? [contact] : [did, contact]));
  const numbers = [...fromChat.map((raw) => partyOf(raw, country)), ...fromMessages].map(({ number }) => number);
  const unread = unreadFields.map((name) => chat[name]).find((count) => typeof count === "number");
  return {
    id: chatId,
    numbers: [...new Set(numbers.filter((number) => number !== ""))],
    ...(unread === undefined ? {} : { unread }),
    messages,
  };
}

/** Assumed: the fields that are documented for creating one, and an id. */
const wireSubscription = z.object({
  id: wireId,
  url: z.string(),
  event_type: z.string().toLowerCase(),
  method: z.string().toUpperCase().optional().catch(undefined),
});

export function subscriptionFrom(wire: unknown): PbxSubscription | undefined {
  const read = wireSubscription.safeParse(wire);
  if (!read.success) return undefined;
  const { id, url, event_type: type, method = "" } = read.data;
  return { id, url, type, method };
}

/** The id of what was just created. Assumed: it comes at all, and under one of these names. */
export function createdId(text: string, resource: string): string | undefined {
  const body = oneOf(parseJson(text), resource);
  const candidate = isRecord(body) ? (body["id"] ?? body[`${resource}_id`]) : body;
  return wireId.safeParse(candidate).data;
}

/** Assumed: `dst_num`, `src_num` and `text`, as in a message; the config can name them otherwise. */
export function sendBody(
  fields: { readonly to: string; readonly from: string; readonly text: string },
  text: { readonly to: string; readonly from?: string; readonly text: string },
): Record<string, string> {
  return {
    [fields.to]: text.to,
    ...(text.from === undefined ? {} : { [fields.from]: text.from }),
    [fields.text]: text.text,
  };
}

/** Assumed names of the filters and of the order; a server may ignore each of them. */
export function listQuery(options: ListOptions, order: "asc" | "desc"): Record<string, string> {
  return {
    ...(options.since === undefined ? {} : { start_datetime: formatTime(options.since) }),
    // Whole seconds only, and inclusive: rounded up, and filtered again by us.
    ...(options.until === undefined ? {} : { end_datetime: formatTime(Math.ceil(options.until / 1000) * 1000) }),
    ...(options.direction === undefined ? {} : { flow: options.direction }),
    order,
  };
}

/**
 * JSON whose integers of 16 digits and more become strings, because a number would round them and an id must stay what it is.
 * Undefined when it is no JSON. Never throws.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(/\d{16}/.test(text) ? quoteLongIntegers(text) : text) as unknown;
  } catch {
    return undefined;
  }
}

/** Strings are matched whole, so that digits inside of them stay alone. */
function quoteLongIntegers(json: string): string {
  return json.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/gs, (token) =>
    /^-?\d{16,}$/.test(token) ? `"${token}"` : token,
  );
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
