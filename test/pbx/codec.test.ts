import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  chatFrom,
  createdId,
  listQuery,
  messageFrom,
  parseJson,
  sendBody,
  subscriptionFrom,
} from "../../src/pbx/codec.js";
import { WITHHELD } from "../../src/pbx/numbers.js";

const wire = {
  id: "15",
  chat_id: "3",
  extension_id: 7,
  flow: "in",
  src_num: "+12025550199",
  dst_num: "+12025550100",
  init_time_gmt: "2026-03-01 09:05:07",
  read: false,
  status: "",
  text: "Hello",
};
const message = {
  id: "15",
  chatId: "3",
  extension: 7,
  direction: "in",
  did: { number: "+12025550100", wire: "+12025550100" },
  contact: { number: "+12025550199", wire: "+12025550199" },
  text: "Hello",
  at: Date.UTC(2026, 2, 1, 9, 5, 7),
  read: false,
};

describe("a message", () => {
  test("that came in", () => {
    expect(messageFrom(wire, 7, "US")).toEqual(message);
  });

  test("that went out has its parties the other way round, and a status", () => {
    expect(messageFrom({ ...wire, flow: "OUT", status: "Sent" }, 7, "US")).toEqual({
      ...message,
      direction: "out",
      did: message.contact,
      contact: message.did,
      status: "sent",
    });
  });

  test("with ids as numbers and numbers without + is the same message", () => {
    const other = { ...wire, id: 15, chat_id: 3, src_num: 12025550199, dst_num: "12025550100", read: 0 };
    expect(messageFrom(other, 7, "US")).toMatchObject({
      id: "15",
      chatId: "3",
      contact: { number: "+12025550199" },
      read: false,
    });
  });

  test("needs only an id, a direction and the other party", () => {
    expect(messageFrom({ id: "1", flow: "in", src_num: "22395" }, 7, "US")).toEqual({
      id: "1",
      extension: 7,
      direction: "in",
      contact: { number: "22395", wire: "22395" },
      text: "",
    });
  });

  test.each(["", " ", null, undefined])(
    "a text whose sender is %j is from a contact whose number is withheld",
    (src_num) => {
      expect(messageFrom({ ...wire, src_num }, 7, "US")).toMatchObject({ contact: WITHHELD, direction: "in" });
    },
  );

  test.each([
    undefined,
    null,
    3,
    "x",
    [],
    {},
    { ...wire, id: "" },
    { ...wire, flow: "up" },
    { ...wire, flow: "out", dst_num: "" },
  ])("%j is none", (bad) => {
    expect(messageFrom(bad, 7, "US")).toBeUndefined();
  });
});

describe("a chat", () => {
  test("has an id under either name, and whatever numbers, count and messages it tells", () => {
    expect(
      chatFrom({ chat_id: 3, src_num: "12025550100", dst_num: "22395", unread: 2, last_message: wire }, 7, "US"),
    ).toEqual({
      id: "3",
      numbers: ["+12025550100", "22395", "+12025550199"],
      unread: 2,
      messages: [message],
    });
    expect(chatFrom({ id: "4" }, 7, "US")).toEqual({ id: "4", numbers: [], messages: [] });
  });

  test("may come as a bare list of its messages", () => {
    expect(chatFrom([wire, "odd"], 7, "US", "9")).toEqual({
      id: "9",
      numbers: ["+12025550100", "+12025550199"],
      messages: [message],
    });
  });

  test("without an id is none", () => {
    expect(chatFrom({ unread: 1 }, 7, "US")).toBeUndefined();
  });
});

test("a subscription is read with or without its method", () => {
  expect(subscriptionFrom({ id: 4, url: "https://x.example/", event_type: "Message-In", method: "post" })).toEqual({
    id: "4",
    url: "https://x.example/",
    type: "message-in",
    method: "POST",
  });
  expect(subscriptionFrom({ id: 4, url: "https://x.example/", event_type: "message-in" })?.method).toBe("");
  expect(subscriptionFrom({ id: 4 })).toBeUndefined();
});

test("the id of what was created is found where the PBX puts it, and not invented elsewhere", () => {
  expect(createdId('{"id":5}', "message")).toBe("5");
  expect(createdId('{"message":{"id":"5"}}', "message")).toBe("5");
  expect(createdId('{"message_id":"5"}', "message")).toBe("5");
  expect(createdId("5", "message")).toBe("5");
  for (const odd of ["", "{}", "[]", "null", "<html>", '{"id":null}', '{"id":""}', '{"id":1.5}']) {
    expect(createdId(odd, "message")).toBeUndefined();
  }
});

test("an id too long for a number keeps every digit, and texts keep theirs", () => {
  const json =
    '{"id": 12345678901234567890, "text":"id \\"12345678901234567890\\" 12345678901234567890", "n":[1.12345678901234567,-12345678901234567]}';
  expect(parseJson(json)).toEqual({
    id: "12345678901234567890",
    text: 'id "12345678901234567890" 12345678901234567890',
    n: [1.1234567890123457, "-12345678901234567"],
  });
});

test("JSON is read as ever, and what is none is undefined", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), fc.string(), (value, text) => {
      const json = JSON.stringify({ value, text, digits: "0".repeat(20) });
      const safe = !/(?<!\d)\d{16,}(?!\d)/.test(JSON.stringify(value));
      if (safe) expect(parseJson(json)).toEqual(JSON.parse(json));
      if (!/^\s*(["[{]|-?\d|true|false|null)/.test(text)) expect(parseJson(text)).toBeUndefined();
    }),
  );
});

test("a text to send takes the configured names, and no sender where none is known", () => {
  const fields = { to: "dst_num", from: "src_num", text: "text" };
  expect(sendBody(fields, { to: "22395", text: "STOP" })).toEqual({ dst_num: "22395", text: "STOP" });
  expect(sendBody({ to: "to", from: "sender", text: "body" }, { to: "1", from: "2", text: "3" })).toEqual({
    to: "1",
    sender: "2",
    body: "3",
  });
});

test("a list is asked for in whole seconds that include both ends", () => {
  expect(listQuery({ since: 1_500, until: 2_500, direction: "in" }, "desc")).toEqual({
    start_datetime: "1970-01-01 00:00:01",
    end_datetime: "1970-01-01 00:00:03",
    flow: "in",
    order: "desc",
  });
  expect(listQuery({}, "asc")).toEqual({ order: "asc" });
});

test("whatever the PBX lists is read or left out, without an error", () => {
  const field = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom("in", "out", "1", 1, true, "+12025550100", "2026-03-01 09:05:07"),
  );
  const row = fc.dictionary(
    fc.constantFrom(...Object.keys(wire), "messages", "last_message", "unread", "url", "event_type"),
    field,
  );
  fc.assert(
    fc.property(fc.oneof(row, fc.jsonValue()), (any) => {
      messageFrom(any, 7, "US");
      chatFrom(any, 7, "US", "1");
      subscriptionFrom(any);
    }),
    { numRuns: 500 },
  );
});
