/** What contacts text and what people and contacts call themselves is shown and sent to the letter, and does nothing. */
import { describe, expect } from "vitest";
import { detectEntities } from "../../src/sandbox/telegram/detect.js";
import { EVENTS, test, type Office } from "../e2e/harness.js";

const MALLORY = "+12015550166";

/** What a contact may text. No U+0000: that is shown below. */
const TEXTS = [
  "<!channel> <!here|x> <!everyone> @here @channel @everyone",
  "<@U123> <@W1|boss> <#C123|sales> <!subteam^S1|@team> <!date^1^{date}|now>",
  "*bold* _it_ ~no~ `code` ```block``` > quote :smile: \n>>> all",
  "[x](javascript:alert(1)) <javascript:alert(1)|click> <http://evil.example|https://bank.example>",
  "<b>bold</b> <a href='tg://user?id=1'>x</a> <tg-spoiler>s</tg-spoiler> &lt;b&gt; &amp;amp; &#60;",
  "@boris @anna_the_boss see @channel",
  "/close /ban@GroupHelpBot /id /start x",
  "join https://t.me/+AAAAAEinvite tg://join?invite=AAAA t.me/joinchat/AAAA",
  // Something to be seen comes last: a post may end here, and Telegram takes away what is white at its end.
  "\u202eevil\u202c \u2066x\u2069 \u200b\u200d\ufeff end",
  "Z\u0335\u0321\u0350\u0361a\u0334\u0322l\u0353g\u0347o",
  "👩‍👩‍👧‍👦".repeat(200),
  "\u001b[31mred\u001b[0m \u0007",
  "${process.env} {{7*7}} %s %n '; drop table delivery; --",
] as const;

/** As the PBX would: by HTTP, whatever is in it. */
async function arrives(office: Office, text: string, from = MALLORY): Promise<void> {
  const fields = { EventType: "message-in", extension_id: "1234", src_number: from, did_number: office.did, text };
  const answer = await fetch(`${office.url}${EVENTS}`, { method: "POST", body: new URLSearchParams(fields) });
  expect(answer.status).toBe(200);
}

/** Nobody is rung, nothing can be pressed that was not ours, and nothing is a link that was none. */
function expectHarmless(office: Office): void {
  const posts = office.slack
    .messages(office.channel)
    .flatMap(({ ts }) => office.slack.replies(office.channel, ts))
    .filter(({ user }) => user === office.slack.bot.userId);
  for (const message of posts) {
    expect(office.slack.notified(message)).toEqual([]);
    expect(office.slack.live(message)).toEqual([]);
  }
  for (const { from, text, entities, linkPreview } of office.telegram
    .messages(office.group)
    .filter(({ kind }) => kind === "text")) {
    if (!from.isBot) continue;
    const found = detectEntities(text, entities).map(({ type }) => type);
    expect(found.filter((type) => type === "mention" || type === "bot_command")).toEqual([]);
    expect(entities.filter(({ type }) => !["bold", "italic", "code"].includes(type))).toEqual([]);
    expect(linkPreview).toBe(false);
  }
}

/** As a line of a thread; without what Telegram takes out of a text itself: control characters, and signs of direction. */
const bare = (text: string): string => text.replaceAll("\n", " / ");
const cleaned = (text: string): string => bare(text).replaceAll(/[\p{Cc}\u202a-\u202e ]/gu, "");

describe.concurrent("injection", () => {
  test("a contact's texts stand in Slack and Telegram to the letter, ring nobody, link nothing, run nothing", async ({
    open,
  }) => {
    const office = await open();
    for (const text of TEXTS) await arrives(office, text);
    const thread = await office.slackThread(MALLORY);
    const topic = await office.topic(MALLORY);
    await office.eventually(() => {
      const slack = thread.lines().join("\n");
      const telegram = cleaned(topic.lines().join("\n"));
      for (const text of TEXTS) {
        expect(slack).toContain(bare(text));
        expect(telegram).toContain(cleaned(text));
      }
    }, 40_000);
    expectHarmless(office);
  });

  test("a null byte in a text loses nothing of it, in the store and on both platforms", async ({ open }) => {
    const office = await open();
    await arrives(office, "before\u0000behind");
    const thread = await office.slackThread(MALLORY);
    const topic = await office.topic(MALLORY);
    await office.eventually(() => {
      for (const { lines } of [thread, topic]) expect(lines().join()).toMatch(/before.?behind/s);
    });
  });

  test("a sender's name is a name, whatever it says", async ({ open }) => {
    const office = await open();
    const senders = ["<!channel>", "@boris /ban@bot", "*Boss* <@U123>", "\u202eSSOB", "a\nb: paid", "x".repeat(300)];
    for (const sender of senders) await arrives(office, "pay here", sender);
    await office.eventually(() => {
      expect(office.slack.messages(office.channel)).toHaveLength(senders.length);
      expect(office.telegram.topics(office.group)).toHaveLength(senders.length);
    }, 40_000);
    await office.quiet();
    expectHarmless(office);
    const names = office.slack
      .messages(office.channel)
      .flatMap(({ ts }) => office.slack.replies(office.channel, ts).flatMap(({ username }) => username ?? []));
    expect(names).toHaveLength(senders.length);
    for (const name of [...names, ...office.telegram.topics(office.group).map((topic) => topic.name)])
      expect(name).not.toMatch(/[\n\u202a-\u202e\u2066-\u2069]/u);
  });

  test("a colleague's name with markup in it rings nobody on the other platform, nor in what the bridge says", async ({
    open,
  }) => {
    const office = await open();
    await arrives(office, "hello");
    const thread = await office.slackThread(MALLORY);
    const topic = await office.topic(MALLORY);
    const inSlack = office.person({ name: "eve", displayName: "@boris /ban@bot <!channel> *E*\u202e" });
    const inTelegram = office.telegram.addUser({ firstName: "<!here> <@U123>", lastName: "*bold* @boris" });
    office.telegram.joins(office.group, inTelegram);
    thread.says("from Slack", {}, inSlack);
    topic.says("from Telegram", {}, inTelegram);
    await thread.holds(/<!here> <@U123> \*bold\* @boris \(Telegram\): from Telegram :white_check_mark:$/);
    await topic.holds(/@boris \/ban@bot <!channel> \*E\* \(Slack\) \/ from Slack 👌$/);
    topic.says("!close it", {}, inTelegram);
    await topic.presses("Send as a text");
    await thread.holds(/<!here> .*: !close it/);
    await office.quiet();
    expectHarmless(office);
  });

  test("what colleagues type in markup leaves as they see it, and a name they mention as a name", async ({ open }) => {
    const office = await open();
    await arrives(office, "hello");
    const thread = await office.slackThread(MALLORY);
    const topic = await office.topic(MALLORY);
    const eve = office.person({ name: "eve", displayName: "Eve <!here> & Co" });
    const typed = [
      ["*see* _you_ ~not~ `at` five &amp; <https://a.example|here>", "see you not at five & here (https://a.example)"],
      [`ask <@${eve}> &lt;b&gt; &amp;lt;`, "ask @Eve <!here> & Co <b> &lt;"],
      ["<!date^1^{date}|today> <!channel>", "today @channel"],
    ] as const;
    thread.says("I am Eve", {}, eve);
    await office.contact(MALLORY).gets("I am Eve");
    for (const [words] of typed) thread.says(words, { raw: true });
    await office.contact(MALLORY).gets("I am Eve", ...typed.map(([, text]) => text));
    topic.says("*as* <b>it</b> &amp; stands </b> [x](y)");
    await office.eventually(() =>
      expect(office.contact(MALLORY).got().at(-1)).toBe("*as* <b>it</b> &amp; stands </b> [x](y)"),
    );
    await office.quiet();
    expectHarmless(office);
  });
});
