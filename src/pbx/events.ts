/** The events that the PBX pushes, from its wire into our words. */
import type { Party } from "../message.js";
import { parseJson, statusOf } from "./codec.js";
import { partyOf } from "./numbers.js";
import type { PbxEvent } from "./types.js";

/** What was received is no event. The message names fields, never what they hold. */
export class MalformedEvent extends Error {
  override readonly name = "MalformedEvent";
}

/**
 * The fields of an event, from a request's body or query string.
 *
 * Documented: form-urlencoded, in the body for POST and in the query string for GET. Assumed: a build may send JSON, and may
 * leave out or decorate the content type; so what looks like a JSON object is one, and everything else is a form.
 */
export function parseEventBody(contentType: string | undefined, body: string | Uint8Array): Record<string, string> {
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  const type = (contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (/[/+]json$/.test(type)) return jsonFields(text);
  if (type !== "application/x-www-form-urlencoded" && text.trimStart().startsWith("{")) return jsonFields(text);
  return firstOfEach(new URLSearchParams(text.trim()));
}

/** `country` as in `partyOf`, or in `readParty` in its place. Throws `MalformedEvent` and nothing else. */
export function parseEvent(
  fields: Readonly<Record<string, string>>,
  country: string,
  readParty: typeof partyOf = partyOf,
): PbxEvent {
  const event = reader(fields, (raw) => readParty(raw, country));
  const type = event.optional("EventType") ?? event.optional("event_type");
  switch (type === undefined ? guessed(event) : type.toLowerCase().replaceAll("_", "-")) {
    case "message-in":
      return { kind: "text-in", ...event.conversation("src_number", "did_number"), text: event.present("text") };
    case "message-out":
      return { kind: "text-out", ...event.conversation("dst_number", "src_number"), text: event.present("text") };
    case "message-out-status":
      return { kind: "text-status", ...event.conversation("dst_number", "src_number"), ...event.outcome() };
    default:
      return { kind: "unused", type: label(type ?? "call") };
  }
}

type Reader = ReturnType<typeof reader>;

/** Assumed: builds differ in the case of field names. */
function reader(fields: Readonly<Record<string, string>>, readParty: (raw: string) => Party) {
  const values = new Map(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]));
  const present = (name: string): string => {
    const value = values.get(name.toLowerCase());
    if (value === undefined) throw new MalformedEvent(`The event has no field ${name}.`);
    return value;
  };
  const optional = (name: string): string | undefined => values.get(name.toLowerCase())?.trim() || undefined;
  const required = (name: string): string => {
    const value = present(name).trim();
    if (value === "") throw new MalformedEvent(`The event's field ${name} is empty.`);
    return value;
  };
  const party = (name: string): Party => {
    const number = required(name);
    // Assumed: a careless PBX sends the + of a number as it is, and a form turns it into a space.
    return readParty(/^ \d{7,}$/.test(present(name)) ? `+${number}` : number);
  };
  return {
    present,
    optional,
    conversation: (contact: string, did: string) => ({
      extension: extensionOf(required("extension_id")),
      contact: party(contact),
      ...(optional(did) === undefined ? {} : { did: party(did) }),
    }),
    outcome: () => {
      const text = values.get("text");
      return { status: statusOf(required("status")), ...(text === undefined ? {} : { text }) };
    },
  };
}

function extensionOf(raw: string): number {
  const id = Number(raw);
  if (/^\d+$/.test(raw) && Number.isSafeInteger(id)) return id;
  throw new MalformedEvent("The event's field extension_id is not a whole number.");
}

/** Assumed: where EventType is missing, the fields tell. Calls are known by CallID, and only they have it. */
function guessed(event: Reader): string {
  if (event.optional("CallID") !== undefined) return "call";
  if (event.optional("dst_number") !== undefined) {
    return event.optional("status") === undefined ? "message-out" : "message-out-status";
  }
  if (event.optional("src_number") !== undefined) return "message-in";
  throw new MalformedEvent("The event has no field EventType, and no src_number, dst_number or CallID to tell it by.");
}

/** A type we do not know may be anything: it goes into a log line. */
function label(type: string): string {
  return type.replace(/[^\w.-]/g, "").slice(0, 40) || "unnamed";
}

function jsonFields(text: string): Record<string, string> {
  const body = parseJson(text);
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new MalformedEvent("The event's body is not a JSON object.");
  }
  const fields = Object.entries(body).filter(([, value]) => ["string", "number", "boolean"].includes(typeof value));
  return firstOfEach(fields.map(([name, value]) => [name, String(value)]));
}

/** A field given twice counts once. No prototype: names come from outside. */
function firstOfEach(entries: Iterable<readonly [string, string]>): Record<string, string> {
  const fields = Object.create(null) as Record<string, string>;
  for (const [name, value] of entries) fields[name] ??= value;
  return fields;
}
