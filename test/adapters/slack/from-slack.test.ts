import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChatEvent } from "../../../src/adapter.js";
import { createEmojiNames } from "../../../adapters/slack/emoji.js";
import { fromSlack, peopleMentioned, type Reader } from "../../../adapters/slack/from-slack.js";

const reader: Reader = {
  home: { team: "T1", botUser: "UBOT" },
  allowOutsiders: false,
  names: { person: (id) => (id === "U1" ? "Anna" : undefined), emoji: createEmojiNames() },
};

const read = (event: object, by: Reader = reader): ChatEvent | undefined =>
  fromSlack({ type: "event_callback", team_id: "T1", event }, by);

const root = "1700000000.000100";
const ts = "1700000060.000200";
const reply = { type: "message", channel: "C1", user: "U1", text: "hello", ts, thread_ts: root, event_ts: ts };

describe("a person's reply in a thread", () => {
  it("is written", () => {
    expect(read(reply)).toEqual({
      kind: "written",
      key: `w:C1:${ts}`,
      at: 1_700_000_060_000,
      place: { platform: "slack", chat: "C1" },
      post: `C1:${ts}`,
      thread: `C1:${root}`,
      author: { id: "U1", name: "Anna" },
      text: "hello",
      files: [],
    });
  });

  it("is one event, whether told as message, as mention or as shown in the channel too", () => {
    const told = [reply, { ...reply, type: "app_mention" }, { ...reply, subtype: "thread_broadcast" }].map((event) =>
      read(event),
    );
    expect(new Set(told.map((event) => event?.key)).size).toBe(1);
  });

  it("speaks to the bot, or to colleagues, when it begins by mentioning them, and only then", () => {
    for (const text of ["<@UBOT> hello", " <@UBOT|sms> hello", "*<@UBOT>* hello", "<@UBOT>"])
      expect(read({ ...reply, text })).toMatchObject({ speaksTo: "bot" });
    for (const text of [
      "<@U1> hello",
      "*<@U1|emma>* hello",
      "<!subteam^S1|@sales> hello",
      "<!here> hello",
      "<!channel>",
      "• <@U1> call him",
      "- <@U1> call him",
      "1. <@U1> call him",
      "&gt; <@U1> call him",
      ":wave::skin-tone-3: <@U1> call him",
      "👍🏽 <@U1> call him",
      "\u200b<@U1> call him",
      "`<@U1>` call him",
      "(<@U1>) call him",
    ])
      expect(read({ ...reply, text })).toMatchObject({ speaksTo: "colleagues" });
    for (const text of [
      "hello <@UBOT>",
      "hello <@U1>",
      "<#C1> <@U1> hello",
      "7 <@U1>",
      "你好 <@U1>",
      ":wave: hi <@U1>",
    ])
      expect(read({ ...reply, text })).not.toHaveProperty("speaksTo");
    for (const text of ["<#C1> hello", "@UBOT hello", "&lt;@UBOT&gt; hello", ""])
      expect(read({ ...reply, text })).not.toHaveProperty("speaksTo");
    const message = { ...reply, text: "<@UBOT> hello", edited: { ts: "1700000070.000000" } };
    const edit = { type: "message", subtype: "message_changed", channel: "C1", event_ts: ts, message };
    expect(read({ ...edit, previous_message: reply })).toMatchObject({ kind: "edited", speaksTo: "bot" });
  });

  it("tells what files it has", () => {
    const files = [{ name: "a.jpg" }, { name: null, title: "Plan" }, { id: "F1" }, { mode: "tombstone" }];
    expect(read({ ...reply, subtype: "file_share", text: "", files })).toMatchObject({
      text: "",
      files: ["a.jpg", "Plan", "a file"],
    });
  });

  it("tells of a message of others that it passes on, but not of a preview beside words", () => {
    const attachments = [{ is_share: true, is_msg_unfurl: true, text: "see this" }];
    const shared = "a shared message";
    expect(read({ ...reply, text: "", attachments })).toMatchObject({ kind: "written", text: "", files: [shared] });
    expect(read({ ...reply, text: "look", attachments })).toMatchObject({ text: "look", files: [shared] });
    expect(read({ ...reply, text: "", attachments: [{ fallback: "x" }] })).toMatchObject({ files: [shared] });
    expect(read({ ...reply, attachments: [{ title: "A page" }] })).toMatchObject({ text: "hello", files: [] });
  });

  it("tells of tables and of what has no words, so that nobody takes it for sent", () => {
    const words = {
      type: "rich_text",
      elements: [{ type: "rich_text_section", elements: [{ type: "text", text: "Our prices:" }] }],
    };
    const table = { type: "table", rows: [[{ type: "raw_text", text: "Cut" }]] };
    const image = { type: "image", image_url: "https://x.example/y.gif", alt_text: "a cat" };
    const prices = { ...reply, text: "Our prices:" };
    const told = (event: object) => read({ ...prices, ...event });
    const beside = { text: "Our prices:", files: ["a table"] };
    expect(told({ blocks: [words, table] })).toMatchObject(beside);
    expect(told({ blocks: [words], attachments: [{ fallback: "x", blocks: [table] }] })).toMatchObject(beside);
    expect(told({ text: "", blocks: [], attachments: [{ blocks: [table] }] })).toMatchObject({ files: ["a table"] });
    expect(told({ text: "", blocks: [image] })).toMatchObject({ text: "", files: ["an image"] });
    expect(told({ text: "", blocks: [{ type: "new_in_2030" }] })).toMatchObject({
      text: "",
      files: ["something that only Slack shows"],
    });
    expect(told({ blocks: [words], attachments: [{ blocks: [image] }] })).toMatchObject({ files: [] });
    expect(told({ text: "", blocks: [words] })).toMatchObject({ text: "Our prices:", files: [] });
    expect(told({ text: "", blocks: [] })).toMatchObject({ text: "", files: [] });
  });

  it("by somebody of another organisation is refused, unless the config allows it", () => {
    const theirs = { ...reply, user_team: "T2", source_team: "T2", team: "T2" };
    expect(read(theirs)).toMatchObject({ author: { refused: expect.stringContaining("another organisation") } });
    expect(read(theirs, { ...reader, allowOutsiders: true })).toMatchObject({ author: { id: "U1", name: "Anna" } });
    expect(read({ ...reply, user_team: "T1", team: "T1" })).not.toHaveProperty("author.refused");
  });
});

it("by a colleague of another workspace of the same Enterprise is refused by nobody here: Slack's answer decides", () => {
  const enterprise = { ...reader, home: { ...reader.home, enterprise: "E1" } };
  const theirs = { ...reply, user_team: "T2", source_team: "T2", team: "T2" };
  expect(read(theirs, enterprise)).not.toHaveProperty("author.refused");
  const press = {
    type: "block_actions",
    user: { id: "U1", team_id: "T2" },
    channel: { id: "C1" },
    message: { ts },
    actions: [{ action_id: "retry:m1", action_ts: "1700000200.123456" }],
  };
  expect(fromSlack(press, enterprise)).not.toHaveProperty("author.refused");
  expect(fromSlack(press, reader)).toHaveProperty("author.refused");
});

describe("nothing has happened for the bridge", () => {
  it.each([
    ["when somebody chats in the channel", { ...reply, thread_ts: undefined }],
    ["when it is the thread's first message", { ...reply, thread_ts: ts }],
    ["when the bot itself wrote", { ...reply, user: "UBOT" }],
    ["when our post comes back under a contact's name", { ...reply, subtype: "bot_message", bot_id: "B1" }],
    ["when another app wrote", { ...reply, bot_id: "B2" }],
    ["when Slackbot wrote", { ...reply, user: "USLACKBOT" }],
    ["when somebody joined", { ...reply, subtype: "channel_join" }],
    ["when a reply was counted", { ...reply, subtype: "message_replied" }],
    ["when it is another kind of event", { ...reply, type: "reaction_added" }],
  ])("%s", (_, event) => {
    expect(read(event)).toBeUndefined();
  });
});

describe("an edit", () => {
  const edited = { user: "U1", ts: "1700000099.000000" };
  const change = (message: object, previous: object = reply) => ({
    type: "message",
    subtype: "message_changed",
    channel: "C1",
    ts: "1700000100.000000",
    event_ts: "1700000100.000000",
    message: { ...reply, ...message },
    previous_message: previous,
  });

  it("is told when the text is another one", () => {
    expect(read(change({ text: "hello!", edited }))).toEqual({
      kind: "edited",
      key: `e:C1:${ts}:1700000099.000000`,
      at: 1_700_000_099_000,
      writtenAt: 1_700_000_060_000,
      place: { platform: "slack", chat: "C1" },
      post: `C1:${ts}`,
      thread: `C1:${reply.thread_ts}`,
      author: { id: "U1", name: "Anna" },
      text: "hello!",
    });
  });

  it.each([
    ["a preview was added", { attachments: [{}] }, reply],
    ["a preview was added to an edited post", { edited }, { ...reply, edited }],
    ["only the look changed", { text: "*hello*", edited }, reply],
    ["the bot drew its own post anew", { bot_id: "B1", text: "other", edited }, reply],
    ["the first message of a thread was edited", { thread_ts: ts, text: "other", edited }, reply],
  ])("is not told when %s", (_, message, previous) => {
    expect(read(change(message, previous))).toBeUndefined();
  });

  it("to a tombstone means that the thread is gone", () => {
    const tombstone = { subtype: "tombstone", user: "USLACKBOT", ts: root, thread_ts: root, text: "deleted" };
    expect(read(change(tombstone))).toMatchObject({ kind: "gone", key: `g:C1:${root}`, thread: `C1:${root}` });
  });
});

describe("a deletion", () => {
  const deletion = (previous?: object) => ({
    type: "message",
    subtype: "message_deleted",
    channel: "C1",
    ts: "1700000100.000000",
    event_ts: "1700000100.000000",
    deleted_ts: ts,
    ...(previous === undefined ? {} : { previous_message: previous }),
  });

  it("of a person's reply is told", () => {
    const told = { kind: "deleted", key: `d:C1:${ts}`, post: `C1:${ts}`, at: 1_700_000_100_000 };
    expect(read(deletion(reply))).toMatchObject(told);
    expect(read(deletion())).toMatchObject(told);
  });

  it("of a root of ours means that the thread is gone", () => {
    const ours = { ts, bot_id: "B1", user: "UBOT", text: "card" };
    expect(read(deletion(ours))).toMatchObject({ kind: "gone", key: `g:C1:${ts}` });
    expect(read(deletion({ ts, thread_ts: ts, subtype: "tombstone" }))).toMatchObject({
      kind: "gone",
      key: `g:C1:${ts}`,
    });
  });

  it("of our own reply, or of a person's chat in the channel, is not told", () => {
    expect(read(deletion({ ...reply, bot_id: "B1" }))).toBeUndefined();
    expect(read(deletion({ ...reply, thread_ts: undefined }))).toBeUndefined();
  });
});

describe("a pressed button", () => {
  const press = {
    type: "block_actions",
    user: { id: "U1", team_id: "T1" },
    team: { id: "T1" },
    channel: { id: "C1" },
    message: { ts, thread_ts: root, text: "failed", blocks: [] },
    actions: [{ type: "button", action_id: "retry:m_a-1", action_ts: "1700000200.123456" }],
  };

  it("is a choice", () => {
    expect(fromSlack(press, reader)).toEqual({
      kind: "chosen",
      key: `c:C1:${ts}:retry:m_a-1:1700000200.123456:U1`,
      at: 1_700_000_200_123,
      place: { platform: "slack", chat: "C1" },
      post: `C1:${ts}`,
      author: { id: "U1", name: "Anna" },
      action: "retry",
      subject: "m_a-1",
    });
  });

  it("by somebody of another organisation is refused", () => {
    expect(fromSlack({ ...press, user: { id: "U9", team_id: "T2" } }, reader)).toHaveProperty("author.refused");
  });

  it("that is none of ours is nothing", () => {
    const actions = [{ action_id: "explode:m1", action_ts: "1.1" }];
    expect(fromSlack({ ...press, actions }, reader)).toBeUndefined();
  });
});

it("names the people whose names a text needs", () => {
  const event = { ...reply, text: "ask <@U7>" };
  expect(peopleMentioned({ type: "event_callback", event })).toEqual(["U7"]);
  const change = { ...reply, subtype: "message_changed", message: event };
  expect(peopleMentioned({ type: "event_callback", event: change })).toEqual(["U7"]);
  expect(peopleMentioned({ type: "block_actions" })).toEqual([]);
});

it("nothing that could arrive makes it throw", () => {
  const keys = [
    "subtype",
    "user",
    "text",
    "ts",
    "thread_ts",
    "blocks",
    "files",
    "edited",
    "message",
    "previous_message",
  ];
  const odd = fc.dictionary(fc.constantFrom(...keys), fc.jsonValue());
  const event = fc
    .tuple(fc.constantFrom({}, reply, { ...reply, subtype: "message_changed" }), odd)
    .map(([base, more]) => ({
      ...base,
      ...more,
    }));
  fc.assert(
    fc.property(event, (happened) => {
      const told = read(happened);
      if (told?.kind === "written" || told?.kind === "edited") expect(typeof told.text).toBe("string");
    }),
  );
  fc.assert(
    fc.property(fc.jsonValue(), (body) => {
      fromSlack(body, reader);
      peopleMentioned(body);
    }),
  );
});
