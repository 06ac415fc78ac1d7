/** One side fails and the others do not notice: for each pair of sides, and for two channels of Slack. */
import { describe, expect } from "vitest";
import type { World } from "../../src/sandbox/world.js";
import { ALICE, BOB, test, type Office } from "../e2e/harness.js";

const ERRORS = /WebSocket error|could not connect|new WSS URL|no active connection/;
const OTHER_DID = "+12015550101";

/** What no fault elsewhere may delay takes less than any wait after a fault. */
const SOON_MS = 10_000;

function breaks(office: Office, side: "pbx" | "slack" | "telegram"): () => Promise<void> {
  if (side === "pbx") {
    const fault = office.pbx.fail({ kind: "hang", method: "POST", path: "/message/send/" });
    return async () => fault.stop();
  }
  const faults =
    side === "slack"
      ? ["chat.postMessage", "reactions.add"].map((method) => office.slack.fail({ kind: "hang", method }))
      : ["sendMessage", "setMessageReaction"].map((method) => office.telegram.fail({ kind: "hang", method }));
  return async () => faults.forEach((fault) => fault.stop());
}

describe.concurrent("while one side gives no answer", () => {
  test("at the PBX, texts of contacts appear in Slack and Telegram, and notes are shown", async ({ open }) => {
    const office = await open({ bridge: { more: "" }, errors: ERRORS });
    office.contact(ALICE).texts("hello");
    const [thread, topic] = [await office.slackThread(), await office.topic()];
    await office.quiet();
    const mend = breaks(office, "pbx");
    thread.says("a reply that hangs");
    await office.eventually(() => expect(office.pbx.calls().at(-1)?.path).toMatch("send"));
    await mend();
    office.contact(BOB).texts("not to be delayed");
    office.contact(ALICE).texts("nor this");
    thread.says("// a note");
    await office.eventually(() => {
      expect(thread.lines().join()).toMatch(/nor this/);
      expect(topic.lines().join()).toMatch(/nor this/);
      expect(topic.lines().join()).toMatch(/a note/);
    }, SOON_MS);
    await (await office.slackThread(BOB)).reads(/not to be delayed/);
    await office.eventually(() => expect(office.contact(ALICE).got()).toEqual(["a reply that hangs"]), 40_000);
  });

  test.for(["slack", "telegram"] as const)(
    "at %s, texts and replies go on elsewhere; then all is there, once",
    async (side, { open }) => {
      const office = await open({ errors: ERRORS });
      office.contact(ALICE).texts("hello");
      const [thread, topic] = [await office.slackThread(), await office.topic()];
      await office.quiet();
      const mend = breaks(office, side);
      const well = side === "slack" ? topic : thread;
      const ill = side === "slack" ? thread : topic;
      office.contact(ALICE).texts("one");
      await office.eventually(() => expect(well.lines().join()).toMatch(/one/), SOON_MS);
      well.says("a reply");
      await office.eventually(() => expect(office.contact(ALICE).got()).toEqual(["a reply"]), SOON_MS);
      await well.holds(/a reply (:white_check_mark:|👌)/);
      expect(ill.lines().join()).not.toMatch(/one|a reply/);
      await mend();
      await office.eventually(() => expect(ill.lines().join()).toMatch(/one.*a reply/s), 40_000);
      await office.quiet();
      for (const words of ["one", "a reply"])
        expect(ill.lines().filter((line) => line.includes(words))).toHaveLength(1);
    },
  );

  test("in a channel that is archived, another channel goes on, and /readyz says what to do", async ({ open }) => {
    const other = ({ slack }: World): string =>
      slack.channels().find(({ name }) => name === "other")?.id ?? slack.addChannel({ name: "other" }).id;
    const office = await open({
      bridge: (world) => ({
        to: ["slack"],
        more: `  - { name: Other, extension: 1234, did: "${OTHER_DID}", to: [{ slack: ${other(world)} }] }`,
      }),
      before: ({ pbx, did }) => pbx.addExtension({ id: 1234, name: "100*101", dids: [did, OTHER_DID] }),
    });
    office.slack.archive(office.channel);
    for (const words of ["one", "two", "three"]) office.contact(ALICE).texts(words);
    await office.eventually(async () =>
      expect((await office.get("/readyz")).body).toMatch(/is archived\. Unarchive it/),
    );
    office.contact(BOB).texts("elsewhere", OTHER_DID);
    const thread = await office.slackThread(BOB, { channel: other(office), did: OTHER_DID });
    await thread.reads(/elsewhere/);
    // What waits is asked about again after a minute; that is shown where the waits are short.
    await office.stop();
  });
});

describe.concurrent("a token that is revoked while the bridge runs", () => {
  test("at the PBX: replies wait, and /readyz and the log say what to do", async ({ open }) => {
    const office = await open({ bridge: { to: ["slack"] } });
    office.contact(ALICE).texts("hello");
    const thread = await office.slackThread();
    await office.quiet();
    office.pbx.revokeClient(true);
    thread.says("first");
    thread.says("second");
    await office.eventually(async () =>
      expect((await office.get("/readyz")).body).toMatch(/gave no token.*Check pbx\.clientId and pbx\.clientSecret/),
    );
    expect(office.logs.join("\n")).toMatch(/Check pbx\.clientId and pbx\.clientSecret/);
    expect(office.contact(ALICE).got()).toEqual([]);
    office.pbx.revokeClient(false);
    await office.contact(ALICE).gets("first", "second");
    await office.eventually(async () => expect((await office.get("/readyz")).body).toMatch(/"ready":true/));
  });

  test.for(["invalid_auth", "token_revoked", "account_inactive"] as const)(
    "at Slack (%s): texts wait, /readyz says what to do, and once it is accepted again they are shown, in order",
    async (error, { open }) => {
      const office = await open({ bridge: { to: ["slack"] }, errors: ERRORS });
      office.contact(ALICE).texts("hello");
      const thread = await office.slackThread();
      await office.quiet();
      const refused = office.slack.fail({ kind: "error", error });
      office.contact(ALICE).texts("one");
      office.contact(ALICE).texts("two");
      await office.eventually(async () =>
        expect((await office.get("/readyz")).body).toMatch(
          new RegExp(`Slack refuses the app \\(${error}\\)\\. .*nstall`),
        ),
      );
      expect(office.logs.join("\n")).toMatch(/Slack refuses the app .*nstall/);
      refused.stop();
      await office.eventually(() => expect(thread.lines().join()).toMatch(/one.*two/s), 40_000);
      await office.eventually(async () => expect((await office.get("/readyz")).body).toMatch(/"ready":true/));
    },
  );

  test("of Slack's app, with the connection cut: it is connected again once the token works, and nothing said meanwhile is lost", async ({
    open,
  }) => {
    const office = await open({ bridge: { to: ["slack"] }, errors: ERRORS });
    office.contact(ALICE).texts("hello");
    const thread = await office.slackThread();
    const refused = office.slack.fail({ kind: "error", error: "invalid_auth", method: "apps.connections.open" });
    office.slack.disconnect("link_disabled");
    office.slack.dropSockets();
    await office.eventually(async () =>
      expect((await office.get("/readyz")).body).toMatch(/"part":"slack","ok":false/),
    );
    // Not only cut, but refused when it is to be renewed.
    await office.eventually(() => expect(refused.hits).toBeGreaterThan(0));
    thread.says("said meanwhile");
    refused.stop();
    await office.eventually(() => expect(office.contact(ALICE).got()).toEqual(["said meanwhile"]), 60_000);
    await office.eventually(async () => expect((await office.get("/readyz")).body).toMatch(/"ready":true/));
  });
});
