import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readUpdate } from "../../../adapters/telegram/from-telegram.js";
import { ANN, BOT, context, FORUM, GROUP, inTopic, message, PRIVATE } from "./reading.js";

function eventOf(update: object, changes = {}): unknown {
  const reading = readUpdate(update, context(changes));
  return reading.kind === "event" ? reading.event : reading;
}

const ignored = expect.objectContaining({ kind: "ignored" });

describe("what a person writes", () => {
  test("in a topic belongs to the topic and answers nobody", () => {
    expect(eventOf(inTopic({ text: "hello" }))).toEqual({
      kind: "written",
      key: "w:-1001:5",
      at: 1_777_000_000_000,
      place: { platform: "telegram", chat: "-1001" },
      post: "-1001/5",
      thread: "-1001/3",
      author: { id: "77", name: "Ann Lee" },
      text: "hello",
      files: [],
    });
  });

  test.each(["@smsbot hello", " @SmsBot: hello", "@smsbot"])("speaks to the bot when it begins so: %j", (text) => {
    expect(eventOf(inTopic({ text }))).toMatchObject({ text, speaksTo: "bot" });
    expect(eventOf(inTopic({ caption: text, photo: [] }))).toMatchObject({ speaksTo: "bot" });
    const { message: edited } = inTopic({ text, edit_date: 1_777_000_009 }) as { message: object };
    expect(eventOf({ update_id: 1, edited_message: edited })).toMatchObject({ kind: "edited", speaksTo: "bot" });
  });

  test.each(["mention", "text_mention"])("speaks to colleagues when it begins so: %s", (type) => {
    const entities = [{ type, offset: 1, length: 4 }];
    expect(eventOf(inTopic({ text: " @ann hello", entities }))).toMatchObject({ speaksTo: "colleagues" });
    const caption = { caption: " Anna hello", caption_entities: entities, photo: [] };
    expect(eventOf(inTopic(caption))).toMatchObject({ speaksTo: "colleagues" });
  });

  test.each(["hello @smsbot", "@smsbot2 hello", "@ann hello", "smsbot hello"])("else to the contact: %j", (text) => {
    const entities = [{ type: "mention", offset: 6, length: 4 }];
    expect(eventOf(inTopic({ text, entities }))).not.toHaveProperty("speaksTo");
  });

  test("in a topic as a reply names what it answers as well", () => {
    const event = eventOf(inTopic({ text: "hello", reply_to_message: { message_id: 4 } }));
    expect(event).toMatchObject({ thread: "-1001/3", replyTo: "-1001/4" });
  });

  test("in the General topic belongs to no topic, though replies there carry a thread id", () => {
    const reply = { chat: FORUM, message_thread_id: 4, reply_to_message: { message_id: 4 }, text: "hello" };
    const event = eventOf(message(reply));
    expect(event).toMatchObject({ kind: "written", replyTo: "-1001/4" });
    expect(event).not.toHaveProperty("thread");
  });

  test("in a plain group counts only as a reply", () => {
    expect(eventOf(message({ text: "hello" }))).toEqual(ignored);
    expect(eventOf(message({ text: "hello", reply_to_message: { message_id: 4 } }))).toMatchObject({
      replyTo: "-12/4",
    });
  });

  test("in a private chat counts in any case, if the person may use the bot", () => {
    expect(eventOf(message({ chat: PRIVATE, text: "hello" }))).toMatchObject({ kind: "written", direct: true });
    const stranger = message({ chat: { ...PRIVATE, id: 8 }, from: { ...ANN, id: 8 }, text: "/help" });
    expect(eventOf(stranger)).toEqual(ignored);
  });

  test.each([
    ["a post of the bot", message({ text: "hello", reply_to_message: { message_id: 4, from: BOT } }), true],
    ["a colleague", message({ text: "hello", reply_to_message: { message_id: 4, from: ANN } }), false],
    [
      "in a topic that the bot opened",
      inTopic({ text: "hello", reply_to_message: { message_id: 3, from: BOT } }),
      true,
    ],
    ["in a topic of their own", inTopic({ text: "hello", reply_to_message: { message_id: 3, from: ANN } }), false],
  ])("is spoken to the bot where it answers %s: %#", (_, update, direct) => {
    expect("direct" in (eventOf(update) as object)).toBe(direct);
  });

  test("in a group that the config does not name is ignored", () => {
    expect(eventOf(inTopic({ chat: { ...FORUM, id: -1002 }, text: "hello" }))).toEqual(ignored);
  });

  test("in a group that the config named before is taken, as conversations began there", () => {
    const wasPlace = (chat: string) => chat === "-1002";
    const update = inTopic({ chat: { ...FORUM, id: -1002 }, text: "hello" });
    expect(eventOf(update, { wasPlace })).toMatchObject({ kind: "written", thread: "-1002/3" });
  });

  test("in a group that moved is told under the id of the config, and its posts are no posts of the old group", () => {
    const room = (actual: number) => ({ chat: "-12", actual });
    const event = eventOf(
      message({ chat: { ...FORUM, is_forum: false }, text: "hi", reply_to_message: { message_id: 4 } }),
      {
        room,
      },
    );
    expect(event).toMatchObject({
      key: "w:-1001:5",
      place: { chat: "-12" },
      post: "-12~-1001/5",
      replyTo: "-12~-1001/4",
    });
  });

  test("is told verbatim, with the address of a link that hides behind words", () => {
    const text = "😀 see our page or x.com <b>now</b>";
    const entities = [
      { type: "text_link", offset: 7, length: 8, url: "https://example.com/" },
      { type: "text_link", offset: 19, length: 5, url: "https://x.com" },
      { type: "bold", offset: 0, length: 2 },
    ];
    expect(eventOf(inTopic({ text, entities }))).toMatchObject({
      text: "😀 see our page (https://example.com/) or x.com <b>now</b>",
    });
  });

  test.each([
    [{ photo: [{ file_id: "x" }], caption: "look" }, "a photo", "look"],
    [{ voice: { duration: 3 } }, "a voice message", ""],
    [{ sticker: { emoji: "😀" } }, "a sticker", ""],
    [{ document: { file_name: "plan.pdf" } }, "plan.pdf", ""],
    [{ document: {}, animation: {} }, "an animation", ""],
    [{ location: { latitude: 1, longitude: 2 } }, "a location", ""],
    [{ contact: { phone_number: "1", first_name: "B" } }, "a contact card", ""],
    [{ poll: { question: "?" } }, "a poll", ""],
  ])("besides text is named in words: %j", (fields, file, text) => {
    expect(eventOf(inTopic(fields))).toMatchObject({ files: [file], text });
  });
});

test.each([{ text: "private words" }, { caption: "private words", photo: [] }])(
  "what is forwarded into a topic is told, but none of its words: %j",
  (fields) => {
    const forward_origin = { type: "user", date: 1, sender_user: { ...ANN, is_bot: true } };
    expect(eventOf(inTopic({ ...fields, forward_origin }))).toMatchObject({
      kind: "written",
      text: "",
      files: ["a forwarded message"],
    });
  },
);

describe("who writes", () => {
  test("a bot, a channel and a forwarded channel post are nobody", () => {
    const channel = { id: -1009, type: "channel", title: "News" };
    expect(eventOf(inTopic({ text: "x", from: { ...ANN, is_bot: true } }))).toEqual(ignored);
    expect(eventOf(message({ text: "x", chat: channel, from: undefined, sender_chat: channel }))).toEqual(ignored);
    expect(eventOf(inTopic({ text: "x", sender_chat: channel, is_automatic_forward: true }))).toEqual(ignored);
  });

  test("an anonymous admin is an admin", () => {
    const from = { id: 1_087_968_824, is_bot: true, first_name: "Group" };
    expect(eventOf(inTopic({ text: "x", from, sender_chat: FORUM }))).toMatchObject({
      author: { id: "-1001", name: "an admin" },
    });
  });

  test("words in the name of a channel stay within the team", () => {
    const from = { id: 136_817_688, is_bot: true, first_name: "Channel" };
    const event = eventOf(inTopic({ text: "x", from, sender_chat: { id: -1009, type: "channel" } }));
    expect(event).toMatchObject({ author: { refused: expect.stringContaining("channel") as unknown } });
  });
});

test.each(["forum_topic_created", "forum_topic_closed", "pinned_message", "new_chat_members"])(
  "the service message %s is ignored",
  (name) => {
    expect(eventOf(inTopic({ [name]: {} }))).toEqual(ignored);
  },
);

test("an edit's key holds its time and, as two may fall into one second, the update's number", () => {
  const { message: edited_message } = inTopic({ text: "better", edit_date: 1_777_000_060 }) as { message: object };
  expect(eventOf({ update_id: 2, edited_message })).toEqual({
    kind: "edited",
    key: "e:-1001:5:1777000060:2",
    at: 1_777_000_060_000,
    writtenAt: 1_777_000_000_000,
    place: { platform: "telegram", chat: "-1001" },
    post: "-1001/5",
    author: { id: "77", name: "Ann Lee" },
    text: "better",
  });
});

test("an edit of what answers nothing may be of a reply, whose answered message was deleted since", () => {
  const { message: edited_message } = message({ text: "better", edit_date: 1_777_000_060 }) as { message: object };
  expect(eventOf({ update_id: 2, edited_message })).toMatchObject({ kind: "edited", post: "-12/5", text: "better" });
});

test("a message in a private chat's topic is a message in the private chat", () => {
  const update = message({ chat: PRIVATE, message_thread_id: 3, is_topic_message: true, text: "hello" });
  const reading = readUpdate(update, context());
  expect(reading).toMatchObject({ kind: "event", event: { direct: true } });
  expect(reading).not.toHaveProperty("forum");
  expect(reading).not.toHaveProperty("event.thread");
});

test("a group's move is read on both of its sides", () => {
  const moved = { kind: "moved", from: -12, to: -10012 };
  expect(readUpdate(message({ migrate_to_chat_id: -10012 }), context())).toEqual(moved);
  const other = message({ chat: { id: -10012, type: "supergroup" }, migrate_from_chat_id: -12 });
  expect(readUpdate(other, context())).toEqual(moved);
});

test.each([
  [GROUP, { status: "kicked" }, { present: false, direct: false }],
  [GROUP, { status: "restricted", is_member: false }, { present: false, direct: false }],
  [GROUP, { status: "member" }, { present: true, direct: false }],
  [PRIVATE, { status: "kicked" }, { present: false, direct: true }],
])("the bot's own membership is read: %j %j", (chat, new_chat_member, expected) => {
  const reading = readUpdate({ update_id: 4, my_chat_member: { chat, new_chat_member } }, context());
  expect(reading).toMatchObject({ kind: "membership", chat: String(chat.id), ...expected });
});

test("a topic that somebody opens again is read, where it is one of ours", () => {
  const forum_topic_reopened = {};
  expect(readUpdate(inTopic({ forum_topic_reopened }), context())).toEqual({ kind: "reopened", chat: "-1001" });
  const foreign = message({ chat: { ...GROUP, id: -99 }, forum_topic_reopened });
  expect(readUpdate(foreign, context())).toMatchObject({ kind: "ignored" });
});

test("a stranger who blocks the bot concerns nobody", () => {
  const update = {
    update_id: 4,
    my_chat_member: { chat: { ...PRIVATE, id: 8 }, new_chat_member: { status: "kicked" } },
  };
  expect(readUpdate(update, context())).toMatchObject({ kind: "ignored" });
});

describe("commands of the adapter's own", () => {
  test.each(["/help", "/HELP", "/start", "/help@smsbot", "/help@SmsBot "])("%s asks for help", (text) => {
    expect(readUpdate(inTopic({ text }), context())).toMatchObject({
      kind: "command",
      command: { name: "help", chat: -1001, topic: 3, message: 5 },
    });
  });

  test("/id is heard in a group that the config does not name yet, since the config needs its answer", () => {
    const update = message({ chat: { ...GROUP, id: -99 }, text: "/id" });
    expect(readUpdate(update, context())).toMatchObject({ kind: "command", command: { name: "id", chat: -99 } });
  });

  test.each(["/close", "/help me", "/helpme", "help", "/id@otherbot"])(
    "%s is text, for the bridge to judge",
    (text) => {
      expect(eventOf(inTopic({ text }))).toMatchObject({ kind: "written", text });
    },
  );
});

test("whatever comes in, reading it never throws", () => {
  const some = fc.anything({ withNullPrototype: true, maxDepth: 3 });
  fc.assert(fc.property(some, (update) => void readUpdate(update, context())));
  const fields = fc.dictionary(
    fc.constantFrom("text", "caption", "photo", "from", "chat", "reply_to_message", "date"),
    some,
  );
  fc.assert(fc.property(fields, (odd) => void readUpdate(inTopic(odd), context())));
  const link = fc.record({
    type: fc.constant("text_link"),
    offset: fc.integer(),
    length: fc.integer(),
    url: fc.string(),
  });
  fc.assert(
    fc.property(
      fc.string(),
      fc.array(link),
      (text, entities) => void readUpdate(inTopic({ text, entities }), context()),
    ),
  );
});
