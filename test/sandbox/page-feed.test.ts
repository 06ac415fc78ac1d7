import { expect, test } from "vitest";
import { createFeed, type Seen } from "../../src/sandbox/page-feed.js";
import type { SlackMessageView } from "../../src/sandbox/page-slack.js";
import type { PhoneMessageView, TelegramMessageView } from "../../src/sandbox/page-views.js";

const MARIA = "+12015550142";

interface Scene {
  readonly phone?: readonly PhoneMessageView[];
  readonly slack?: readonly SlackMessageView[];
  readonly telegram?: readonly TelegramMessageView[];
}

function seen({ phone = [], slack = [], telegram = [] }: Scene): Seen {
  return {
    phone: {
      line: { name: "Sales", did: "+12015550100" },
      contacts: [{ number: MARIA, name: "Maria", messages: phone }],
    },
    slack: {
      channel: "sales-texts",
      people: [],
      threads: [{ contact: MARIA, root: slackMessage("0.000001", 0, "card", "bot"), replies: slack }],
    },
    telegram: {
      group: "Sales",
      people: [],
      topics: [{ id: 5, name: MARIA, colour: 0, contact: MARIA, messages: telegram }],
    },
  };
}

function text(id: string, at: number, words: string, more: Partial<PhoneMessageView> = {}): PhoneMessageView {
  return { id, at, text: words, mine: true, status: "received", via: "contact", ...more };
}

function slackMessage(
  ts: string,
  at: number,
  words: string,
  kind: "person" | "bot",
  reaction?: string,
): SlackMessageView {
  const author = { id: "U1", name: kind === "bot" ? "+1 201 555 0142" : "Anna", icon: "", kind };
  const reactions = reaction === undefined ? [] : [{ emoji: reaction, count: 1, byBot: true }];
  return { ts, at, author, text: words, paragraphs: [], buttons: [], reactions, edited: false, gone: false };
}

function telegramMessage(id: number, at: number, words: string, isBot: boolean): TelegramMessageView {
  const author = { id: isBot ? 1 : 2, name: isBot ? "Bridge" : "Boris", isBot };
  const shown = { segments: [], buttons: [], reactions: [], pinned: false, edited: false };
  return { id, at, author, text: words, ...shown };
}

function told(...scenes: readonly Scene[]) {
  const feed = createFeed(() => 0);
  for (const scene of scenes) feed.observe(seen(scene));
  const words = feed.entries().map((entry) => entry.words + (entry.took === undefined ? "" : ` (${entry.took})`));
  return { words: words.toReversed().filter((one) => !one.startsWith("A t")), arrivals: feed.arrivals() };
}

test("a text is told once for each chat, with the time it took", () => {
  const phone = [text("1", 1000, "Hello?")];
  const slack = [slackMessage("1.000001", 1084, "Hello?", "bot")];
  const telegram = [telegramMessage(6, 2100, "Hello?", true)];
  const all = { phone, slack, telegram };
  const { words, arrivals } = told({ phone }, { phone, slack }, all, all);
  expect(words).toEqual(["Text from Maria → Slack (84)", "Text from Maria → Telegram (1100)"]);
  expect(arrivals).toEqual({ "1": { slack: 84, telegram: 1100 } });
});

test("texts that share a post have all arrived with it", () => {
  const phone = [text("1", 1000, "One"), text("2", 1200, "Two")];
  const { arrivals } = told({ phone, slack: [slackMessage("1.000001", 2000, "One\n———\nTwo", "bot")] });
  expect(arrivals).toEqual({ "1": { slack: 1000 }, "2": { slack: 800 } });
});

test("the same words sent twice have arrived when they stand there twice", () => {
  const phone = [text("1", 1000, "ok"), text("2", 1500, "ok")];
  const first = slackMessage("1.000001", 1010, "ok", "bot");
  expect(told({ phone, slack: [first] }).arrivals).toEqual({ "1": { slack: 10 }, "2": {} });
  const both = [first, slackMessage("2.000001", 1530, "ok", "bot")];
  expect(told({ phone, slack: both }).arrivals).toEqual({ "1": { slack: 10 }, "2": { slack: 30 } });
});

test("an answer is followed to the contact, to the other chat, and to its mark", () => {
  const slack = [slackMessage("3.000001", 3000, "Yes", "person", "✅")];
  const phone = [text("9", 3040, "Yes", { mine: false, via: "api", status: "sent" })];
  const telegram = [telegramMessage(7, 3500, "Anna (Slack)\nYes", true)];
  expect(told({ slack, phone, telegram }, { slack, phone, telegram }).words.toSorted()).toEqual([
    "Anna’s answer in Slack → text to Maria (40)",
    "Anna’s words → copy in Telegram (500)",
    "The PBX reports: delivered to Maria",
    "✅ on Anna’s message in Slack",
  ]);
});

test("an answer with formatting and pictures is followed as well, though a text carries none", () => {
  const slack = [slackMessage("3.000001", 3000, "Sure, we will check *both* brakes 😄", "person", "✅")];
  const phone = [text("9", 3040, "Sure, we will check both brakes 😄", { mine: false, via: "api", status: "queued" })];
  const telegram = [telegramMessage(7, 3500, "Anna (Slack)\nSure, we will check both brakes 😄", true)];
  expect(told({ slack, phone, telegram }).words.toSorted()).toEqual([
    "Anna’s answer in Slack → text to Maria (40)",
    "Anna’s words → copy in Telegram (500)",
    "✅ on Anna’s message in Slack",
  ]);
});

test("an answer that was edited before it left is followed in its new words", () => {
  const before = slackMessage("3.000001", 3000, "Yes", "person");
  const slack = [{ ...before, text: "We do", edited: true }];
  const phone = [text("9", 3040, "We do", { mine: false, via: "api", status: "queued" })];
  const telegram = [telegramMessage(7, 3500, "Anna (Slack)\nWe do", true)];
  expect(told({ slack: [before] }, { slack, phone, telegram }).words).toEqual([
    "Anna’s answer in Slack → text to Maria (40)",
    "Anna’s words → copy in Telegram (500)",
  ]);
});

test("signs alone are no words that could stand anywhere", () => {
  const slack = [slackMessage("3.000001", 3000, "*", "person")];
  const phone = [text("9", 3040, "anything", { mine: false, via: "api", status: "queued" })];
  expect(told({ slack, phone }).words).toEqual([]);
});

test("a note is found without the signs that made it one", () => {
  const slack = [slackMessage("3.000001", 3000, "// she is in a hurry", "person")];
  const telegram = [telegramMessage(7, 3200, "📝 Anna (Slack)\nshe is in a hurry", true)];
  expect(told({ slack, telegram }).words).toEqual(["Anna’s words → copy in Telegram (200)"]);
});

test("a text that failed is told", () => {
  const out = text("9", 3040, "Yes", { mine: false, via: "api", status: "queued" });
  expect(told({ phone: [out] }, { phone: [{ ...out, status: "failed" }] }).words).toEqual([
    "The PBX reports: not delivered to Maria",
  ]);
});
