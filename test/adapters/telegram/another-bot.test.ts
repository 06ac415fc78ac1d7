/** A database that has worked with one bot is given another one: in private chats and small groups each bot counts from 1. */
import { expect, test } from "vitest";
import { ThreadGone } from "../../../src/errors.js";
import type { TelegramEmulator } from "../../../src/sandbox/telegram/index.js";
import {
  type Bridge,
  callsOf,
  CARD,
  CONVERSATION,
  createBridge,
  createMemory,
  eventually,
  placeOf,
  startBridge,
  startTelegram,
  textOf,
} from "./harness.js";

const ANN = 77;
const FORUM = -1_001_234_567_890;

/** The same chats, as each bot knows them. */
async function telegramOf(bot: number): Promise<TelegramEmulator> {
  const telegram = await startTelegram({ botToken: `${bot}:AASecretOfABot0000000000000000000000` });
  telegram.addUser({ id: ANN, firstName: "Ann" });
  telegram.privateChat(ANN);
  telegram.addGroup({ id: FORUM, title: "Texts", forum: true });
  return telegram;
}

async function twoBots() {
  const [one, two] = [await telegramOf(710), await telegramOf(720)];
  const options = { memory: createMemory(), allowedUsers: [ANN], places: [String(ANN), String(FORUM)] };
  const first = await startBridge(one, options);
  await first.adapter.stop();
  return { one, two, options, first };
}

async function hears(bridge: Bridge, telegram: TelegramEmulator, chat: number, topic?: number) {
  const post = telegram.says(chat, ANN, "hello", topic === undefined ? {} : { topic });
  await eventually(() => expect(bridge.events).toHaveLength(1));
  return { post, event: bridge.events[0] };
}

test("what is written to the other bot is never taken for what was written to the first", async () => {
  const { one, two, options } = await twoBots();
  const other = await startBridge(two, options);
  const { post, event } = await hears(other, two, ANN);
  expect(event).toMatchObject({ key: `w:77@720:${post}`, post: `77@720/${post}`, place: placeOf(ANN) });
  await other.adapter.stop();
  const again = await startBridge(one, options);
  const before = await hears(again, one, ANN);
  expect(before.event).toMatchObject({ key: `w:77:${before.post}`, post: `77/${before.post}` });
});

test("a supergroup counts for all bots alike", async () => {
  const { two, options } = await twoBots();
  const other = await startBridge(two, options);
  const topic = two.opensTopic(FORUM, two.owner, "Theirs");
  const { post, event } = await hears(other, two, FORUM, topic);
  expect(event).toMatchObject({ key: `w:${FORUM}:${post}`, post: `${FORUM}/${post}` });
});

test("chains of the first bot are gone for the other, and its posts are left alone", async () => {
  const { one, two, options } = await twoBots();
  const first = await startBridge(one, options);
  const { thread } = await first.adapter.open(CONVERSATION, placeOf(ANN), CARD, "k1");
  const post = await first.adapter.send(thread, textOf("hello"), "k2");
  await first.adapter.stop();
  const { adapter } = await startBridge(two, options);
  await expect(adapter.send(thread, textOf("private words"), "k3")).rejects.toThrow(ThreadGone);
  await adapter.mark(post, "sent");
  await adapter.settle(post, "Sent.", "Send it?");
  const said = callsOf(two, "sendMessage").filter(({ text }) => String(text).includes("private words"));
  expect([...said, ...callsOf(two, "setMessageReaction"), ...callsOf(two, "editMessageText")]).toEqual([]);
  const anew = await adapter.open(CONVERSATION, placeOf(ANN), CARD, "k4");
  expect(anew.thread).toMatch(/^77@720\/r\d+$/);
  await expect(adapter.send(anew.thread, textOf("hello"), "k5")).resolves.toMatch(/^77@720\/\d+$/);
});

test("how far the updates of the first bot were read says nothing of the other's", async () => {
  const { two, options } = await twoBots();
  await options.memory.set("offset", JSON.stringify({ next: 2 ** 40, at: Date.now() }));
  const other = await startBridge(two, options);
  await hears(other, two, ANN);
  await eventually(() => expect(options.memory.held.has("offset@720")).toBe(true));
});

test("a token that Telegram refuses is no bot that worked here", async () => {
  const one = await telegramOf(710);
  const memory = createMemory();
  const wrong = await startTelegram();
  const options = { memory, allowedUsers: [ANN] };
  const { adapter, naps } = await createBridge(wrong, { ...options, botToken: "730:refused" });
  void adapter.start({ accept: () => Promise.resolve() });
  await eventually(() => expect(naps.length).toBeGreaterThan(0));
  await adapter.stop();
  const bridge = await startBridge(one, options);
  const { post, event } = await hears(bridge, one, ANN);
  expect(event).toMatchObject({ post: `77/${post}` });
});
