/** Buttons that people press, as Telegram tells of them. */
import { describe, expect, test } from "vitest";
import { readUpdate } from "../../../adapters/telegram/from-telegram.js";
import { ANN, context, FORUM, NOW, PRIVATE } from "./reading.js";

function eventOf(update: object, changes = {}): unknown {
  const reading = readUpdate(update, context(changes));
  return reading.kind === "event" ? reading.event : reading;
}

describe("a pressed button", () => {
  test("tells what its message says, which Telegram cannot be asked later", () => {
    const pressed = { message_id: 9, date: 0, chat: FORUM, text: "Not delivered." };
    expect(eventOf(press({ message: pressed }))).toMatchObject({ kind: "chosen", said: "Not delivered." });
    expect(eventOf(press({}))).not.toHaveProperty("said");
  });

  const press = (fields: object) => ({
    update_id: 3,
    callback_query: {
      id: "q1",
      from: ANN,
      message: { message_id: 9, date: 0, chat: FORUM },
      data: "retry:m_1-A",
      ...fields,
    },
  });

  test("is told with its subject, at the time it came in, and is to be answered", () => {
    expect(readUpdate(press({}), context())).toEqual({
      kind: "event",
      callback: "q1",
      event: {
        kind: "chosen",
        key: "c:q1",
        at: NOW,
        place: { platform: "telegram", chat: "-1001" },
        post: "-1001/9",
        author: { id: "77", name: "Ann Lee" },
        action: "retry",
        subject: "m_1-A",
      },
    });
  });

  test.each([{ data: "explode:1" }, { data: "retry:" }, { data: undefined }, { message: undefined }])(
    "that is not ours is ignored: %j",
    (fields) => {
      expect(readUpdate(press(fields), context())).toMatchObject({ kind: "ignored" });
    },
  );

  test("in a private chat counts only for people who may use the bot", () => {
    const fields = { from: { ...ANN, id: 8 }, message: { message_id: 9, date: 0, chat: { ...PRIVATE, id: 8 } } };
    expect(readUpdate(press(fields), context())).toMatchObject({ kind: "ignored" });
  });
});
