import { expect, it } from "vitest";
import { postIdOf, threadIdOf, timeOf, tsOf, whereOf } from "../../../adapters/slack/ids.js";
import type { PostId } from "../../../src/message.js";

it("an id of a thread or post leads back to channel and ts, digit by digit", () => {
  const where = { channel: "C0123456789", ts: "1700000000.000010" };
  expect(whereOf(threadIdOf(where))).toEqual(where);
  expect(whereOf(postIdOf(where))).toEqual(where);
});

it("an id that is no id of Slack's is a bug", () => {
  for (const id of ["", "C1", "C1:17", "telegram:1:2"]) expect(() => whereOf(id as PostId)).toThrow(/not the id/);
});

it("a ts is a time", () => {
  expect(timeOf("1700000000.123456")).toBe(1_700_000_000_123);
  expect(tsOf(1_700_000_000_123)).toBe("1700000000.123000");
  expect(tsOf(-5)).toBe("0.000000");
});
