import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ThreadGone } from "../../../src/errors.js";
import type { PostId, ThreadId } from "../../../src/message.js";
import { callsOf, CARD, CONVERSATION, placeOf, startBridge, startTelegram, textOf } from "./harness.js";

async function inForum() {
  const telegram = await startTelegram();
  const chat = telegram.addGroup({ title: "Texts", forum: true });
  const { adapter, logs } = await startBridge(telegram);
  const { thread } = await adapter.open(CONVERSATION, placeOf(chat), CARD, "k1");
  const topic = Number(thread.split("/")[1]);
  const shown = () => telegram.messages(chat, topic).filter(({ kind }) => kind === "text");
  return { telegram, chat, adapter, logs, thread, topic, shown };
}

async function inPlainGroup() {
  const telegram = await startTelegram();
  const chat = telegram.addGroup({ title: "Small", forum: false, type: "group" });
  const bridge = await startBridge(telegram);
  const opened = await bridge.adapter.open(CONVERSATION, placeOf(chat), CARD, "k1");
  return { telegram, chat, ...bridge, ...opened };
}

describe("in a forum group", () => {
  test("a conversation is opened as a topic and nothing else", async () => {
    const { telegram, chat, thread, topic } = await inForum();
    expect(telegram.topics(chat)).toMatchObject([{ id: topic, name: "+1 555 0100 · Sales", byBot: true }]);
    expect(thread).toBe(`${chat}/${topic}`);
    expect(callsOf(telegram, "sendMessage")).toEqual([]);
  });

  test("the card is sent and pinned once, and drawn anew in place", async () => {
    const { adapter, thread, shown } = await inForum();
    const card = await adapter.showCard(thread, CARD);
    expect(shown()).toMatchObject([{ pinned: true, silent: true, linkPreview: false }]);
    await expect(adapter.showCard(thread, { ...CARD, did: "+1 555 0199" }, card)).resolves.toBe(card);
    expect(shown()).toHaveLength(1);
    expect(shown()[0]?.text).toContain("Sales · +1 555 0199");
  });

  test("a card that shows the same already is shown", async () => {
    const { adapter, thread, shown } = await inForum();
    const card = await adapter.showCard(thread, CARD);
    await expect(adapter.showCard(thread, CARD, card)).resolves.toBe(card);
    expect(shown()).toHaveLength(1);
  });

  test("a card that somebody deleted is sent again", async () => {
    const { telegram, chat, adapter, thread, shown } = await inForum();
    const card = await adapter.showCard(thread, CARD);
    telegram.deletesMessage(chat, Number(card.split("/")[1]));
    await expect(adapter.showCard(thread, CARD, card)).resolves.not.toBe(card);
    expect(shown()).toMatchObject([{ pinned: true }]);
  });

  test("a card is a card even if the bot may not pin it", async () => {
    const { telegram, chat, adapter, thread, shown, logs } = await inForum();
    telegram.takesRight(chat, "can_pin_messages");
    await adapter.showCard(thread, CARD);
    expect(shown()).toMatchObject([{ pinned: false }]);
    expect(logs).toContainEqual(expect.objectContaining({ level: "warn", msg: "telegram: could not pin a card" }));
  });

  test("a text stands verbatim in its topic, without a preview and without ringing anybody", async () => {
    const { telegram, adapter, thread, shown } = await inForum();
    const text = "<b>hi</b> @ann_lee https://example.com *x* 😀";
    const post = await adapter.send(thread, textOf(text), "k2");
    expect(shown()).toMatchObject([{ text: `${CARD.contact}\n${text}`, linkPreview: false }]);
    expect(post).toBe(`${thread.split("/")[0]}/${shown()[0]?.id}`);
    expect(shown()[0]?.rendered.flatMap(({ detected }) => detected)).not.toContain("mention");
    expect(callsOf(telegram, "sendMessage")[0]).not.toHaveProperty("parse_mode");
  });

  test("a post about somebody's message answers it, even if that is gone by now", async () => {
    const { telegram, chat, adapter, thread, topic, shown } = await inForum();
    const asked = telegram.says(chat, telegram.owner, "hello", { topic });
    const about = `${chat}/${asked}` as PostId;
    await adapter.send(thread, textOf("one", { about }), "k2");
    telegram.deletesMessage(chat, asked);
    await adapter.send(thread, textOf("two", { about }), "k3");
    expect(shown().map(({ text, replyTo }) => [text, replyTo])).toEqual([
      [`${CARD.contact}\none`, asked],
      [`${CARD.contact}\ntwo`, undefined],
    ]);
  });

  test("a post with choices has buttons, and is settled by a sentence below it without them", async () => {
    const { adapter, thread, shown } = await inForum();
    const choices = [{ action: "retry", subject: "m1", label: "Retry" }] as const;
    const post = await adapter.send(thread, textOf("Not sent.", { choices }), "k2");
    expect(shown()[0]?.buttons).toEqual([[{ text: "Retry", callback_data: "retry:m1" }]]);
    await adapter.settle(post, "Ann sent it again.", "Not sent.");
    await adapter.settle(post, "Ann sent it again.", "Not sent.");
    expect(shown()).toMatchObject([{ text: "Not sent.\nAnn sent it again.", buttons: [] }]);
  });

  test("a post with choices that is gone is settled", async () => {
    const { telegram, chat, adapter, thread } = await inForum();
    const post = await adapter.send(thread, textOf("Not sent."), "k2");
    telegram.deletesMessage(chat, Number(post.split("/")[1]));
    await expect(adapter.settle(post, "Done.")).resolves.toBeUndefined();
  });

  test("a deleted topic is gone, for texts and for the card", async () => {
    const { telegram, chat, adapter, thread, topic } = await inForum();
    const card = await adapter.showCard(thread, CARD);
    telegram.deletesTopic(chat, topic);
    await expect(adapter.send(thread, textOf("hello"), "k2")).rejects.toBeInstanceOf(ThreadGone);
    await expect(adapter.showCard(thread, CARD, card)).rejects.toBeInstanceOf(ThreadGone);
  });

  test("topics switched off: no text stays outside of its topic, and the conversation goes on as a chain", async () => {
    const { telegram, chat, adapter, thread } = await inForum();
    telegram.turnsTopics(chat, false);
    await expect(adapter.send(thread, textOf("private words"), "k2")).rejects.toBeInstanceOf(ThreadGone);
    expect(telegram.messages(chat).filter(({ text }) => text === "private words")).toEqual([]);
    const opened = await adapter.open(CONVERSATION, placeOf(chat), CARD, "k3");
    expect(opened.thread).toMatch(/\/r\d+$/);
  });

  test("a closed topic is reopened for the text that arrives", async () => {
    const { telegram, chat, adapter, thread, shown } = await inForum();
    telegram.closesTopic(chat, Number(thread.split("/")[1]));
    telegram.fail({
      method: "sendMessage",
      kind: "status",
      code: 400,
      description: "Bad Request: TOPIC_CLOSED",
      times: 1,
    });
    await adapter.send(thread, textOf("hello"), "k2");
    expect(telegram.topics(chat)).toMatchObject([{ closed: false }]);
    expect(shown()).toMatchObject([{ text: `${CARD.contact}\nhello` }]);
  });

  test("a text waits for a closed topic that the bot may not reopen, and is shown once somebody reopened it", async () => {
    const { telegram, chat, adapter } = await inForum();
    const topic = telegram.opensTopic(chat, telegram.owner, "Mine");
    telegram.closesTopic(chat, topic);
    telegram.takesRight(chat, "can_manage_topics");
    const sending = adapter.send(`${chat}/${topic}` as ThreadId, textOf("hello"), "k2");
    await expect(sending).rejects.toMatchObject({ name: "RetryLater", scope: "delivery", afterMs: 60_000 });
    await expect(sending).rejects.toThrow(/Reopen it, or make the bot an administrator/);
    await expect(adapter.send(`${chat}/${topic}` as ThreadId, textOf("hello"), "k2")).rejects.toThrow(/is closed/);
    const inMain = telegram.messages(chat).filter(({ topic: of, kind }) => of === undefined && kind === "text");
    expect(inMain.map(({ text }) => text)).toEqual([
      expect.stringMatching(
        new RegExp(`^A text waits for a topic that is closed.* https://t.me/c/[0-9]+/${topic} Please`),
      ),
    ]);
    telegram.reopensTopic(chat, topic);
    await adapter.send(`${chat}/${topic}` as ThreadId, textOf("hello"), "k2");
  });

  test("a text is not given up when Telegram is too busy to reopen its topic", async () => {
    const { telegram, chat, adapter, thread } = await inForum();
    telegram.closesTopic(chat, Number(thread.split("/")[1]));
    telegram.fail({
      method: "sendMessage",
      kind: "status",
      code: 400,
      description: "Bad Request: TOPIC_CLOSED",
      times: 1,
    });
    telegram.fail({ method: "reopenForumTopic", kind: "rate-limit", retryAfter: 3, times: 1 });
    await expect(adapter.send(thread, textOf("hello"), "k2")).rejects.toMatchObject({
      name: "RetryLater",
      afterMs: 3000,
    });
  });
});

describe("in a chat without topics", () => {
  test("the card opens a chain, and every text answers it under the contact's name and the line's", async () => {
    const { telegram, chat, adapter, thread, card } = await inPlainGroup();
    const [root] = telegram.messages(chat);
    expect(thread).toBe(`${chat}/r${root?.id}`);
    expect(card).toBe(`${chat}/${root?.id}`);
    expect(root?.text).toContain("+1 555 0100 · Sales");
    await adapter.send(thread, textOf("hello"), "k2");
    expect(telegram.messages(chat)[1]).toMatchObject({ text: "+1 555 0100 · Sales\nhello", replyTo: root?.id });
  });

  test("the card is drawn anew in its root", async () => {
    const { telegram, chat, adapter, thread, card } = await inPlainGroup();
    await expect(adapter.showCard(thread, { ...CARD, did: "+1 555 0199" }, card)).resolves.toBe(card);
    expect(telegram.messages(chat)).toHaveLength(1);
  });

  test("a chain goes on when its root was deleted", async () => {
    const { telegram, chat, adapter, thread } = await inPlainGroup();
    telegram.deletesMessage(chat, Number(thread.split("/r")[1]));
    await adapter.send(thread, textOf("hello"), "k2");
    expect(telegram.messages(chat)).toMatchObject([{ text: "+1 555 0100 · Sales\nhello" }]);
  });

  test("a private chat is one of them", async () => {
    const telegram = await startTelegram();
    const user = telegram.addUser({ firstName: "Ann" });
    telegram.privateChat(user);
    const { adapter } = await startBridge(telegram, { allowedUsers: [user] });
    const { thread } = await adapter.open(CONVERSATION, placeOf(user), CARD, "k1");
    expect(thread).toMatch(new RegExp(`^${user}/r\\d+$`));
  });
});

describe("marks", () => {
  test("are reactions on the person's own message, each in place of the one before", async () => {
    const { telegram, chat, adapter, topic } = await inForum();
    const id = telegram.says(chat, telegram.owner, "hello", { topic });
    const seen: unknown[] = [];
    for (const mark of ["waiting", "sent", "failed", "note", "ignored"] as const) {
      await adapter.mark(`${chat}/${id}` as PostId, mark);
      seen.push(
        telegram
          .messages(chat, topic)
          .find((message) => message.id === id)
          ?.reactions.map(({ emoji }) => emoji),
      );
    }
    expect(seen).toEqual([["👀"], ["👌"], ["👎"], ["✍"], ["🤷"]]);
  });

  test.each(["Bad Request: REACTION_INVALID", "Bad Request: message to react not found"])(
    "that the chat does not take are no failure: %s",
    async (description) => {
      const { telegram, chat, adapter } = await inForum();
      telegram.fail({ method: "setMessageReaction", kind: "status", code: 400, description });
      await expect(adapter.mark(`${chat}/5` as PostId, "sent")).resolves.toBeUndefined();
    },
  );
});

test("a place whose chat is no id is given up with words that name the remedy", async () => {
  const { adapter } = await startBridge(await startTelegram());
  const opening = adapter.open(CONVERSATION, { platform: "telegram", chat: "@team" }, CARD, "k1");
  await expect(opening).rejects.toThrow("/id in the chat tells it");
});

test("pace: a chat shares one line for posts and cards, groups have 20 a minute, marks wait in a line of their own", async () => {
  const { adapter } = await startBridge(await startTelegram());
  const group = adapter.pace(placeOf(-1001), "post");
  expect(group).toMatchObject({ target: "telegram:-1001", concurrency: 1 });
  expect(group.rates.map(({ kind, limit, perMs }) => [kind, limit, perMs])).toEqual([
    ["bucket", 1, 1050],
    ["window", 20, 60_500],
    ["bucket", 30, 35],
  ]);
  expect(adapter.pace(placeOf(-1001), "card")).toEqual(group);
  expect(adapter.pace(placeOf(77), "post").rates.map(({ kind }) => kind)).toEqual(["bucket", "bucket"]);
  expect(adapter.pace(placeOf(-1001), "mark")).toMatchObject({ target: "telegram:-1001:marks", concurrency: 1 });
});

test("no text is refused by Telegram, whatever it holds, and none rings anybody", async () => {
  const { adapter, thread, shown } = await inForum();
  const odd = fc.constantFrom(
    "@ann",
    "@",
    "\r",
    "\u202e",
    "\u0333",
    "\ud800",
    "😀",
    " ",
    "\n",
    "a",
    "<b>",
    "https://x.com",
    "/go",
  );
  const any = fc.oneof(fc.string({ unit: odd, maxLength: 60 }), fc.string({ unit: "binary", maxLength: 60 }));
  const name = fc.string({ unit: "binary", maxLength: 20 });
  const speaker = fc.record({ kind: fc.constantFrom("contact", "colleague", "bridge"), name });
  await fc.assert(
    fc.asyncProperty(fc.array(any, { minLength: 1, maxLength: 5 }), speaker, async (texts, who) => {
      const post = { speaker: who, texts: texts.map((text, index) => ({ text, at: index * 70_000 })) };
      await adapter.send(thread, post, "k");
      expect(
        shown()
          .at(-1)
          ?.rendered.flatMap(({ detected }) => detected),
      ).not.toContain("mention");
    }),
    { numRuns: 200 },
  );
});
