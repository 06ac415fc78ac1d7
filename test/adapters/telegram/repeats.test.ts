/** What a lost answer leaves behind in Telegram: a topic is known again, a post may be there twice and says so. */
import { describe, expect, test } from "vitest";
import {
  callsOf,
  CARD,
  CONVERSATION,
  createMemory,
  eventually,
  placeOf,
  startBridge,
  startTelegram,
  textOf,
} from "./harness.js";
import type { Mode } from "./harness.js";
import { createTopics } from "../../../adapters/telegram/topics.js";

const MODES: readonly Mode[] = ["polling", "webhook"];
const LOST = { method: "createForumTopic", kind: "reset after effect", times: 1 } as const;

async function inForum(mode: Mode = "polling", memory = createMemory()) {
  const telegram = await startTelegram();
  const chat = telegram.addGroup({ title: "Texts", forum: true });
  const bridge = await startBridge(telegram, { mode, memory });
  const open = (card = CARD) => bridge.adapter.open(CONVERSATION, placeOf(chat), card, "k1");
  /** Every update so far has been taken. */
  const told = (topics: number) =>
    eventually(() => expect([...memory.held].filter(([key]) => key.startsWith("topics:"))).toHaveLength(topics));
  return { telegram, chat, memory, ...bridge, open, told };
}

describe("a topic whose opening was never answered", () => {
  test.each(MODES)("is used once Telegram has told of it, by %s", async (mode) => {
    const { telegram, chat, open, told } = await inForum(mode);
    telegram.fail(LOST);
    await expect(open()).rejects.toMatchObject({ name: "RetryLater", uncertain: true });
    await told(1);
    const [topic] = telegram.topics(chat);
    expect(await open()).toEqual({ thread: `${chat}/${topic?.id}`, found: true });
    expect(telegram.topics(chat)).toHaveLength(1);
  });

  test.each(MODES)("is used after a restart as well, by %s", async (mode) => {
    const { telegram, chat, adapter, open, memory } = await inForum(mode);
    await adapter.stop();
    telegram.fail(LOST);
    await expect(open()).rejects.toMatchObject({ uncertain: true });
    const again = await startBridge(telegram, { mode, memory });
    await eventually(() => expect(memory.held.size).toBeGreaterThan(mode === "polling" ? 1 : 0));
    const opened = await again.adapter.open(CONVERSATION, placeOf(chat), CARD, "k1");
    expect(opened.found).toBe(true);
    expect(telegram.topics(chat)).toHaveLength(1);
  });

  test("is nobody else's, and is used once", async () => {
    const { telegram, chat, open, told } = await inForum();
    telegram.fail(LOST);
    await expect(open()).rejects.toMatchObject({ uncertain: true });
    await told(1);
    expect(await open({ ...CARD, contact: "+1 555 0199" })).not.toHaveProperty("found");
    expect(await open()).toHaveProperty("found", true);
    expect(await open()).not.toHaveProperty("found");
    expect(telegram.topics(chat)).toHaveLength(3);
  });

  test.each(["answered", "told of"])(
    "that was %s is used though the bridge then died before it could note so",
    async (how) => {
      const { telegram, chat, open, told } = await inForum();
      if (how === "told of") {
        telegram.fail(LOST);
        await expect(open()).rejects.toMatchObject({ uncertain: true });
        await told(1);
      }
      const { thread } = await open();
      expect(await open({ ...CARD, repeat: true })).toEqual({ thread, found: true });
      expect(telegram.topics(chat)).toHaveLength(1);
    },
  );

  test("is known as the twin of the one that was opened in its place, once Telegram tells of it", async () => {
    const topics = createTopics(createMemory());
    await topics.answered(-100, "Alice", 7, "k1");
    await topics.told(-100, "Alice", 5);
    await topics.told(-100, "Bob", 6);
    const twins = await Promise.all([5, 6, 7, 8].map((topic) => topics.twinOf(-100, topic)));
    expect(twins).toEqual([7, undefined, undefined, undefined]);
  });

  test("that Telegram does not tell of in time is opened anew, and the card tells of the empty one", async () => {
    const { telegram, chat, adapter, open } = await inForum();
    telegram.fail({ ...LOST });
    telegram.fail({ method: "getUpdates", kind: "hang" });
    await adapter.stop();
    await expect(open()).rejects.toMatchObject({ uncertain: true });
    const { thread, found } = await open();
    expect(found).toBeUndefined();
    await adapter.showCard(thread, { ...CARD, repeat: true });
    const [card] = telegram.messages(chat, Number(thread.split("/")[1])).filter(({ kind }) => kind === "text");
    expect(card?.text).toMatch(/may be an empty topic of the same name/);
    expect(telegram.topics(chat)).toHaveLength(2);
  });
});

describe("a topic", () => {
  test("that is in use, or that somebody else made, is never taken for one left behind", async () => {
    const { telegram, chat, open, told, events } = await inForum();
    const first = await open();
    await told(1);
    const theirs = telegram.opensTopic(chat, telegram.owner, "+1 555 0100 · Sales");
    telegram.says(chat, telegram.owner, "hello", { topic: theirs });
    await eventually(() => expect(events).toHaveLength(1));
    const second = await open();
    expect(second).not.toHaveProperty("found");
    expect(new Set([first.thread, second.thread, `${chat}/${theirs}`]).size).toBe(3);
  });

  test("is remembered without the contact's number", async () => {
    const { open, memory } = await inForum();
    await open();
    const stored = [...memory.held].flat().join(" ");
    expect(stored).toContain("topics:");
    expect(stored).not.toMatch(/555|Sales/);
  });
});

test("a possible repeat is marked in italics, before name and words", async () => {
  const { telegram, chat, adapter, open } = await inForum();
  const { thread } = await open();
  await adapter.send(thread, textOf("(maybe a repeat)"), "k1");
  await adapter.send(thread, textOf("hello", { repeat: true }), "k2");
  await adapter.send(thread, textOf("hello", { repeat: true, speaker: { kind: "colleague", name: "Eve" } }), "k3");
  const sent = callsOf(telegram, "sendMessage");
  expect(sent.map(({ text }) => text)).toEqual([
    "+1 555 0100\n(maybe a repeat)",
    "(maybe a repeat)\n+1 555 0100\nhello",
    "(maybe a repeat)\nEve\nhello",
  ]);
  const italic = [{ type: "italic", offset: 0, length: 16 }];
  expect(sent.map(({ entities }) => entities)).toMatchObject([
    [{ type: "bold" }],
    [...italic, { type: "bold" }],
    [...italic, { type: "bold" }],
  ]);
  expect(telegram.messages(chat)).not.toEqual([]);
});

test("a message that opens a chain anew says that it may be a repeat", async () => {
  const telegram = await startTelegram();
  const chat = telegram.addGroup({ title: "Small", forum: false });
  const { adapter } = await startBridge(telegram);
  await adapter.open(CONVERSATION, placeOf(chat), { ...CARD, repeat: true }, "k1");
  expect(callsOf(telegram, "sendMessage")[0]?.text).toMatch(/may be a repeat/);
});
