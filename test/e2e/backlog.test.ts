/** Point 10, with figures: many texts at once, under the limits that Slack and Telegram set. */
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect } from "vitest";
import { test, type Office } from "./harness.js";

const CONTACTS = Array.from({ length: 12 }, (_, index) => `+120155502${String(index).padStart(2, "0")}`);
const TEXTS_EACH = 10;
const LATE_COMER = "+12015550299";
const OTHER_DID = "+12015550101";

const limited = { slack: { paceLimits: true }, telegram: { paceLimits: true } };
const twoNumbers = ({ pbx, did }: Office) => pbx.addExtension({ id: 1234, name: "100*101", dids: [did, OTHER_DID] });
const otherLine = (place: string) => `  - { name: Other, extension: 1234, did: "${OTHER_DID}", to: [{ ${place} }] }`;

/** 120 texts of 12 contacts, in turn, within 2 s. */
async function flood(office: Office): Promise<void> {
  for (let round = 0; round < TEXTS_EACH; round += 1) {
    for (const contact of CONTACTS) office.contact(contact).texts(textOf(contact, round));
    await pause(180);
  }
}

const textOf = (contact: string, round: number): string => `<${round} of ${contact.slice(-2)}>`;
const allOf = (contact: string): string[] => Array.from({ length: TEXTS_EACH }, (_, round) => textOf(contact, round));
const textsIn = (lines: readonly string[]): string[] => lines.join(" ").match(/<\d+ of \d+>/g) ?? [];

/** Milliseconds until a text to the other line, sent while the flood is worked off, has been shown. */
async function showsElsewhere(office: Office, shown: (text: string) => boolean): Promise<number> {
  await pause(3000);
  const since = performance.now();
  office.contact(LATE_COMER).texts("for the other channel", OTHER_DID);
  await office.eventually(() => expect(shown("for the other channel"), "the other channel's text").toBe(true));
  return performance.now() - since;
}

function report(what: string, figures: Record<string, number>): void {
  const words = Object.entries(figures).map(([name, value]) => `${name} ${Math.round(value)}`);
  process.stdout.write(`backlog, ${what}: ${words.join(", ")}\n`);
}

describe.concurrent("a backlog of 120 texts of 12 contacts within 2 s", () => {
  test("is in Slack's threads, complete and in order, within 25 s and with at most one 429", async ({ open }) => {
    const office = await open({
      world: limited,
      before: twoNumbers,
      bridge: ({ slack }) => ({ to: ["slack"], more: otherLine(`slack: ${slack.addChannel({ name: "other" }).id}`) }),
    });
    const other = office.slack.channels().find(({ name }) => name === "other")?.id ?? "";
    const since = performance.now();
    const elsewhere = showsElsewhere(office, (text) =>
      office.slack
        .messages(other)
        .flatMap(({ ts }) => office.slack.replies(other, ts))
        .some((message) => office.slack.rendered(message) === text),
    );
    await flood(office);
    for (const contact of CONTACTS) {
      const thread = await office.slackThread(contact);
      await office.eventually(() => expect(textsIn(thread.lines())).toEqual(allOf(contact)), 40_000);
    }
    const ms = performance.now() - since;
    const refused = office.slack.calls.filter(({ status }) => status === 429).length;
    const posts = office.slack.calls.filter(({ method }) => method === "chat.postMessage").length;
    report("Slack", { ms, posts, "429s": refused, "ms elsewhere": await elsewhere });
    expect(ms).toBeLessThan(25_000);
    expect(refused).toBeLessThanOrEqual(1);
    expect(await elsewhere).toBeLessThan(2000);
  });

  test("is in Telegram's topics, complete and in order, within 90 s and with at most one 429", async ({ open }) => {
    const office = await open({
      world: limited,
      before: twoNumbers,
      bridge: ({ telegram }) => ({
        to: ["telegram"],
        more: otherLine(`telegram: ${telegram.addGroup({ id: -1001000009001, title: "Other", forum: true })}`),
      }),
    });
    const since = performance.now();
    const elsewhere = showsElsewhere(office, (text) =>
      office.telegram.messages(-1001000009001).some((message) => message.text.endsWith(text)),
    );
    await flood(office);
    for (const contact of CONTACTS) {
      const topic = await office.eventually(() => office.topic(contact), 90_000);
      await office.eventually(() => expect(textsIn(topic.lines())).toEqual(allOf(contact)), 90_000);
    }
    const ms = performance.now() - since;
    const refused = office.telegram.calls.filter(({ status }) => status === 429).length;
    const sends = office.telegram.calls.filter(({ method }) => /^(sendMessage|createForumTopic)$/.test(method)).length;
    report("Telegram", { ms, "sends and topics": sends, "429s": refused, "ms elsewhere": await elsewhere });
    expect(ms).toBeLessThan(90_000);
    expect(refused).toBeLessThanOrEqual(1);
    expect(await elsewhere).toBeLessThan(2000);
  }, 150_000);
});
