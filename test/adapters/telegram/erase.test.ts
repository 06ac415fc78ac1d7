/** In a chat without topics a bot can delete what is younger than 48 hours only: the rest is told. */
import { expect, test } from "vitest";
import { CARD, CONVERSATION, placeOf, startBridge, startTelegram, textOf } from "./harness.js";

const HOUR = 3_600_000;

async function chainOf(...ages: readonly number[]) {
  let now = Date.now() - 100 * HOUR;
  const end = Date.now();
  const telegram = await startTelegram({ now: () => now });
  const chat = telegram.addGroup({ title: "Small", forum: false, type: "group" });
  const { adapter } = await startBridge(telegram);
  const { thread } = await adapter.open(CONVERSATION, placeOf(chat), CARD, "k0");
  const posts = [];
  for (const age of ages) {
    now = end - age * HOUR;
    posts.push(await adapter.send(thread, textOf(`${age} hours old`), `k${age}`));
  }
  now = end;
  const texts = () =>
    telegram.messages(chat).flatMap(({ kind, text }) => (kind === "text" ? [text.split("\n").at(-1)] : []));
  return { telegram, chat, adapter, thread, posts, texts };
}

test("what is older than 48 hours stays and is told with the remedy, and the younger is deleted", async () => {
  const { adapter, thread, posts, texts } = await chainOf(60, 50, 47, 1);
  expect(await adapter.eraseThread(thread, posts)).toEqual({
    removed: 2,
    // The two texts, and the message that the chain begins with.
    stays: [expect.stringMatching(/^3 messages stay in Telegram chat -\d+: .*younger than 48 hours.* by hand\.$/)],
  });
  expect(texts().slice(1)).toEqual(["60 hours old", "50 hours old"]);
});

test("a rate limit in the middle tells what was done, what stays, and when it can go on", async () => {
  const { telegram, adapter, thread, posts } = await chainOf(60, 2, 1);
  telegram.fail({
    kind: "status",
    code: 400,
    description: "Bad Request: message can't be deleted",
    times: 1,
    method: "deleteMessage",
  });
  telegram.fail({ kind: "rate-limit", retryAfter: 9, times: 1, method: "deleteMessage" });
  expect(await adapter.eraseThread(thread, posts)).toMatchObject({
    ...{ removed: 0, again: { afterMs: 9000 } },
    stays: [expect.stringMatching(/^1 message stays/)],
  });
  expect(await adapter.eraseThread(thread, posts)).toMatchObject({ removed: 2 });
});

test("a topic goes with all that is in it, however old that is", async () => {
  let now = Date.now() - 100 * HOUR;
  const telegram = await startTelegram({ now: () => now });
  const chat = telegram.addGroup({ title: "Texts", forum: true });
  const { adapter } = await startBridge(telegram);
  const { thread } = await adapter.open(CONVERSATION, placeOf(chat), CARD, "k0");
  const post = await adapter.send(thread, textOf("old"), "k1");
  now = Date.now();
  expect(await adapter.eraseThread(thread, [post])).toEqual({ removed: 1, stays: [] });
  expect(telegram.topics(chat)).toEqual([]);
});
