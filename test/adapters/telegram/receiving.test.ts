import { describe, expect, test } from "vitest";
import { createMemory, eventually, type Mode, placeOf, startBridge, startTelegram, textOf } from "./harness.js";
import type { ThreadId } from "../../../src/message.js";

describe.each<Mode>(["polling", "webhook"])("by %s", (mode) => {
  async function connected() {
    const telegram = await startTelegram();
    const chat = telegram.addGroup({ title: "Texts", forum: true });
    const ann = telegram.addUser({ firstName: "Ann", lastName: "Lee" });
    const topic = telegram.opensTopic(chat, telegram.owner, "Theirs");
    const memory = createMemory();
    const bridge = await startBridge(telegram, { mode, memory, places: [String(chat)], allowedUsers: [ann] });
    return { telegram, chat, ann, topic, memory, ...bridge };
  }

  test("what a person writes in a topic arrives, in order, and an edit after it", async () => {
    const { telegram, chat, ann, topic, events } = await connected();
    const first = telegram.says(chat, ann, "one", { topic });
    telegram.says(chat, ann, "two", { topic, replyTo: first });
    telegram.edits(chat, first, "one!");
    await eventually(() => expect(events).toHaveLength(3));
    const place = placeOf(chat);
    const author = { id: String(ann), name: "Ann Lee" };
    expect(events).toMatchObject([
      { kind: "written", text: "one", thread: `${chat}/${topic}`, place, author },
      { kind: "written", text: "two", thread: `${chat}/${topic}`, replyTo: `${chat}/${first}` },
      { kind: "edited", text: "one!", post: `${chat}/${first}` },
    ]);
    expect(events[0]).not.toHaveProperty("replyTo");
  });

  test("a private chat of a person who may use the bot is direct, a stranger's is silence", async () => {
    const { telegram, ann, events, logs } = await connected();
    const eve = telegram.addUser({ firstName: "Eve" });
    telegram.privateChat(eve);
    telegram.says(eve, eve, "/id");
    telegram.says(eve, eve, "private words");
    telegram.privateChat(ann);
    telegram.says(ann, ann, "hello");
    await eventually(() => expect(events).toMatchObject([{ kind: "written", direct: true, text: "hello" }]));
    await eventually(() => expect(telegram.messages(ann)).toHaveLength(3));
    const heard = () =>
      logs.filter(({ level, fields }) => level === "debug" && "user" in fields && fields.user === eve);
    await eventually(() => expect(heard()).toHaveLength(3));
    expect(telegram.messages(eve).filter(({ from }) => from.isBot)).toEqual([]);
  });

  test("that the bot was added, or got rights, and that a topic was opened again, is told as something mended", async () => {
    const { telegram, chat, topic, mended } = await connected();
    telegram.kicksBot(chat);
    telegram.addsBot(chat);
    await eventually(() => expect(mended).toEqual([String(chat)]));
    telegram.promotesBot(chat);
    await eventually(() => expect(mended).toHaveLength(2));
    telegram.closesTopic(chat, topic);
    telegram.reopensTopic(chat, topic);
    await eventually(() => expect(mended).toEqual(Array.from({ length: 3 }, () => String(chat))));
  });

  test("a pressed button arrives, and the person's spinner ends", async () => {
    const { telegram, chat, ann, topic, events, adapter } = await connected();
    const choices = [{ action: "send", subject: "m1", label: "Send" }] as const;
    const post = await adapter.send(`${chat}/${topic}` as ThreadId, textOf("Send this?", { choices }), "k");
    await telegram.presses(chat, Number(post.split("/")[1]), "send:m1", ann).answered;
    expect(events).toMatchObject([
      { kind: "chosen", action: "send", subject: "m1", post, author: { name: "Ann Lee" } },
    ]);
  });

  test("a press that can no longer be answered has arrived all the same", async () => {
    const { telegram, chat, ann, topic, events, adapter, logs } = await connected();
    telegram.fail({
      method: "answerCallbackQuery",
      kind: "status",
      code: 400,
      description: "Bad Request: query is too old",
    });
    const choices = [{ action: "send", subject: "m1", label: "Send" }] as const;
    const post = await adapter.send(`${chat}/${topic}` as ThreadId, textOf("Send this?", { choices }), "k");
    void telegram.presses(chat, Number(post.split("/")[1]), "send:m1", ann);
    await eventually(() =>
      expect(logs).toContainEqual(expect.objectContaining({ msg: "telegram: could not answer a button" })),
    );
    expect(events).toHaveLength(1);
  });

  test("/id answers with the ids of chat and topic, ready to be copied", async () => {
    const { telegram, chat, ann, topic, events } = await connected();
    telegram.says(chat, ann, "/id", { topic });
    await eventually(() => expect(telegram.messages(chat, topic).at(-1)?.from.isBot).toBe(true));
    const answer = telegram.messages(chat, topic).at(-1);
    const codes = answer?.rendered.filter(({ styles }) => styles.includes("code")).map(({ text }) => text);
    expect(codes).toEqual([String(chat), String(topic)]);
    expect(events).toEqual([]);
  });

  test("/help answers in the group, also before the config names it", async () => {
    const { telegram, ann } = await connected();
    const other = telegram.addGroup({ title: "New", forum: false });
    telegram.says(other, ann, `/help@${telegram.bot.username}`);
    await eventually(() => expect(telegram.messages(other).at(-1)?.text).toContain("/id tells the ids of this chat"));
  });

  test("an update that could not be stored comes again, and what follows it waits", async () => {
    const { telegram, chat, ann, topic, events, broken, adapter, logs } = await connected();
    broken(true);
    telegram.says(chat, ann, "one", { topic });
    telegram.says(chat, ann, "two", { topic });
    const failed = mode === "polling" ? "telegram: polling failed" : "could not be stored";
    const says = expect.objectContaining({ level: "error", msg: expect.stringContaining(failed) as string });
    await eventually(() => expect(logs).toContainEqual(says));
    if (mode === "polling") expect(adapter.unwell()).toContain("cannot store");
    broken(false);
    await eventually(() => expect(events).toMatchObject([{ text: "one" }, { text: "two" }]));
    expect(adapter.unwell()).toBeUndefined();
  });

  test("a chat that throws the bot out makes the adapter unwell until the bot is back", async () => {
    const { telegram, chat, adapter } = await connected();
    telegram.kicksBot(chat);
    await eventually(() => expect(adapter.unwell()).toContain(`removed from Telegram chat ${chat}`));
    telegram.addsBot(chat);
    await eventually(() => expect(adapter.unwell()).toBeUndefined());
  });

  test("a person who blocks the bot makes it unwell too, but only if they may use it", async () => {
    const { telegram, ann, adapter } = await connected();
    const eve = telegram.addUser({ firstName: "Eve" });
    for (const user of [eve, ann]) telegram.privateChat(user);
    for (const user of [eve, ann]) telegram.blocksBot(user);
    await eventually(() => expect(adapter.unwell()).toContain(`user ${ann} has blocked`));
    expect(adapter.unwell()).not.toContain(String(eve));
    telegram.unblocks(ann);
    await eventually(() => expect(adapter.unwell()).toBeUndefined());
  });

  test("a group that becomes a supergroup keeps the id of the config, for good", async () => {
    const telegram = await startTelegram();
    const chat = telegram.addGroup({ title: "Small", forum: false, type: "group" });
    const ann = telegram.addUser({ firstName: "Ann" });
    const memory = createMemory();
    const options = { mode, memory, places: [String(chat)] };
    const bridge = await startBridge(telegram, options);
    const moved = telegram.migrates(chat);
    const first = telegram.says(moved, ann, "one");
    telegram.says(moved, ann, "two", { replyTo: first });
    await eventually(() => expect(bridge.events).toMatchObject([{ text: "two", place: placeOf(chat) }]));
    expect(bridge.events[0]).toMatchObject({ replyTo: `${chat}~${moved}/${first}` });
    await bridge.adapter.stop();
    const again = await startBridge(telegram, options);
    telegram.says(moved, ann, "three", { replyTo: first });
    await eventually(() => expect(again.events.at(-1)).toMatchObject({ text: "three", place: placeOf(chat) }));
  });
});

test("/id tells the id by which the config names the group that moved, and a topic is known by that one too", async () => {
  const telegram = await startTelegram();
  const chat = telegram.addGroup({ title: "Small", forum: false, type: "group" });
  const memory = createMemory();
  const before = await startBridge(telegram, { memory, places: [String(chat)] });
  const moved = telegram.turnsTopics(chat, true);
  telegram.says(moved, telegram.owner, "/id");
  await eventually(() => expect(telegram.messages(moved).at(-1)?.text).toContain(`This chat: ${chat} `));
  await before.adapter.stop();
  const after = await startBridge(telegram, { memory, places: [String(moved)] });
  telegram.says(moved, telegram.owner, "/id");
  await eventually(() => expect(telegram.messages(moved).at(-1)?.text).toContain(`This chat: ${moved} `));
  await expect(after.adapter.twinOf(`${moved}/12` as ThreadId)).resolves.toBe(`${chat}/12`);
});

test("a config that names the supergroup's new id keeps that id", async () => {
  const telegram = await startTelegram();
  const chat = telegram.addGroup({ title: "Small", forum: false, type: "group" });
  const ann = telegram.addUser({ firstName: "Ann" });
  const moved = telegram.migrates(chat);
  const { events } = await startBridge(telegram, { places: [String(moved)] });
  const first = telegram.says(moved, ann, "one");
  telegram.says(moved, ann, "two", { replyTo: first });
  await eventually(() => expect(events).toMatchObject([{ place: placeOf(moved), replyTo: `${moved}/${first}` }]));
});
