import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MalformedEvent, parseEvent, parseEventBody } from "../../src/pbx/events.js";
import { WITHHELD } from "../../src/pbx/numbers.js";

const did = { number: "+12025550100", wire: "+12025550100" };
const contact = { number: "+12025550199", wire: "+12025550199" };
const textIn = {
  EventType: "message-in",
  extension_name: "100*101@pbx.example.com",
  did_number: "+12025550100",
  src_number: "+12025550199",
  extension_id: "7",
  text: "Hello",
};
const textOut = {
  EventType: "message-out",
  extension_name: "100*101@pbx.example.com",
  src_number: "+12025550100",
  dst_number: "+12025550199",
  extension_id: "7",
  text: "Hi",
};
const { EventType: _in, ...unnamedIn } = textIn;
const { EventType: _out, ...unnamedOut } = textOut;

/** As the PBX sends it. */
const read = (fields: Readonly<Record<string, string>>) =>
  parseEvent(parseEventBody(undefined, new URLSearchParams(fields).toString()), "US");

describe("an event in our words", () => {
  test("a text that came in", () => {
    expect(read(textIn)).toEqual({ kind: "text-in", extension: 7, did, contact, text: "Hello" });
  });

  test("a text that went out", () => {
    expect(read(textOut)).toEqual({ kind: "text-out", extension: 7, did, contact, text: "Hi" });
  });

  test("what became of a text that went out", () => {
    const status = { ...textOut, EventType: "message-out-status", extension_name: "100*101", status: "Failed" };
    expect(read(status)).toEqual({
      kind: "text-status",
      extension: 7,
      did,
      contact,
      text: "Hi",
      status: "failed",
    });
    expect(read({ ...status, status: "queued" })).toMatchObject({ status: "pending" });
  });

  test.each([{ src_number: "" }, { src_number: " " }, { src_number: undefined }])(
    "a text whose sender is withheld is a text: %j",
    ({ src_number }) => {
      const { src_number: _, ...rest } = textIn;
      expect(read(src_number === undefined ? rest : { ...rest, src_number })).toMatchObject({
        kind: "text-in",
        contact: WITHHELD,
        text: textIn.text,
      });
    },
  );

  test("an empty text is a text, and a number that is not told is left out", () => {
    expect(read({ ...textIn, text: "", did_number: "" })).toEqual({
      kind: "text-in",
      extension: 7,
      contact,
      text: "",
    });
  });

  test("without EventType the fields tell", () => {
    expect(read(unnamedIn).kind).toBe("text-in");
    expect(read(unnamedOut).kind).toBe("text-out");
    expect(read({ ...unnamedOut, status: "sent" }).kind).toBe("text-status");
    expect(read({ CallID: "1", CallerIDNum: "2" })).toEqual({ kind: "unused", type: "call" });
  });

  test("a + that was sent unescaped is not lost", () => {
    const query = `EventType=message-in&extension_id=7&src_number=+4915112345678&did_number=${did.wire}&text=1+1`;
    expect(parseEvent(parseEventBody(undefined, query), "US")).toMatchObject({
      contact: { number: "+4915112345678", wire: "+4915112345678" },
      did,
      text: "1 1",
    });
  });

  test("the case of names does not matter", () => {
    const shouted = Object.fromEntries(Object.entries(textIn).map(([name, value]) => [name.toUpperCase(), value]));
    expect(read({ ...shouted, EVENTTYPE: "MESSAGE_IN" })).toEqual(read(textIn));
  });

  test("types that the bridge has no use for are named", () => {
    expect(read({ EventType: "voicemail" })).toEqual({ kind: "unused", type: "voicemail" });
    expect(read({ EventType: "new\nline <b>" })).toEqual({ kind: "unused", type: "newlineb" });
  });
});

describe("a malformed event is told by its fields, never by what they hold", () => {
  test.each([
    ["extension_id", { ...textIn, extension_id: "secret" }],
    ["extension_id", { ...textIn, extension_id: "" }],
    ["dst_number", { ...unnamedIn, EventType: "message-out" }],
    ["status", { ...textOut, EventType: "message-out-status" }],
    ["EventType", { text: "secret" }],
    ["EventType", {}],
  ])("%s", (field, fields) => {
    const reading = () => read(fields);
    expect(reading).toThrow(MalformedEvent);
    expect(reading).toThrow(field);
    expect(reading).not.toThrow(/secret|Hello|\d{5}/);
  });

  test("a text event without its text", () => {
    const { text: _text, ...rest } = textIn;
    expect(() => read(rest)).toThrow("no field text");
  });
});

describe("the fields of a body", () => {
  const form = "EventType=message-in&text=a%20b+c&src_number=%2B1&text=later";

  test.each([
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=UTF-8",
    "Application/X-WWW-Form-Urlencoded;charset=utf-8",
    undefined,
    "text/plain",
  ])("are read from a form called %s, each name once", (type) => {
    expect(Object.fromEntries(parseEventBody(type, form))).toEqual({
      eventtype: "message-in",
      text: "a b c",
      src_number: "+1",
    });
  });

  test.each(["application/json", "application/json; charset=utf-8", undefined])(
    "are read from JSON called %s",
    (type) => {
      const body = Buffer.from(
        JSON.stringify({ EventType: "message-in", extension_id: 7, text: "é😀", more: { x: 1 } }),
      );
      expect(Object.fromEntries(parseEventBody(type, body))).toEqual({
        eventtype: "message-in",
        extension_id: "7",
        text: "é😀",
      });
    },
  );

  test.each([
    ["text=Caf%E9+%80", "Café €"],
    [Buffer.from("text=Caf\xe9 na\xefve", "latin1"), "Café naïve"],
    ["text=Caf%C3%A9", "Café"],
    [Buffer.from("text=Café"), "Café"],
    ["text=%D0%9F%D1%80%D0", "Пр\ufffd"],
    ["text=%EF%BF%BD", "\ufffd"],
  ])("are read in the letters that %j has", (body, text) => {
    expect(parseEventBody("application/x-www-form-urlencoded; charset=iso-8859-1", body).get("text")).toBe(text);
  });

  test("are read from JSON that is called a form", () => {
    const body = JSON.stringify({ EventType: "message-in", extension_id: 7, text: "a=1&b=2" });
    const fields = parseEventBody("application/x-www-form-urlencoded; charset=utf-8", body);
    expect(fields.get("text")).toBe("a=1&b=2");
  });

  test("a form whose text begins like JSON stays a form", () => {
    expect(Object.fromEntries(parseEventBody("application/x-www-form-urlencoded", "{a=1"))).toEqual({ "{a": "1" });
  });

  test.each(["", "[]", "3", "{", "null"])("are not found in the JSON %j", (body) => {
    expect(() => parseEventBody("application/json", body)).toThrow(MalformedEvent);
  });

  test("no name reaches a prototype", () => {
    expect([...parseEventBody("application/json", '{"__proto__":"x","a":"1"}').keys()].toSorted()).toEqual([
      "__proto__",
      "a",
    ]);
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });
});

test("whatever is received is an event or malformed, and nothing else", () => {
  const names = fc.constantFrom(...Object.keys(textIn), "dst_number", "status", "CallID", "__proto__", "toString");
  const fields = fc.dictionary(
    fc.oneof(names, fc.string()),
    fc.oneof(fc.constantFrom("message-in", "message-out", "7"), fc.string()),
  );
  const bodies = fc.oneof(
    fc.string(),
    fc.json(),
    fields.map((entries) => new URLSearchParams(entries).toString()),
    fields.map((entries) => JSON.stringify(entries)),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(undefined, "application/json", "application/x-www-form-urlencoded"),
      bodies,
      (type, body) => {
        try {
          parseEvent(parseEventBody(type, body), "US");
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedEvent);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("any text survives both encodings", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const fields = { ...textIn, text };
      const asForm = parseEventBody("application/x-www-form-urlencoded", new URLSearchParams(fields).toString());
      const asJson = parseEventBody("application/json", JSON.stringify(fields));
      for (const sent of [asForm, asJson]) expect(parseEvent(sent, "US")).toMatchObject({ kind: "text-in", text });
    }),
  );
});
