import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  chainId,
  isChatId,
  numberAlike,
  postId,
  readPostId,
  readThreadId,
  topicId,
} from "../../../adapters/telegram/ids.js";
import type { PostId, ThreadId } from "../../../src/message.js";

const chat = fc.integer({ min: -(2 ** 51), max: 2 ** 51 });
const number = fc.nat();

test("ids name the chat as the config does, and the topic or root", () => {
  expect(topicId("-1001", 3)).toBe("-1001/3");
  expect(chainId({ chat: "-12", actual: -12 }, 3)).toBe("-12/r3");
  expect(postId({ chat: "-12", actual: -12 }, 3)).toBe("-12/3");
});

test("what is built is read back", () => {
  fc.assert(
    fc.property(chat, chat, fc.option(number), number, (configured, actual, bot, id) => {
      const room = { chat: String(configured), actual, ...(bot === null ? {} : { bot }) };
      expect(readPostId(postId(room, id))).toEqual({ ...room, message: id });
      expect(readThreadId(chainId(room, id))).toEqual({ kind: "chain", ...room, root: id });
      expect(readThreadId(topicId(room.chat, id))).toEqual({ kind: "topic", chat: room.chat, topic: id });
    }),
  );
});

test("a message of the group before it moved is never one of the group after", () => {
  expect(postId({ chat: "-12", actual: -10012 }, 5)).not.toBe(postId({ chat: "-12", actual: -12 }, 5));
});

test("a message of one bot is never one of another bot", () => {
  const room = { chat: "77", actual: 77 };
  expect(postId({ ...room, bot: 720 }, 5)).not.toBe(postId(room, 5));
  expect(numberAlike({ ...room, bot: 720 }, room)).toBe(false);
});

test("a post's id is no thread's", () => {
  expect(() => readPostId("-12/r3" as PostId)).toThrow("not the id of a Telegram post");
});

test("an id of another platform is refused aloud", () => {
  expect(() => readPostId("C123/1.2" as PostId)).toThrow("not the id of a Telegram post");
  expect(() => readThreadId("C123/1.2" as ThreadId)).toThrow("not the id of a Telegram thread");
});

test("a chat id is an integer other than zero that a number holds exactly", () => {
  expect(["-1001234567890", "77"].map(isChatId)).toEqual([true, true]);
  expect(["@team", "", "0", "1e5", "-0", "9".repeat(20)].map(isChatId)).toEqual(Array(6).fill(false));
});
