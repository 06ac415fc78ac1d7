/** Points 6, 7 and 8: every kind of place that a line's texts can go to, alone and together. */
import { describe, expect } from "vitest";
import { createBridge } from "../../src/compose.js";
import { loadConfig } from "../../src/config.js";
import { createLogger } from "../../src/log.js";
import type { World } from "../../src/sandbox/world.js";
import { ALICE, BOB, test } from "./harness.js";

/** A further line, on a number of its own, that goes to one Telegram chat. */
const SUPPORT = "+12015550101";
const support = (chat: number) =>
  `  - { name: Support, extension: 1234, did: "${SUPPORT}", to: [{ telegram: ${chat} }] }`;
const withSupport = ({ pbx, did }: World) => pbx.addExtension({ id: 1234, name: "100*101", dids: [did, SUPPORT] });
/** The further line goes to a group without topics. */
const withPlainGroup = (id: number, more = "") => ({
  before: withSupport,
  bridge: ({ telegram }: World) => ({
    to: ["slack"] as const,
    more: `${support(telegram.addGroup({ id, title: "Plain", forum: false, botIsAdmin: true }))}${more}`,
  }),
});
const nowhere = { write: () => {} };

describe.concurrent("places", () => {
  test("a line in Slack alone works without Telegram, and the other way round", async ({ open }) => {
    const inSlack = await open({ bridge: { to: ["slack"] } });
    const inTelegram = await open({ bridge: { to: ["telegram"] } });
    inSlack.contact(ALICE).texts("to Slack only");
    inTelegram.contact(ALICE).texts("to Telegram only");
    const thread = await inSlack.slackThread();
    const topic = await inTelegram.topic();
    await thread.reads("+1 201 555 0123: to Slack only");
    await topic.reads("bot: to Telegram only");
    thread.says("from Slack");
    topic.says("from Telegram");
    await inSlack.contact(ALICE).gets("from Slack");
    await inTelegram.contact(ALICE).gets("from Telegram");
    await thread.holds("Anna: from Slack :white_check_mark:");
    await topic.holds("Boris: from Telegram 👌");
    expect(inSlack.telegram.topics(inSlack.group)).toEqual([]);
    expect(inTelegram.slack.messages(inTelegram.channel)).toEqual([]);
  });

  test("both at once: everything that happens in one thread shows in the other, with its author and its mark", async ({
    open,
  }) => {
    const office = await open();
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    const topic = await office.topic();
    await topic.reads("bot: hello there");
    thread.says("one from Slack");
    await topic.holds("bot: Anna (Slack) / one from Slack 👌");
    topic.says("two from Telegram");
    await thread.holds("Boris (Telegram): two from Telegram :white_check_mark:");
    topic.says("// three for us");
    await thread.holds("Boris (Telegram): 📝 three for us");
    await thread.reads(
      "+1 201 555 0123: hello there",
      "Anna: one from Slack :white_check_mark:",
      "Boris (Telegram): two from Telegram :white_check_mark:",
      "Boris (Telegram): 📝 three for us",
    );
    await topic.reads(
      "bot: hello there",
      "bot: Anna (Slack) / one from Slack 👌",
      "Boris: two from Telegram 👌",
      "Boris: // three for us ✍",
    );
  });

  test("in a private chat an answer to a text goes to its sender; other words reach nobody and are marked so", async ({
    open,
  }) => {
    const office = await open({
      bridge: (world) => ({ to: ["slack"], more: support(world.telegram.privateChat(world.boris)) }),
      before: withSupport,
    });
    const chat = office.chat(office.boris);
    office.contact(ALICE).texts("Alice here", SUPPORT);
    await chat.holds(/Alice here$/);
    office.contact(BOB).texts("Bob here", SUPPORT);
    await chat.holds(/Bob here$/);
    const toAlice = chat.messages().find(({ text }) => text.endsWith("Alice here"));
    expect(toAlice?.text).toContain(`${ALICE} · Support`);
    chat.says("hello Alice", { replyTo: toAlice?.id ?? 0 });
    await office.contact(ALICE).gets("hello Alice");
    chat.says("who am I talking to?");
    await chat.holds("Boris: hello Alice 👌", "Boris: who am I talking to? 🤷");
    expect(office.contact(BOB).got()).toEqual([]);
    expect(office.pbx.sentTexts().map(({ did }) => did)).toEqual([SUPPORT]);
  });

  test("in a plain group answers go by chains of replies, also below another colleague's answer", async ({ open }) => {
    const office = await open(withPlainGroup(-4001));
    const chat = office.chat(-4001);
    office.contact(ALICE).texts("Alice here", SUPPORT);
    await chat.holds(/Alice here$/);
    const text = chat.messages().find((message) => message.text.endsWith("Alice here"))?.id ?? 0;
    const first = chat.says("hello Alice", { replyTo: text });
    await chat.holds("Boris: hello Alice 👌");
    chat.says("and welcome", { replyTo: first });
    await office.contact(ALICE).gets("hello Alice", "and welcome");
    chat.says("lunch?");
    await chat.holds("Boris: and welcome 👌", "Boris: lunch?");
  });

  test("in a plain group a reply to a post of the bot that is not known reaches nobody and is marked so", async ({
    open,
  }) => {
    const office = await open(withPlainGroup(-4001));
    const chat = office.chat(-4001);
    office.contact(ALICE).texts("Alice here", SUPPORT);
    await chat.holds(/Alice here$/);
    office.telegram.fail({ method: "sendMessage", kind: "reset after effect", times: 1 });
    office.contact(ALICE).texts("can you call me?", SUPPORT);
    await chat.holds(/can you call me\?$/);
    const lost = chat.messages().find(({ text }) => text.endsWith("can you call me?"))?.id ?? 0;
    chat.says("yes, in five minutes", { replyTo: lost });
    await chat.holds("Boris: yes, in five minutes 🤷");
    expect(office.contact(ALICE).got()).toEqual([]);
  });

  test("in a plain group an edit of a reply counts also once the message that it answers was deleted; one of other talk does nothing", async ({
    open,
  }) => {
    const office = await open(withPlainGroup(-4001, "\ninbox: { undoSeconds: 5 }"));
    const chat = office.chat(-4001);
    office.contact(ALICE).texts("how much?", SUPPORT);
    await chat.holds(/how much\?$/);
    const asked = chat.messages().find(({ text }) => text.endsWith("how much?"))?.id ?? 0;
    const note = chat.says("// let me check", { replyTo: asked });
    await chat.holds("Boris: // let me check ✍");
    const reply = chat.says("our worst price is 100", { replyTo: note });
    office.telegram.deletesMessage(-4001, note);
    const talk = chat.says("lunch?");
    office.telegram.edits(-4001, talk, "lunch!");
    office.telegram.edits(-4001, reply, "// our worst price is 100");
    await chat.holds("Boris: // our worst price is 100 ✍", "Boris: lunch!");
    await office.quiet();
    expect(office.contact(ALICE).got()).toEqual([]);
  });

  test("in a group that moved, topics of before are answered also once the config names it by its new id", async ({
    open,
  }) => {
    const office = await open(withPlainGroup(-4002));
    const moved = office.telegram.turnsTopics(-4002, true);
    office.contact(ALICE).texts("Alice here", SUPPORT);
    const topic = await office.topic(ALICE, { group: moved });
    await topic.holds(/Alice here$/);
    await office.quiet();
    await office.stop();
    await office.start({ more: support(moved) });
    topic.says("hello Alice");
    await office.contact(ALICE).gets("hello Alice");
    await topic.holds("Boris: hello Alice 👌");
    office.contact(ALICE).texts("thank you", SUPPORT);
    const next = await office.topic(ALICE, { group: moved, not: topic.id });
    await next.holds(/thank you$/);
  });

  test("where a line was given other places, people may answer also in the threads of before, and it shows in the new places", async ({
    open,
  }) => {
    const office = await open();
    office.contact(ALICE).texts("hello there");
    const topic = await office.topic();
    await topic.reads("bot: hello there");
    await office.quiet();
    await office.stop();
    const group = office.telegram.addGroup({ title: "New", forum: true, botIsAdmin: true });
    const yaml = office.yaml.replace(`telegram: ${office.group}`, `telegram: ${group}`);
    const bridge = await createBridge(loadConfig(yaml, {}), createLogger({ level: "debug", pretty: false }, nowhere));
    office.onFinish(() => bridge.stop());
    await bridge.start();
    await bridge.connected;
    topic.says("from the old topic");
    await office.contact(ALICE).gets("from the old topic");
    await topic.holds("Boris: from the old topic 👌");
    const anew = await office.topic(ALICE, { group });
    await anew.holds(/from the old topic 👌$/);
  });

  test("a stranger's private chat with the bot gets nothing out, and reaches nobody", async ({ open }) => {
    const office = await open();
    office.contact(ALICE).texts("hello there");
    const topic = await office.topic();
    await topic.reads("bot: hello there");
    const stranger = office.telegram.addUser({ firstName: "Mallory" });
    office.telegram.privateChat(stranger);
    const chat = office.chat(stranger, stranger);
    chat.says("send me her number");
    chat.says("/help");
    topic.says("the team's words");
    await topic.holds("Boris: the team's words 👌");
    expect(chat.lines().filter((line) => line.startsWith("bot:"))).toEqual([]);
    expect(office.contact(ALICE).got()).toEqual(["the team's words"]);
  });

  test("a colleague's private chat answers /help and /id", async ({ open }) => {
    const office = await open();
    office.telegram.privateChat(office.boris);
    const chat = office.chat(office.boris);
    chat.says("/id");
    await chat.holds(/^bot: This bot brings the texts/, new RegExp(`^bot: This chat: ${office.boris}`));
  });
});
