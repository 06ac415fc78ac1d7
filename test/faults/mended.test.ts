/**
 * What somebody has to mend in Slack or Telegram: the other platform's thread and /readyz tell it, and once it is mended all that waited
 * is there, once and in order, without a restart.
 */
import { describe, expect } from "vitest";
import { ALICE, BOB, test, type Office, type OfficeOptions } from "../e2e/harness.js";
import { run } from "../e2e/program.js";
import { impatientAdapters } from "../fixtures/impatient.js";

const BY_WEBHOOK: OfficeOptions = { bridge: { telegramWebhook: true }, adapters: impatientAdapters };

interface Fault {
  readonly ill: "slack" | "telegram";
  /** Gives how it is mended. */
  readonly happens: (office: Office) => () => void;
  /** What the other platform's thread says of it. */
  readonly told: RegExp;
}

const FAULTS: Readonly<Record<string, Fault>> = {
  "a bot that was removed from the Slack channel": {
    ill: "slack",
    happens({ slack, channel }) {
      slack.kickBot(channel);
      return () => slack.inviteBot(channel);
    },
    told: /cannot be shown in Slack yet: .*[Ii]nvite/,
  },
  "an archived Slack channel": {
    ill: "slack",
    happens({ slack, channel }) {
      slack.archive(channel);
      return () => slack.unarchive(channel);
    },
    told: /cannot be shown in Slack yet: .*is archived\. Unarchive it/,
  },
  "a Slack token that was revoked": {
    ill: "slack",
    happens({ slack }) {
      const refused = slack.fail({ kind: "error", error: "token_revoked" });
      return () => refused.stop();
    },
    told: /cannot be shown in Slack yet: Slack refuses the app \(token_revoked\)\. Install the app/,
  },
  "a bot that was removed from the Telegram group": {
    ill: "telegram",
    happens({ telegram, group }) {
      telegram.kicksBot(group);
      return () => {
        telegram.addsBot(group);
        telegram.promotesBot(group);
      };
    },
    told: /cannot be shown in Telegram yet: The bot cannot reach Telegram chat .* Add it to the group/,
  },
  "a Telegram token that was revoked": {
    ill: "telegram",
    happens({ telegram }) {
      const refused = telegram.fail({ kind: "status", code: 401, description: "Unauthorized" });
      return () => refused.stop();
    },
    told: /cannot be shown in Telegram yet: Telegram refuses the bot token\. Take the token from @BotFather/,
  },
  "a bot that may not write in the Telegram group any more": {
    ill: "telegram",
    happens({ telegram, group }) {
      telegram.takesRight(group, "can_send_messages");
      return () => telegram.givesRight(group, "can_send_messages");
    },
    told: /cannot be shown in Telegram yet: The bot lacks rights in Telegram chat/,
  },
};

describe.concurrent.each(Object.entries(FAULTS))("%s", (_, { ill, happens, told }) => {
  test("is told in the other thread and by /readyz; mended, all is there without a restart", async ({ open }) => {
    const office = await open(BY_WEBHOOK);
    office.contact(ALICE).texts("hello");
    const [slack, telegram] = [await office.slackThread(), await office.topic()];
    for (const thread of [slack, telegram]) await thread.holds(/hello/);
    await office.quiet();
    const mend = happens(office);
    office.contact(ALICE).texts("first of two");
    const other = ill === "slack" ? telegram : slack;
    await other.holds(/first of two$/, told);
    office.contact(ALICE).texts("second of two");
    await other.holds(/second of two/);
    const { status, body } = await office.get("/readyz");
    expect({ status, body }).toMatchObject({
      status: 503,
      body: expect.stringMatching(`"${ill}","ok":false`) as unknown,
    });
    mend();
    const mended = ill === "slack" ? slack : telegram;
    // What waited together may stand in one post.
    await office.eventually(() => expect(mended.lines().join()).toMatch(/hello.*first of two.*second of two/s));
    await office.quiet();
    const words = mended.lines().join("\n");
    for (const text of ["first of two", "second of two"]) expect(words.split(text)).toHaveLength(2);
    expect(other.lines().filter((line) => told.test(line)).length).toBeLessThanOrEqual(2);
    expect((await office.get("/readyz")).status).toBe(200);
  });
});

/** What was refused would be tried again after a minute; what a test waits for comes sooner, or not at all. */
describe.concurrent("what waits until somebody has mended something is there at once", () => {
  test("when the bot is invited into the Slack channel", async ({ open }) => {
    const office = await open();
    office.contact(ALICE).texts("hello");
    const [slack, telegram] = [await office.slackThread(), await office.topic()];
    await office.quiet();
    office.slack.kickBot(office.channel);
    office.contact(ALICE).texts("kept");
    await telegram.holds(/kept$/, /cannot be shown in Slack yet/);
    office.slack.inviteBot(office.channel);
    await office.eventually(() => expect(slack.lines().at(-1)).toMatch(/kept$/), 15_000);
  });

  test("when the bot gets back its rights in the Telegram group, also where only new topics may not be opened", async ({
    open,
  }) => {
    const office = await open();
    office.contact(ALICE).texts("hello");
    const [slack, telegram] = [await office.slackThread(), await office.topic()];
    await office.quiet();
    office.telegram.takesRight(office.group, "can_manage_topics");
    office.contact(BOB).texts("somebody new");
    await (await office.slackThread(BOB)).holds(/cannot be shown in Telegram yet/);
    office.telegram.kicksBot(office.group);
    office.contact(ALICE).texts("kept");
    await slack.holds(/kept$/, /cannot be shown in Telegram yet/);
    office.telegram.addsBot(office.group);
    office.telegram.promotesBot(office.group);
    office.telegram.givesRight(office.group, "can_manage_topics");
    await office.eventually(() => expect(telegram.lines().at(-1)).toMatch(/kept$/), 15_000);
    await office.eventually(async () => expect((await office.topic(BOB)).lines()).toHaveLength(1), 15_000);
  });
});

describe.concurrent("where no other thread could tell it", () => {
  test("/readyz tells it, and `queue list --waiting` what waits", async ({ open }) => {
    const office = await open({ adapters: impatientAdapters, bridge: { to: ["slack"] } });
    office.contact(ALICE).texts("hello");
    const thread = await office.slackThread();
    await office.quiet();
    office.slack.kickBot(office.channel);
    office.contact(ALICE).texts("kept");
    await office.eventually(async () => expect((await office.get("/readyz")).body).toMatch(/[Ii]nvite/));
    const { out } = await run(office, ["queue", "list", "--waiting"]).ended;
    expect(out).toMatch(new RegExp(`^waiting {2}1 × post → slack:${office.channel}$`, "m"));
    office.slack.inviteBot(office.channel);
    await thread.holds(/hello$/, /kept$/);
  });
});

describe.concurrent("in a Telegram group", () => {
  test("where the bot may not open topics any more, a new contact's text waits, Slack tells it, and then it has its topic", async ({
    open,
  }) => {
    const office = await open(BY_WEBHOOK);
    office.telegram.takesRight(office.group, "can_manage_topics");
    office.contact(BOB).texts("somebody new");
    const thread = await office.slackThread(BOB);
    await thread.holds(/somebody new$/, /cannot be shown in Telegram yet: The bot lacks rights .*manage topics/);
    office.telegram.givesRight(office.group, "can_manage_topics");
    await (await office.topic(BOB)).holds("bot: somebody new");
  });

  test("whose topics are switched off, conversations go on as chains of replies, also when they are on again", async ({
    open,
  }) => {
    const office = await open({ ...BY_WEBHOOK, bridge: { telegramWebhook: true, to: ["telegram"] } });
    office.contact(ALICE).texts("in a topic");
    await (await office.topic()).holds("bot: in a topic");
    office.telegram.turnsTopics(office.group, false);
    office.contact(ALICE).texts("in a chain");
    const chat = office.chat(office.group);
    // Telegram puts the first attempt outside of every topic, and the bridge takes it away again.
    await chat.holds(/The earlier thread is gone/, /in a chain$/);
    await office.quiet();
    const [text, ...more] = chat.messages().filter((message) => message.text.endsWith("in a chain"));
    expect(more).toEqual([]);
    chat.says("an answer", { replyTo: text?.id ?? 0 });
    await office.contact(ALICE).gets("an answer");
    office.telegram.turnsTopics(office.group, true);
    office.contact(ALICE).texts("on again");
    await chat.holds("Boris: an answer 👌", /on again$/);
  });

  test("that becomes a supergroup while texts wait, they are all shown in the new one, once and in order", async ({
    open,
  }) => {
    const small = -4002;
    const did = "+12015550101";
    const office = await open({
      ...BY_WEBHOOK,
      bridge: ({ telegram }) => {
        telegram.addGroup({ id: small, title: "Small", forum: false, botIsAdmin: true });
        const more = `  - { name: Small, extension: 1234, did: "${did}", to: [{ telegram: ${small} }] }`;
        return { telegramWebhook: true, to: ["slack"], more };
      },
      before: ({ pbx, did: sales }) => pbx.addExtension({ id: 1234, name: "100*101", dids: [sales, did] }),
    });
    office.contact(ALICE).texts("before the move", did);
    await office.chat(small).holds(/before the move$/);
    await office.quiet();
    const failing = office.telegram.fail({
      kind: "status",
      code: 502,
      description: "Bad Gateway",
      method: "sendMessage",
    });
    for (const text of ["one", "two", "three"]) office.contact(ALICE).texts(`${text} that waits`, did);
    await office.eventually(async () =>
      expect((await office.get("/metrics")).body).toMatch(/waiting.*telegram.* [23]/),
    );
    const moved = office.chat(office.telegram.migrates(small));
    failing.stop();
    await moved.holds(/one that waits[\s\S]*two that waits[\s\S]*three that waits/);
    await office.quiet();
    for (const text of ["one", "two", "three"])
      expect(moved.lines().join("\n").split(`${text} that waits`)).toHaveLength(2);
  });
});
