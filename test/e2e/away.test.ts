/** What colleagues write and press while the bridge, or its connection, is away. */
import { describe, expect } from "vitest";
import { ALICE, BOB, test, type Office, type OfficeOptions } from "./harness.js";

const HOUR = 3_600_000;

/** Slack and Telegram are so far behind the bridge's clock, until told otherwise: what happens there happened so long ago. */
function past(ms = 3 * HOUR) {
  const clock = { behind: ms };
  const now = (): number => Date.now() - clock.behind;
  return { clock, world: { slack: { now }, telegram: { now } } };
}

/** Alice has texted, both threads are open, and then the bridge is stopped. */
async function closedOffice(open: (options: OfficeOptions) => Promise<Office>, options: OfficeOptions) {
  const office = await open(options);
  office.contact(ALICE).texts("hello there");
  const thread = await office.slackThread();
  const topic = await office.topic();
  await thread.reads("+1 201 555 0123: hello there");
  await topic.holds(/hello there/);
  await office.quiet();
  await office.stop();
  return { office, thread, topic };
}

const MODES = [
  { mode: "Socket Mode and polling", bridge: {} },
  { mode: "HTTP mode and webhook", bridge: { slackHttp: true, telegramWebhook: true } },
] as const;

describe.concurrent("while the bot is not in the Slack channel", () => {
  test.for(MODES)("$mode: replies are found when it is invited again, and go first", async ({ bridge }, { open }) => {
    const office = await open({ bridge: { ...bridge, to: ["slack"] } });
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    await thread.reads("+1 201 555 0123: hello there");
    await office.quiet();
    office.slack.kickBot(office.channel);
    thread.says("written while the bot was out");
    office.slack.inviteBot(office.channel);
    await office.contact(ALICE).gets("written while the bot was out");
    thread.says("written after");
    await office.contact(ALICE).gets("written while the bot was out", "written after");
  });
});

describe.concurrent("while the bridge is away", () => {
  test.for(MODES)(
    "$mode: replies in Slack and Telegram are found after the start and sent once, in order",
    async ({ bridge }, { open }) => {
      const { office, thread, topic } = await closedOffice(open, { bridge });
      office.slack.forgets(true);
      const first = thread.says("frist");
      thread.says("second");
      thread.says("// a note");
      const gone = thread.says("never mind");
      office.slack.removes(office.channel, gone);
      office.slack.edits(office.channel, first, "first");
      topic.says("third");
      const fourth = topic.says("fuorth");
      office.telegram.edits(office.group, fourth, "fourth");
      office.slack.forgets(false);
      await office.start();
      await thread.holds("Anna: first :white_check_mark:", "Anna: second :white_check_mark:", "Anna: // a note :memo:");
      await topic.holds("Boris: third 👌", /^Boris: fourth/);
      await office.quiet();
      const got = office.contact(ALICE).got();
      expect(got.filter((text) => /first|second/.test(text))).toEqual(["first", "second"]);
      expect(got.filter((text) => /third|fuorth|fourth/.test(text))).toHaveLength(2);
      expect(got).toHaveLength(4);
      await office.stop();
      await office.start();
      await office.quiet();
      expect(office.contact(ALICE).got()).toEqual(got);
    },
  );

  test.for(MODES)(
    "$mode: what was edited or deleted before the start reaches the contact as it is in the end, or not at all",
    async ({ bridge }, { open }) => {
      const { clock, world } = past(30_000);
      const { office, thread, topic } = await closedOffice(open, { bridge, world });
      const gone = thread.says("never mind");
      const first = thread.says("frist");
      office.slack.removes(office.channel, gone);
      office.slack.edits(office.channel, first, "first");
      const second = topic.says("secnod");
      office.telegram.edits(office.group, second, "second");
      clock.behind = 0;
      await office.start();
      await thread.holds(/Anna: first :white_check_mark:/);
      await topic.holds(/Boris: second 👌/);
      await office.quiet();
      expect(office.contact(ALICE).got().toSorted()).toEqual(["first", "second"]);
    },
  );

  test.for(MODES)(
    "$mode: so does what waited for the PBX when the bridge was stopped, whatever Slack tells of it",
    async ({ bridge }, { open }) => {
      const { clock, world } = past(30_000);
      const office = await open({ bridge, world });
      office.contact(ALICE).texts("hello there");
      const thread = await office.slackThread();
      const topic = await office.topic();
      await topic.holds(/hello there/);
      await office.pbx.down(true);
      const gone = thread.says("never mind");
      const first = thread.says("frist");
      const second = topic.says("secnod");
      await topic.holds(/never mind/, /frist/);
      await thread.holds(/secnod/);
      await office.stop();
      office.slack.forgets(true);
      office.slack.removes(office.channel, gone);
      office.slack.edits(office.channel, first, "first");
      office.slack.forgets(false);
      office.telegram.edits(office.group, second, "second");
      clock.behind = 0;
      await office.pbx.down(false);
      await office.start();
      await thread.holds(/Anna: first :white_check_mark:/);
      await topic.holds("Boris: second 👌", /changed “frist” before it was sent/);
      await topic.holds(/took a text back before it was sent: “never mind”/);
      await office.quiet();
      expect(office.contact(ALICE).got().toSorted()).toEqual(["first", "second"]);
    },
  );

  test("what was written three hours ago is asked about in both, edited or not, and sent when somebody says so", async ({
    open,
  }) => {
    const { clock, world } = past();
    const { office, thread, topic } = await closedOffice(open, { world, aside: 1 });
    office.slack.forgets(true);
    const early = thread.says("we cmoe at 3");
    office.slack.edits(office.channel, early, "we come at 3");
    topic.says("or at 4");
    topic.says("// for us");
    clock.behind = 0;
    office.slack.forgets(false);
    await office.start();
    await thread.holds(
      "Anna: we come at 3 :hourglass_flowing_sand:",
      /^bot: .*This was written 3 h ago.*Still send it\? \/ Send \/ Don't send$/,
    );
    await topic.holds("Boris: or at 4 👀", "Boris: // for us ✍", /^bot: .*This was written 3 h ago/);
    await office.quiet();
    expect(office.contact(ALICE).got()).toEqual([]);
    await office.stop();
    await office.start();
    await thread.presses("Send");
    await office.contact(ALICE).gets("we come at 3");
    await thread.holds("Anna: we come at 3 :white_check_mark:", /Anna sent it as a text\.$/);
    await office.quiet();
  });

  test("how old a reply must be to be asked about, the config says; 0: none is", async ({ open }) => {
    const { clock, world } = past();
    const asksNever = { more: "inbox: { askAfterMinutes: 0 }" };
    const { office, thread, topic } = await closedOffice(open, { world, bridge: asksNever, aside: 1 });
    thread.says("three hours ago");
    clock.behind = 0;
    await office.start();
    await office.contact(ALICE).gets("three hours ago");
    await office.quiet();
    await office.stop();
    clock.behind = 90_000;
    topic.says("a minute and a half ago");
    clock.behind = 30_000;
    topic.says("half a minute ago");
    clock.behind = 0;
    await office.start({ more: "inbox: { askAfterMinutes: 1 }" });
    await office.contact(ALICE).gets("three hours ago", "half a minute ago");
    await topic.holds("Boris: a minute and a half ago 👀", /^bot: .*Still send it\?/);
    await office.quiet();
  });

  test("buttons pressed in Telegram count; one pressed in Slack shows the person that it failed", async ({ open }) => {
    const office = await open({ bridge: { to: ["telegram"] } });
    office.contact(ALICE).texts("hello there");
    const topic = await office.topic();
    await topic.holds(/hello there/);
    topic.says("!price");
    await topic.holds(/^bot: .*looks like a command/);
    await office.quiet();
    await office.stop();
    const pressing = topic.presses("Send as a text").catch(() => {});
    await office.start();
    await office.contact(ALICE).gets("!price");
    await pressing;
  });

  test("what Telegram kept for more than a day is gone, and everything since arrives", async ({ open }) => {
    const { clock, world } = past(30 * HOUR);
    const { office, topic } = await closedOffice(open, { world, aside: 1, bridge: { to: ["slack", "telegram"] } });
    topic.says("a day and more ago");
    clock.behind = 2 * HOUR;
    topic.says("two hours ago");
    clock.behind = 0;
    topic.says("now");
    await office.start();
    await topic.holds(/^Boris: two hours ago/, /^bot: .*This was written 2 h ago/);
    await office.contact(ALICE).gets("now");
    await office.quiet();
    expect(topic.lines().filter((line) => line.includes("a day and more ago"))).toEqual(["Boris: a day and more ago"]);
  });

  test("long threads are read page by page, also where Slack gives few messages at a time and limits reading", async ({
    open,
  }) => {
    const office = await open({ world: { slack: { historyLimit: 5 } }, bridge: { to: ["slack"] } });
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    await thread.reads("+1 201 555 0123: hello there");
    await office.quiet();
    await office.stop();
    office.slack.forgets(true);
    const words = Array.from({ length: 14 }, (_, index) => `reply ${index}`);
    for (const text of words) thread.says(text);
    office.slack.forgets(false);
    office.slack.fail({ kind: "rate-limit", retryAfter: 1, method: "conversations.replies", times: 2 });
    await office.start();
    // Live work does not wait for it.
    office.contact(BOB).texts("meanwhile");
    await office.slackThread(BOB);
    await office.contact(ALICE).gets(...words);
    await office.quiet();
  });

  test("a deleted thread is noticed: the next text opens a new one at once", async ({ open }) => {
    const { office, thread } = await closedOffice(open, {});
    office.slack.forgets(true);
    office.slack.removes(office.channel, thread.id);
    office.slack.forgets(false);
    await office.start();
    office.contact(ALICE).texts("still there?");
    const next = await office.slackThread(ALICE, { not: thread.id });
    await next.holds("+1 201 555 0123: still there?");
  });
});

describe.concurrent("while the connection is away", () => {
  test("what Slack then does not tell is read when the connection is back", async ({ open }) => {
    const office = await open({ bridge: { to: ["slack"] }, errors: /WebSocket error|new WSS URL/ });
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    await thread.reads("+1 201 555 0123: hello there");
    office.slack.forgets(true);
    office.slack.down(true);
    thread.says("said to nobody");
    await new Promise((resolve) => setTimeout(resolve, 6000));
    office.slack.down(false);
    office.slack.forgets(false);
    await office.contact(ALICE).gets("said to nobody");
    await thread.holds("Anna: said to nobody :white_check_mark:");
    const { body } = await office.get("/metrics");
    expect(body).toMatch(/^bridge_missed_events_total\{platform="slack"\} 1$/m);
  });
});
