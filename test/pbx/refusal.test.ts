import * as fc from "fast-check";
import { expect, test } from "vitest";
import { reasonOf } from "../../src/pbx/refusal.js";

test.each([
  ['{"message":"Number is not reachable"}', [], "Number is not reachable"],
  ['{"error":"invalid_number","error_description":"Number  is\\nwrong"}', [], "Number is wrong"],
  ['"just words"', [], "just words"],
  ["just words", [], "just words"],
  ["<html><body>Bad Request</body></html>", [], undefined],
  ['{"message":{"nested":true}}', [], undefined],
  ["", [], undefined],
  ['{"message":"a bad text a"}', ["a"], "… bad text …"],
  [
    '{"message":"Not sent: \\"Dear Ann, the code is 42\\" (spam)"}',
    ["Dear Ann, the code is 42"],
    'Not sent: "…" (spam)',
  ],
  ['{"message":"Not sent: Dear Ann, the co..."}', ["Dear Ann, the code is 42"], "Not sent: …"],
  [
    String.raw`There is one: {"url":"https:\/\/h.example\/pbx\/events\/0123456789abcdef"}`,
    ["https://h.example/pbx/events/0123456789abcdef"],
    'There is one: {"url":"…"}',
  ],
  ['{"message":"Costs $1 (a+b)?"}', ["(a+b)?"], "Costs $1 …"],
  ['{"message":"client_secret=hunter2 is wrong for xoxb-1-2"}', [], "client_secret=[hidden] is wrong for [hidden]"],
])("of %j, hiding %j, stays %j", (body, hide, reason) => {
  expect(reasonOf(body, hide)).toBe(reason);
});

test("no reason is longer than 200 characters, holds a line break, or the text that was sent", () => {
  const text = fc.string({ unit: "grapheme", minLength: 12, maxLength: 300 }).filter((one) => one.trim().length >= 12);
  fc.assert(
    fc.property(text, fc.string(), fc.string(), (secret, before, after) => {
      const reason = reasonOf(JSON.stringify({ message: before + secret + after }), [secret]) ?? "";
      expect(reason.length).toBeLessThanOrEqual(200);
      expect(reason).not.toMatch(/[\r\n]/);
      expect(reason.includes(secret)).toBe(false);
    }),
  );
});
