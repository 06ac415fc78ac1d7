/** The events that the PBX pushes, from its wire into our words. */
import { isRecord, parseJson, statusOf } from "./codec.js";
import { formText } from "./form.js";
import type { Party } from "../message.js";
import { partyOf, WITHHELD } from "./numbers.js";
import type { PbxEvent, TextStatus, TextTold } from "./types.js";

const FORM = "application/x-www-form-urlencoded";

/** What was received is no event. The message names fields, never what they hold. */
export class MalformedEvent extends Error {
  override readonly name = "MalformedEvent";
}

/** By their names in lower case (assumed: builds differ in it); a field given twice counts once. A map, as names come from outside. */
export type Fields = ReadonlyMap<string, string>;

/**
 * The fields of an event, from a request's body or query string.
 *
 * Documented: form-urlencoded, in the body for POST and in the query string for GET. Assumed: a build may send JSON, and may
 * leave out, decorate or mistake the content type; so what looks like a JSON object is one, also where it is called a form, and
 * everything else is a form.
 */
export function parseEventBody(contentType: string | undefined, body: string | Uint8Array): Fields {
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  const type = (contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (/[/+]json$/.test(type)) return jsonFields(text);
  if (text.trimStart().startsWith("{") && (type !== FORM || isRecord(parseJson(text)))) return jsonFields(text);
  return fieldsOf(new URLSearchParams(formText(body, text).trim()));
}

/** `country` as in `partyOf`, or in `readParty` in its place. Throws `MalformedEvent` and nothing else. */
export function parseEvent(fields: Fields, country: string, readParty: typeof partyOf = partyOf): PbxEvent {
  const parties = (contact: string, did: string, nobody?: Party): Omit<TextTold, "kind" | "text"> => ({
    extension: extensionOf(required(fields, "extension_id")),
    contact:
      nobody !== undefined && optional(fields, contact) === undefined
        ? nobody
        : readParty(numberIn(fields, contact), country),
    ...(optional(fields, did) === undefined ? {} : { did: readParty(numberIn(fields, did), country) }),
  });
  const type = optional(fields, "eventtype") ?? optional(fields, "event_type");
  switch (type === undefined ? guessed(fields) : type.toLowerCase().replaceAll("_", "-")) {
    case "message-in":
      return { kind: "text-in", ...parties("src_number", "did_number", WITHHELD), text: present(fields, "text") };
    case "message-out":
      return { kind: "text-out", ...parties("dst_number", "src_number"), text: present(fields, "text") };
    case "message-out-status":
      return { kind: "text-status", ...parties("dst_number", "src_number"), ...outcome(fields) };
    default:
      return { kind: "unused", type: label(type ?? "call") };
  }
}

function outcome(fields: Fields): { readonly status: TextStatus; readonly text?: string } {
  const text = fields.get("text");
  return { status: statusOf(required(fields, "status")), ...(text === undefined ? {} : { text }) };
}

function present(fields: Fields, name: string): string {
  const value = fields.get(name);
  if (value === undefined) throw new MalformedEvent(`The event has no field ${name}.`);
  return value;
}

function optional(fields: Fields, name: string): string | undefined {
  return fields.get(name)?.trim() || undefined;
}

function required(fields: Fields, name: string): string {
  const value = present(fields, name).trim();
  if (value === "") throw new MalformedEvent(`The event's field ${name} is empty.`);
  return value;
}

/** Assumed: a careless PBX sends the + of a number as it is, and a form turns it into a space. */
function numberIn(fields: Fields, name: string): string {
  const number = required(fields, name);
  return /^ \d{7,}$/.test(present(fields, name)) ? `+${number}` : number;
}

function extensionOf(raw: string): number {
  const id = Number(raw);
  if (/^\d+$/.test(raw) && Number.isSafeInteger(id)) return id;
  throw new MalformedEvent("The event's field extension_id is not a whole number.");
}

/** Assumed: where EventType is missing, the fields tell. Calls are known by CallID, and only they have it. */
function guessed(fields: Fields): string {
  if (optional(fields, "callid") !== undefined) return "call";
  if (optional(fields, "dst_number") !== undefined) {
    return optional(fields, "status") === undefined ? "message-out" : "message-out-status";
  }
  if (optional(fields, "src_number") !== undefined) return "message-in";
  throw new MalformedEvent("The event has no field EventType, and no src_number, dst_number or CallID to tell it by.");
}

/** A type we do not know may be anything: it goes into a log line. */
function label(type: string): string {
  return type.replace(/[^\w.-]/g, "").slice(0, 40) || "unnamed";
}

function jsonFields(text: string): Fields {
  const body = parseJson(text);
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new MalformedEvent("The event's body is not a JSON object.");
  }
  const fields = Object.entries(body).filter(([, value]) => ["string", "number", "boolean"].includes(typeof value));
  return fieldsOf(fields.map(([name, value]) => [name, String(value)]));
}

function fieldsOf(entries: Iterable<readonly [string, string]>): Fields {
  const fields = new Map<string, string>();
  for (const [name, value] of entries) {
    const key = name.toLowerCase();
    if (!fields.has(key)) fields.set(key, value);
  }
  return fields;
}
