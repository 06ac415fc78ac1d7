/** Points 6 and 7: threads that go, move or shut, and what becomes of the conversation. */
import { describe, expect } from "vitest";
import { ALICE, test } from "./harness.js";

describe.concurrent("threads that go", () => {
  test("a deleted topic is made anew with a short recap, and the conversation goes on in it", async ({ open }) => {
    const office = await open({ bridge: { to: ["telegram"] } });
    office.contact(ALICE).texts("hello there");
    const old = await office.topic();
    old.says("hello Alice");
    await old.holds("bot: hello there");
    await old.holds("Boris: hello Alice 👌");
    office.telegram.deletesTopic(office.group, old.id);
    office.contact(ALICE).texts("are you still there?");
    const topic = await office.topic(ALICE, { not: old.id });
    await topic.holds(/^bot: The earlier thread is gone.*hello there.*hello Alice/, "bot: are you still there?");
    topic.says("of course");
    await office.contact(ALICE).gets("hello Alice", "of course");
    await topic.holds("Boris: of course 👌");
    await office.quiet();
    expect(office.telegram.topics(office.group)).toHaveLength(1);
    const texts = office.telegram.messages(office.group, 1).filter(({ kind }) => kind === "text");
    expect(texts, "General").toEqual([]);
  });

  test("a closed topic is opened again by the next text", async ({ open }) => {
    const office = await open({ bridge: { to: ["telegram"] } });
    office.contact(ALICE).texts("hello there");
    const topic = await office.topic();
    await topic.reads("bot: hello there");
    office.telegram.takesRight(office.group, "can_manage_topics");
    office.telegram.closesTopic(office.group, topic.id);
    office.telegram.givesRight(office.group, "can_manage_topics");
    office.contact(ALICE).texts("one more thing");
    await topic.reads("bot: hello there", "bot: one more thing");
  });

  test("a deleted root of a Slack thread brings a new thread; nothing ever stands openly in the channel", async ({
    open,
  }) => {
    const office = await open({ bridge: { to: ["slack"] } });
    office.contact(ALICE).texts("hello there");
    const old = await office.slackThread();
    await old.reads("+1 201 555 0123: hello there");
    office.slack.removes(office.channel, old.id);
    office.contact(ALICE).texts("for your eyes only");
    const thread = await office.slackThread(ALICE, { not: old.id });
    await thread.holds(/^bot: The earlier thread is gone.*hello there/, "+1 201 555 0123: for your eyes only");
    thread.says("understood");
    await thread.holds("Anna: understood :white_check_mark:");
    await office.quiet();
    const openly = office.slack
      .messages(office.channel)
      .filter(({ ts, subtype }) => ts !== thread.id && subtype !== "tombstone");
    expect(openly).toEqual([]);
  });

  test("a root that goes unnoticed, while the bridge is not connected, leaks nothing either", async ({ open }) => {
    const office = await open({ bridge: { to: ["slack"] } });
    office.contact(ALICE).texts("hello there");
    const old = await office.slackThread();
    await old.reads("+1 201 555 0123: hello there");
    await office.stop();
    office.slack.kickBot(office.channel);
    office.slack.removes(office.channel, old.id);
    office.slack.inviteBot(office.channel);
    await office.start();
    office.contact(ALICE).texts("for your eyes only");
    const thread = await office.slackThread(ALICE, { not: old.id });
    await thread.holds(/^bot: The earlier thread is gone/, "+1 201 555 0123: for your eyes only");
    await office.quiet();
    const openly = office.slack
      .messages(office.channel)
      .filter((message) => office.slack.rendered(message).includes("eyes"));
    expect(openly).toEqual([]);
  });

  test("a group that becomes a supergroup keeps its conversations, in both directions", async ({ open }) => {
    const group = -4002;
    const office = await open({
      bridge: (world) => {
        world.telegram.addGroup({ id: group, title: "Small", forum: false, botIsAdmin: true });
        const more = `  - { name: Small, extension: 1234, did: "+12015550101", to: [{ telegram: ${group} }] }`;
        return { to: ["slack"], more };
      },
      before: ({ pbx, did }) => pbx.addExtension({ id: 1234, name: "100*101", dids: [did, "+12015550101"] }),
    });
    office.contact(ALICE).texts("before the move", "+12015550101");
    await office.chat(group).holds(/before the move$/);
    const moved = office.telegram.migrates(group);
    office.contact(ALICE).texts("after the move", "+12015550101");
    const chat = office.chat(moved);
    await chat.holds(/after the move$/);
    const text = chat.messages().find((message) => message.text.endsWith("after the move"));
    chat.says("found you", { replyTo: text?.id ?? 0 });
    await chat.holds("Boris: found you 👌");
    expect(office.contact(ALICE).got()).toEqual(["found you"]);
  });

  test("a bot that was thrown out of the group says so in /readyz, and brings what waited once it is back", async ({
    open,
  }) => {
    const office = await open({ bridge: { to: ["slack", "telegram"] }, aside: 0 });
    office.contact(ALICE).texts("hello there");
    const topic = await office.topic();
    await topic.reads("bot: hello there");
    office.telegram.kicksBot(office.group);
    await office.eventually(async () => {
      const { status, body } = await office.get("/readyz");
      expect({ status, body }).toMatchObject({
        status: 503,
        body: expect.stringContaining("removed from Telegram") as unknown,
      });
    });
    office.contact(ALICE).texts("while you were out");
    const thread = await office.slackThread();
    await thread.holds(/while you were out$/);
    office.telegram.addsBot(office.group);
    office.telegram.promotesBot(office.group);
    await topic.holds("bot: hello there", "bot: while you were out");
    expect((await office.get("/readyz")).status).toBe(200);
  });

  test("what is for somebody who blocked the bot waits until it is unblocked; the other threads go on and are told", async ({
    open,
  }) => {
    const office = await open({
      bridge: (world) => {
        const chat = world.telegram.privateChat(world.boris);
        return { to: ["slack"], more: `      - telegram: ${chat}` };
      },
    });
    const chat = office.chat(office.boris);
    office.contact(ALICE).texts("hello there");
    await chat.holds(/hello there$/);
    office.telegram.blocksBot(office.boris);
    office.contact(ALICE).texts("while you were out");
    const thread = await office.slackThread();
    await thread.holds(/while you were out$/, /cannot be shown in Telegram yet: .*has blocked the bot/);
    thread.says("Boris is away");
    await office.contact(ALICE).gets("Boris is away");
    office.telegram.unblocks(office.boris);
    await chat.holds(/hello there$/, /while you were out$/, /Boris is away 👌$/);
  });
});
