/** The PBX's wire: whatever arrives is read or refused, and never breaks anything. */
import * as fc from "fast-check";
import { isDeepStrictEqual } from "node:util";
import { describe, test } from "vitest";
import { chatFrom, createdId, messageFrom, oneOf, parseJson, subscriptionFrom } from "../../src/pbx/codec.js";
import { MalformedEvent, parseEvent, parseEventBody } from "../../src/pbx/events.js";
import { listMessages, pageOf, type Page } from "../../src/pbx/lists.js";
import { createPartyReader, mask, partyOf } from "../../src/pbx/numbers.js";
import { reasonOf } from "../../src/pbx/refusal.js";
import { formatTime, parseTime } from "../../src/pbx/times.js";
import type { ListOptions, PbxMessage } from "../../src/pbx/types.js";
import { carried, jsonWith, must, runs, texts, wellFormed } from "./inputs.js";

const eventFields = ["EventType", "extension_id", "src_number", "dst_number", "did_number", "text", "status", "CallID"];
const types = fc.constantFrom("message-in", "message-out", "message-out-status", "MESSAGE_IN", "hangup", "");
const contentTypes = fc.constantFrom(
  undefined,
  "application/json",
  "application/x-www-form-urlencoded; charset=utf-8",
  "text/plain",
  "multipart/form-data",
  "",
);

/** Reads as the bridge does; a refusal is its sentence. */
function read(contentType: string | undefined, body: string | Uint8Array) {
  try {
    return parseEvent(parseEventBody(contentType, body), "US", createPartyReader(3));
  } catch (error) {
    if (error instanceof MalformedEvent) return error.message;
    throw error;
  }
}

describe("an event", () => {
  test("of any bytes is read or refused as malformed", () => {
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 60 }), texts.map(wellFormed));
    fc.assert(
      fc.property(contentTypes, bytes, (type, body) => void read(type, body)),
      runs,
    );
  });

  test("of any JSON is read or refused, and a refusal quotes nothing of it", () => {
    fc.assert(
      fc.property(jsonWith(eventFields), (body) => {
        const told = read("application/json", JSON.stringify(body));
        must(typeof told !== "string" || /^The event('s|) [\w ,]+\.$/.test(told), () => told);
      }),
      runs,
    );
  });

  test("as a form tells its text to the letter, and its fields as they were", () => {
    fc.assert(
      fc.property(carried, types, (text, EventType) => {
        const form = { EventType, extension_id: "7", src_number: "ACME", dst_number: "22395", status: "sent", text };
        const event = read("application/x-www-form-urlencoded", new URLSearchParams(form).toString());
        if (typeof event === "string") throw new Error(event);
        if (event.kind === "unused") return;
        must(event.extension === 7 && event.text === text, () => event);
      }),
      runs,
    );
  });

  test("as JSON tells the same as a form", () => {
    fc.assert(
      fc.property(carried, types, texts, (text, EventType, status) => {
        const fields = { EventType, extension_id: "7", src_number: "ACME", dst_number: "22395", status, text };
        const form = new URLSearchParams(fields).toString();
        const json = JSON.stringify({ ...fields, status: wellFormed(status) });
        must(isDeepStrictEqual(read(undefined, json), read(undefined, form)), () => json);
      }),
      runs,
    );
  });
});

describe("an answer of the PBX", () => {
  const fields = ["id", "chat_id", "flow", "src_num", "dst_num", "text", "read", "message", "messages", "url", "page"];

  test("is read as far as it can be, whatever JSON it is", () => {
    fc.assert(
      fc.property(jsonWith(fields), (wire) => {
        const body = parseJson(JSON.stringify(wire));
        messageFrom(body, 1, "US");
        chatFrom(body, 1, "US");
        subscriptionFrom(body);
        pageOf(body, "message", (row) => messageFrom(row, 1, "US"));
        createdId(JSON.stringify(wire), "event");
        oneOf(body, "message");
      }),
      runs,
    );
  });

  test("that is no JSON is none, and integers of any length keep their digits", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 40n }), texts, (id, text) => {
        parseJson(text);
        const body = parseJson(`{"text":${JSON.stringify(text)},"id":${id}}`);
        must(isDeepStrictEqual(body, { text, id: id < 10n ** 15n ? Number(id) : String(id) }), () => body);
      }),
      runs,
    );
  });

  test("that refuses is quoted on one line of at most 200 characters, without the text that was to be sent", () => {
    fc.assert(
      fc.property(texts, fc.constantFrom("canary words of a customer", "short"), texts, (before, text, after) => {
        const told = reasonOf(JSON.stringify({ message: `${before} ${text} ${after}` }), [text]) ?? "";
        must(told.length <= 200 && !/\p{Cc}/u.test(told) && !told.includes("canary words"), () => told);
      }),
      runs,
    );
  });
});

describe("a number", () => {
  test("in any words has one form, which is read as itself, and is never shown whole", () => {
    fc.assert(
      fc.property(texts, fc.constantFrom("US", "DE", "GB", "ZZ"), (raw, country) => {
        const { number, wire } = partyOf(raw, country);
        const again = createPartyReader()(raw, country);
        must(wire === raw.replaceAll(/\p{Cc}/gu, "") && !/\p{Cc}/u.test(number), () => wire);
        must(again.wire === wire && again.number === number, () => again);
        must(partyOf(number, country).number === number, () => number);
        must(number.length <= 8 || !mask(number).includes(number), () => number);
      }),
      runs,
    );
  });

  test("of a subscriber is the same however the PBX writes it", () => {
    const subscriber = fc.integer({ min: 0, max: 9999 }).map((n) => `1201555${String(n).padStart(4, "0")}`);
    const shapes: readonly ((digits: string) => string)[] = [
      (digits) => `+${digits}`,
      (digits) => digits,
      (digits) => digits.slice(1),
      (digits) => `00${digits}`,
      (digits) => `+1 (${digits.slice(1, 4)}) ${digits.slice(4, 7)}-${digits.slice(7)}`,
      (digits) => `sip:+${digits}@pbx.example.com;user=phone`,
      (digits) => `"Alice" <sip:${digits}@pbx.example.com>`,
      (digits) => `\u202a+${digits}\u202c`,
      (digits) => ` +${digits} `,
    ];
    fc.assert(
      fc.property(subscriber, fc.constantFrom(...shapes), (digits, shape) => {
        must(partyOf(shape(digits), "US").number === `+${digits}`, () => shape(digits));
      }),
      runs,
    );
  });
});

describe("a time", () => {
  test("that the PBX writes is read to the second, and anything else is none", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), texts, (at, text) => {
        must(parseTime(formatTime(at)) === Math.floor(at / 1000) * 1000, () => at);
        must(Number.isFinite(parseTime(text) ?? 0), () => text);
      }),
      runs,
    );
  });
});

describe("a list", () => {
  const servers = fc.record({
    total: fc.integer({ min: 0, max: 25 }),
    cap: fc.constantFrom(5, 10, 100),
    first: fc.constantFrom(0, 1),
    order: fc.boolean(),
    filters: fc.boolean(),
    tells: fc.boolean(),
    spread: fc.constantFrom(0, 1, 1000),
  });

  test("is read whole, each message once, from a server that pages, caps, orders and filters as it likes", async () => {
    await fc.assert(
      fc.asyncProperty(servers, fc.integer({ min: -3, max: 25 }), fc.boolean(), async (server, since, newest) => {
        const all = Array.from({ length: server.total }, (_, n): PbxMessage => messageAt(n, n * server.spread));
        const options: ListOptions = {
          ...(since < 0 ? {} : { since: since * 1000 }),
          order: newest ? "newest-first" : "oldest-first",
        };
        const { messages, complete } = await listMessages(options, serverOf(all, server, options));
        const wanted = all.filter(({ at = 0 }) => since < 0 || at >= since * 1000).map(({ id }) => id);
        const got = messages.map(({ id }) => id);
        must(complete && got.toSorted().join() === wanted.toSorted().join(), () => got);
      }),
      runs,
    );
  });
});

function messageAt(n: number, at: number): PbxMessage {
  const contact = { number: "+1", wire: "+1" };
  return { id: `m${n}`, extension: 1, direction: "in", contact, text: "", at };
}

function serverOf(
  all: readonly PbxMessage[],
  {
    cap,
    first,
    order,
    filters,
    tells,
  }: { cap: number; first: number; order: boolean; filters: boolean; tells: boolean },
  { since = 0 }: ListOptions,
): (asked: "asc" | "desc", page: number | undefined) => Promise<Page<PbxMessage>> {
  return async (asked, page = first) => {
    const kept = filters ? all.filter(({ at = 0 }) => at >= since) : all;
    const ordered = order && asked === "desc" ? kept.toReversed() : kept;
    const items = ordered.slice((page - first) * cap, (page - first + 1) * cap);
    return { items, rows: items.length, ...(tells ? { page, perPage: cap } : first === 0 ? { page } : {}) };
  };
}
