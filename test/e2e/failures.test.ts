/** Points 6, 7, 8 and 10: whatever fails on the way, nothing is lost, nobody is texted twice, and order holds in every lane. */
import { describe, expect } from "vitest";
import type { World } from "../../src/sandbox/world.js";
import { ALICE, BOB, test } from "./harness.js";

const SLACK = { bridge: { to: ["slack"] } } as const;
const SEND = { method: "POST", path: "/message/send/" } as const;
const POST = "chat.postMessage";

describe.concurrent("the PBX fails", () => {
  test("a text that is refused gets an x, the reason and a button; Retry in Slack sends it, once", async ({ open }) => {
    const office = await open();
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    const topic = await office.topic();
    office.pbx.fail({ kind: "status", code: 400, body: '{"message":"No credit left"}', times: 1, ...SEND });
    thread.says("the offer stands");
    await thread.holds(
      "Anna: the offer stands :x:",
      /^bot: Not delivered to \+12015550123: “the offer stands”\. .*No credit left.* \/ Retry$/,
    );
    await topic.holds("bot: Anna (Slack) / the offer stands 👎", /^bot: Not delivered to .*No credit left/);
    expect(office.contact(ALICE).got()).toEqual([]);
    expect((await office.get("/metrics")).body).toMatch(/^bridge_gave_up_total\{kind="text",reason="refused"\} 1$/m);
    await thread.presses("Retry");
    await thread.holds("Anna: the offer stands :white_check_mark:", /^bot: Not delivered.*Anna sent it again\.$/);
    await topic.holds(
      "bot: Anna (Slack) / the offer stands 👌",
      /^bot: Not delivered.*No credit left.*Anna sent it again\.$/,
    );
    expect(topic.messages().flatMap(({ buttons }) => buttons)).toEqual([]);
    await office.quiet();
    expect(office.contact(ALICE).got()).toEqual(["the offer stands"]);
  });

  test("a text that the carrier could not deliver is sent again by Retry in Telegram, once however often it is pressed", async ({
    open,
  }) => {
    const office = await open({ world: { pbx: { settling: { status: "failed", afterMs: 100 } } } });
    office.contact(ALICE).texts("hello there");
    const topic = await office.topic();
    const thread = await office.slackThread();
    topic.says("the offer stands");
    await topic.holds("Boris: the offer stands 👎", /^bot: Not delivered to/);
    await thread.holds("Boris (Telegram): the offer stands :x:", /^bot: Not delivered to/);
    office.pbx.setSettling({ status: "sent", afterMs: 0 });
    await Promise.all([topic.presses("Retry"), topic.presses("Retry"), thread.presses("Retry")]);
    await topic.holds("Boris: the offer stands 👌", /sent it again\./);
    await thread.holds("Boris (Telegram): the offer stands :white_check_mark:");
    await office.quiet();
    expect(office.pbx.sentTexts().map(({ text, status }) => `${text} ${status}`)).toEqual([
      "the offer stands failed",
      "the offer stands sent",
    ]);
  });

  test("while the PBX is down replies wait with a mark that says so; then each is sent once, in order", async ({
    open,
  }) => {
    const office = await open();
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    const topic = await office.topic();
    await office.pbx.down(true);
    for (const words of ["first", "second", "third"]) thread.says(words);
    await thread.holds(...["first", "second", "third"].map((words) => `Anna: ${words} :hourglass_flowing_sand:`));
    await topic.holds(...["first", "second", "third"].map((words) => `bot: Anna (Slack) / ${words} 👀`));
    await office.pbx.down(false);
    await office.contact(ALICE).gets("first", "second", "third");
    await thread.holds(...["first", "second", "third"].map((words) => `Anna: ${words} :white_check_mark:`));
  });

  test.for(["reset after effect", "truncated", "garbage"] as const)(
    "a text whose answer is lost (%s) is looked up, and not sent twice",
    async (kind, { open }) => {
      const office = await open(SLACK);
      office.contact(ALICE).texts("hello there");
      const thread = await office.slackThread();
      office.pbx.fail({ kind, times: 1, ...SEND });
      thread.says("one and only");
      thread.says("the next");
      await thread.holds("Anna: one and only :white_check_mark:", "Anna: the next :white_check_mark:");
      await office.quiet();
      expect(office.contact(ALICE).got()).toEqual(["one and only", "the next"]);
    },
  );

  test("a text that got lost before the PBX had it is sent after all, also beside an equal one", async ({ open }) => {
    const office = await open(SLACK);
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    thread.says("ok");
    await thread.holds("Anna: ok :white_check_mark:");
    office.pbx.fail({ kind: "reset before effect", times: 1, ...SEND });
    thread.says("ok");
    await thread.reads("+1 201 555 0123: hello there", "Anna: ok :white_check_mark:", "Anna: ok :white_check_mark:");
    expect(office.contact(ALICE).got()).toEqual(["ok", "ok"]);
  });

  test("a text that a proxy answered with a page in the PBX's place is sent after all, once", async ({ open }) => {
    const office = await open(SLACK);
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    office.pbx.fail({ kind: "garbage", effect: false, times: 1, ...SEND });
    thread.says("one and only");
    await thread.holds("Anna: one and only :white_check_mark:");
    expect(office.contact(ALICE).got()).toEqual(["one and only"]);
  });

  test("tokens that end, 429 and 503 are no reason to bother anybody", async ({ open }) => {
    const office = await open(SLACK);
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    office.pbx.expireTokens();
    thread.says("first");
    await thread.holds("Anna: first :white_check_mark:");
    office.pbx.fail({ kind: "rate-limit", retryAfter: 1, times: 2, ...SEND });
    thread.says("second");
    await thread.holds("Anna: second :white_check_mark:");
    office.pbx.fail({ kind: "status", code: 503, times: 2, ...SEND });
    thread.says("third");
    await thread.holds("Anna: third :white_check_mark:");
    await office.quiet();
    expect(office.contact(ALICE).got()).toEqual(["first", "second", "third"]);
  });
});

const OTHER_DID = "+12015550101";

/** A second line with a Slack channel of its own. */
function otherChannel({ slack }: World): { channel: string; more: string } {
  const channel = slack.channels().find(({ name }) => name === "other")?.id ?? slack.addChannel({ name: "other" }).id;
  return {
    channel,
    more: `  - { name: Other, extension: 1234, did: "${OTHER_DID}", to: [{ slack: ${channel} }] }`,
  };
}

describe.concurrent("Slack and Telegram fail", () => {
  test("a post whose answer is lost is found again, neither doubled nor opened a second thread for", async ({
    open,
  }) => {
    const office = await open(SLACK);
    const lost = office.slack.fail({ kind: "reset after effect", method: POST, times: 2 });
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    await thread.reads("+1 201 555 0123: hello there");
    expect(lost.hits).toBe(2);
    office.slack.fail({ kind: "truncated", method: POST, times: 1 });
    office.contact(ALICE).texts("are you there?");
    await thread.reads("+1 201 555 0123: hello there", "+1 201 555 0123: are you there?");
    await office.quiet();
    expect(office.slack.messages(office.channel)).toHaveLength(1);
    expect(thread.lines()).toHaveLength(2);
  });

  test("a thread and a post whose answers are lost are there once, also when Slack lists them late", async ({
    open,
  }) => {
    const office = await open(SLACK);
    office.slack.listsLate(4000);
    office.slack.fail({ kind: "reset after effect", method: POST, times: 2 });
    office.contact(ALICE).texts("hello there");
    await office.eventually(() => expect(office.slack.messages(office.channel)).toHaveLength(1));
    const { ts = "" } = office.slack.messages(office.channel)[0] ?? {};
    await office.eventually(() => expect(office.slack.replies(office.channel, ts)).toHaveLength(1), 40_000);
    await office.quiet();
    expect(office.slack.messages(office.channel)).toHaveLength(1);
    expect(office.slack.replies(office.channel, ts)).toHaveLength(1);
  });

  test("in Telegram a topic whose opening was not answered is used, and a post that may be there twice says so", async ({
    open,
  }) => {
    const office = await open({ bridge: { to: ["telegram"] } });
    office.telegram.fail({ kind: "reset after effect", method: "createForumTopic", times: 1 });
    office.contact(ALICE).texts("hello there");
    const topic = await office.topic();
    await office.eventually(() => expect(topic.lines()).toEqual(["bot: hello there"]), 40_000);
    office.telegram.fail({ kind: "reset after effect", method: "sendMessage", times: 1 });
    office.contact(ALICE).texts("are you there?");
    await topic.reads("bot: hello there", "bot: are you there?", /^bot: \(maybe a repeat\) .*are you there\?$/);
    expect(office.telegram.topics(office.group)).toHaveLength(1);
    expect(topic.messages()[2]?.rendered[0]).toMatchObject({ text: "(maybe a repeat)" });
  });

  test("429 in one channel pauses it as told and no other channel; order holds", async ({ open }) => {
    const office = await open({
      bridge: (world) => ({ to: ["slack"], more: otherChannel(world).more }),
      before: ({ pbx, did }) => pbx.addExtension({ id: 1234, name: "100*101", dids: [did, OTHER_DID] }),
    });
    const limit = { kind: "rate-limit", retryAfter: 3, method: POST, channel: office.channel, times: 1 } as const;
    office.slack.fail(limit);
    office.contact(ALICE).texts("one");
    office.contact(ALICE).texts("two");
    await office.eventually(() => expect(office.slack.calls.some(({ status }) => status === 429)).toBe(true));
    office.contact(BOB).texts("not to be delayed", OTHER_DID);
    const other = await office.slackThread(BOB, otherChannel(office));
    await other.reads("+1 201 555 0124: not to be delayed");
    expect(office.slack.messages(office.channel)).toEqual([]);
    const thread = await office.slackThread();
    await office.eventually(() => expect(thread.lines().join()).toMatch(/one.*two/));
    const tried = office.slack.calls.filter(
      ({ method, params }) => method === POST && params["channel"] === office.channel,
    );
    expect((tried[1]?.at ?? 0) - (tried[0]?.at ?? 0)).toBeGreaterThanOrEqual(3000);
  });

  test("through 5xx, broken connections, hung-up sockets and an hour of bad luck texts arrive once and in order", async ({
    open,
  }) => {
    const office = await open({ errors: /WebSocket error|new WSS URL/ });
    const bad = [
      { kind: "status", code: 503 },
      { kind: "reset before effect" },
      { kind: "reset after effect" },
      { kind: "garbage" },
    ] as const;
    for (const fault of bad) office.slack.fail({ ...fault, method: POST, times: 1 });
    for (const fault of [bad[0], bad[1]]) office.slack.fail({ ...fault, method: "reactions.add", times: 1 });
    const words = ["one", "two", "three", "four", "five"];
    for (const contact of [ALICE, BOB])
      for (const word of words) office.contact(contact).texts(`${word} of ${contact.slice(-1)}`);
    office.slack.dropSockets();
    // Whatever may have happened is looked for during ten seconds before it is done again.
    await office.eventually(() => expect(office.slack.messages(office.channel)).toHaveLength(2), 60_000);
    for (const contact of [ALICE, BOB]) {
      const thread = await office.slackThread(contact);
      await office.eventually(() => {
        const told = thread
          .lines()
          .join(" ")
          .match(/(one|two|three|four|five) of \d/g);
        expect(told).toEqual(words.map((word) => `${word} of ${contact.slice(-1)}`));
      }, 60_000);
      thread.says(`to ${contact.slice(-1)}`);
      await thread.holds(/^Anna: to \d :white_check_mark:$/);
    }
    expect(office.slack.messages(office.channel)).toHaveLength(2);
  });

  test("Telegram's 429 pauses the group as told; texts stand in order, each once", async ({ open }) => {
    const office = await open({ bridge: { to: ["telegram"] } });
    office.contact(ALICE).texts("one");
    const topic = await office.topic();
    await topic.reads("bot: one");
    office.telegram.fail({ kind: "rate-limit", retryAfter: 2, method: "sendMessage", times: 1 });
    for (const text of ["two", "three", "four"]) office.contact(ALICE).texts(text);
    await office.eventually(() => expect(topic.lines().join(" ")).toMatch(/one.*two.*three.*four/));
    office.telegram.fail({ kind: "status", code: 502, description: "Bad Gateway", method: "sendMessage", times: 1 });
    office.telegram.fail({ kind: "reset before effect", method: "setMessageReaction", times: 1 });
    office.contact(ALICE).texts("five");
    topic.says("an answer");
    await topic.holds(/five/);
    await topic.holds("Boris: an answer 👌");
    await office.quiet();
    for (const word of ["one", "two", "three", "four", "five"])
      expect(topic.lines().join(" ").split(word)).toHaveLength(2);
  });
});
