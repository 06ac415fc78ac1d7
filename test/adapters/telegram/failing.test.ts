import { describe, expect, test } from "vitest";
import { ThreadGone } from "../../../src/errors.js";
import type { PostId, ThreadId } from "../../../src/message.js";
import type { FaultOrder } from "../../../src/sandbox/telegram/faults.js";
import { callsOf, CARD, CONVERSATION, createMemory, placeOf, startBridge, startTelegram, textOf } from "./harness.js";

async function connected() {
  const telegram = await startTelegram();
  const chat = telegram.addGroup({ title: "Texts", forum: true });
  const bridge = await startBridge(telegram, { timeoutMs: 300, pollSeconds: 1 });
  const topic = telegram.opensTopic(chat, telegram.owner, "Theirs");
  const thread = `${chat}/${topic}` as ThreadId;
  return { telegram, chat, ...bridge, thread, send: () => bridge.adapter.send(thread, textOf("private words"), "k") };
}

test.each<[FaultOrder, object]>([
  [
    { kind: "rate-limit", retryAfter: 7 },
    { scope: "target", afterMs: 7000, uncertain: false },
  ],
  [
    { kind: "status", code: 500, description: "Internal Server Error" },
    { scope: "delivery", uncertain: true },
  ],
  [{ kind: "status", code: 502, description: "Bad Gateway" }, { uncertain: true }],
  [{ kind: "reset before effect" }, { uncertain: true }],
  [{ kind: "reset after effect" }, { uncertain: true }],
  [{ kind: "hang" }, { uncertain: true }],
  [{ kind: "garbage" }, { uncertain: true }],
  [{ kind: "truncated" }, { uncertain: true }],
  [
    { kind: "status", code: 400, description: "Bad Request: chat not found" },
    { scope: "target", afterMs: 60_000 },
  ],
  [
    { kind: "status", code: 401, description: "Unauthorized" },
    { scope: "target", afterMs: 60_000 },
  ],
])("a send that ends with %j is tried again as it should be", async (fault, expected) => {
  const { telegram, send } = await connected();
  telegram.fail({ ...fault, method: "sendMessage", times: 1 });
  await expect(send()).rejects.toMatchObject({ name: "RetryLater", ...expected });
  await expect(send()).resolves.toBeTruthy();
});

test("a topic whose opening got no answer may be there", async () => {
  const { telegram, chat, adapter } = await connected();
  telegram.fail({ method: "createForumTopic", kind: "reset after effect", times: 1 });
  const opening = adapter.open(CONVERSATION, placeOf(chat), CARD, "k");
  await expect(opening).rejects.toMatchObject({ name: "RetryLater", uncertain: true });
});

test("a mark that got no answer is simply set again", async () => {
  const { telegram, chat, adapter } = await connected();
  telegram.fail({ method: "setMessageReaction", kind: "hang", times: 1 });
  await expect(adapter.mark(`${chat}/5` as PostId, "sent")).rejects.toMatchObject({
    name: "RetryLater",
    uncertain: false,
  });
});

test("nobody listening: the text has certainly not gone out", async () => {
  const { telegram, send } = await connected();
  await telegram.close();
  await expect(send()).rejects.toMatchObject({ name: "RetryLater", uncertain: false });
});

describe("what an admin has to mend", () => {
  test("makes the adapter unwell with the remedy, until a text gets through", async () => {
    const { telegram, chat, adapter, send } = await connected();
    telegram.takesRight(chat, "can_send_messages");
    await expect(send()).rejects.toMatchObject({ scope: "target", afterMs: 60_000 });
    expect(adapter.unwell()).toContain(`lacks rights in Telegram chat ${chat}`);
    telegram.givesRight(chat, "can_send_messages");
    await send();
    expect(adapter.unwell()).toBeUndefined();
  });

  test("a missing right to manage topics keeps waiting what needs a new one, and nothing else", async () => {
    const { telegram, chat, adapter } = await connected();
    telegram.takesRight(chat, "can_manage_topics");
    const opening = adapter.open(CONVERSATION, placeOf(chat), CARD, "k");
    await expect(opening).rejects.toMatchObject({ name: "RetryLater", scope: "delivery", afterMs: 60_000 });
  });

  test("what is for a person who blocked the bot waits, and the adapter is well again once it is unblocked", async () => {
    const telegram = await startTelegram();
    const user = telegram.addUser({ firstName: "Ann" });
    telegram.privateChat(user);
    const { adapter } = await startBridge(telegram, { allowedUsers: [user] });
    const { thread } = await adapter.open(CONVERSATION, placeOf(user), CARD, "k1");
    telegram.blocksBot(user);
    const sending = () => adapter.send(thread, textOf("hello"), "k2");
    await expect(sending()).rejects.toMatchObject({ name: "RetryLater", scope: "target", mend: true });
    expect(adapter.unwell()).toContain(`user ${user} has blocked the bot`);
    telegram.unblocks(user);
    await expect(sending()).resolves.toMatch(/^\d+\/\d+$/);
    expect(adapter.unwell()).toBeUndefined();
  });
});

describe("a group that becomes a supergroup", () => {
  async function small() {
    const telegram = await startTelegram();
    const chat = telegram.addGroup({ title: "Small", forum: false, type: "group" });
    const memory = createMemory();
    // Deaf at first: only the refused call tells that the group has moved.
    telegram.fail({ method: "getUpdates", kind: "hang", times: 1 });
    const bridge = await startBridge(telegram, { memory, places: [String(chat)] });
    return { telegram, chat, memory, ...bridge };
  }

  test("is followed in the same call, and the new id is remembered for good", async () => {
    const { telegram, chat, adapter, memory } = await small();
    await adapter.open(CONVERSATION, placeOf(chat), CARD, "k1");
    const moved = telegram.migrates(chat);
    const { thread } = await adapter.open(CONVERSATION, placeOf(chat), CARD, "k2");
    expect(thread).toMatch(new RegExp(`^${chat}~${moved}/r\\d+$`));
    const again = await startBridge(telegram, { memory, places: [String(chat)] });
    await again.adapter.send(thread, textOf("hello"), "k3");
    expect(telegram.messages(moved).at(-1)?.text).toContain("hello");
    expect(callsOf(telegram, "sendMessage").filter(({ chat_id }) => chat_id === chat)).toHaveLength(2);
  });

  test("takes its chains along as new ones: a root's number means another message there", async () => {
    const { telegram, chat, adapter } = await small();
    const { thread } = await adapter.open(CONVERSATION, placeOf(chat), CARD, "k1");
    const moved = telegram.migrates(chat);
    await expect(adapter.send(thread, textOf("hello"), "k2")).rejects.toBeInstanceOf(ThreadGone);
    expect(telegram.messages(moved).filter(({ kind }) => kind === "text")).toEqual([]);
  });

  test("never has a mark or an outcome land on another message of the same number", async () => {
    const { telegram, chat, adapter } = await small();
    const { thread } = await adapter.open(CONVERSATION, placeOf(chat), CARD, "k1");
    const post = await adapter.send(thread, textOf("hello"), "k2");
    const moved = telegram.migrates(chat);
    for (const text of ["a", "b", "c"]) telegram.says(moved, telegram.owner, text);
    await adapter.mark(post, "sent");
    await adapter.settle(post, "Done.");
    expect(telegram.messages(moved).flatMap(({ reactions }) => reactions)).toEqual([]);
    expect(callsOf(telegram, "setMessageReaction").map(({ chat_id }) => chat_id)).toEqual([chat]);
  });

  test("and gets topics goes on in topics", async () => {
    const { telegram, chat, adapter } = await small();
    const { thread } = await adapter.open(CONVERSATION, placeOf(chat), CARD, "k1");
    const forum = telegram.turnsTopics(chat, true);
    await expect(adapter.send(thread, textOf("hello"), "k2")).rejects.toBeInstanceOf(ThreadGone);
    const opened = await adapter.open(CONVERSATION, placeOf(chat), CARD, "k3");
    await adapter.send(opened.thread, textOf("hello"), "k4");
    const [topic] = telegram.topics(forum);
    expect(opened.thread).toBe(`${chat}/${topic?.id}`);
    expect(telegram.messages(forum, topic?.id).at(-1)).toMatchObject({ text: `${CARD.contact}\nhello` });
  });
});
