/** Points 3, 6 and 7: the same promises in both modes of each platform, and nothing is acknowledged that was not stored. */
import LibsqlDatabase from "libsql";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { ALICE, BY_HTTP, test, type Office } from "./harness.js";
import { run } from "./program.js";

const MODES = [
  { mode: "Socket Mode and polling", bridge: {} },
  { mode: "HTTP mode and webhook", bridge: BY_HTTP },
] as const;

describe.concurrent("both modes", () => {
  test.for(MODES)("$mode: texts, replies, notes, edits and buttons go their way", async ({ bridge }, { open }) => {
    const office = await open({ bridge });
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    const topic = await office.topic();
    thread.says("from Slack");
    await topic.holds("bot: hello there", "bot: Anna (Slack) / from Slack 👌");
    const said = topic.says("from Telegram");
    await thread.holds("Boris (Telegram): from Telegram :white_check_mark:");
    office.telegram.edits(office.group, said, "from Telegram, corrected");
    await topic.holds(/^bot: The text had already been sent/);
    thread.says("!hold this");
    await thread.presses("Don't send");
    await thread.holds("Anna: !hold this :no_entry_sign:", /Anna did not send it\./);
    topic.says("// for us");
    await thread.holds("Boris (Telegram): 📝 for us");
    expect(office.contact(ALICE).got()).toEqual(["from Slack", "from Telegram"]);
  });

  test.for(MODES)("$mode: what a platform delivers again is not sent again", async ({ bridge }, { open }) => {
    const office = await open({ bridge, world: { slack: { retryDelaysMs: [100, 100, 100] } } });
    office.contact(ALICE).texts("hello there");
    const thread = await office.slackThread();
    const topic = await office.topic();
    await topic.holds("bot: hello there");
    await office.eventually(() => expect(office.slack.unacknowledged()).toEqual([]));
    office.slack.loseAcks(3);
    thread.says("said once");
    await thread.holds("Anna: said once :white_check_mark:");
    await office.eventually(() => expect(office.slack.unacknowledged()).toEqual([]));
    if (bridge === BY_HTTP) expect(await office.slack.verifiesUrl()).toBe(true);
    // The offset is what confirms; a lost answer of a poll brings its updates again.
    else office.telegram.fail({ kind: "reset after effect", method: "getUpdates", times: 1 });
    topic.says("said once in Telegram");
    await topic.holds("Boris: said once in Telegram 👌");
    await office.quiet();
    expect(office.contact(ALICE).got()).toEqual(["said once", "said once in Telegram"]);
  });

  test("unsigned and unknown callers of the webhooks are turned away", async ({ open }) => {
    const office = await open({ bridge: BY_HTTP });
    const post = async (path: string, headers: Record<string, string>) =>
      (await fetch(`${office.url}${path}`, { method: "POST", headers, body: "{}" })).status;
    const now = String(Math.floor(Date.now() / 1000));
    const forged = { "x-slack-signature": `v0=${"0".repeat(64)}`, "x-slack-request-timestamp": now };
    expect(await post("/slack/events", forged)).toBe(401);
    expect(await post("/telegram/webhook", { "x-telegram-bot-api-secret-token": "guessed" })).toBe(403);
  });
});

/** Another connection holds the file's write lock, as a stuck backup would: the bridge's store can take nothing. */
function refuseWrites(office: Office): () => void {
  const database = new LibsqlDatabase(join(office.folder, "bridge.db"));
  database.exec("begin immediate");
  return () => {
    database.exec("rollback");
    database.close();
  };
}

describe.concurrent("while the store refuses", () => {
  test.for(MODES)(
    "$mode: nothing is acknowledged, and all of it is there afterwards, once",
    async ({ bridge }, { open }) => {
      const office = await open({
        bridge,
        closed: true,
        errors: /./,
        world: {
          pbx: { eventRetries: { times: 30, waitMs: 300 } },
          slack: { retryDelaysMs: Array<number>(30).fill(300), ackWithinMs: 2000 },
        },
      });
      const program = run(office, ["start"]);
      await program.ready();
      office.contact(ALICE).texts("hello there");
      const thread = await office.slackThread();
      const topic = await office.topic();
      await topic.holds("bot: hello there");
      thread.says("said before");
      await thread.holds("Anna: said before :white_check_mark:");
      await topic.holds(/said before 👌$/);

      const allow = refuseWrites(office);
      office.contact(ALICE).texts("stored or not?");
      thread.says("kept by Slack");
      topic.says("kept by Telegram");
      await office.eventually(() => {
        const told = office.pbx.events().findLast(({ type }) => type === "message-in");
        expect(told?.attempts.map(({ status }) => status)).toContain(503);
        const kept = office.slack
          .unacknowledged()
          .find(({ payload }) => JSON.stringify(payload).includes("kept by Slack"));
        expect(kept?.attempt, "Slack's repetitions").toBeGreaterThan(0);
      }, 30_000);
      const { status, body } = await office.get("/readyz");
      expect({ status, body }).toMatchObject({
        status: 503,
        body: expect.stringContaining('"store","ok":false') as unknown,
      });
      expect(office.contact(ALICE).got()).toEqual(["said before"]);
      allow();

      await thread.holds("+1 201 555 0123: stored or not?");
      await office.eventually(() =>
        expect(office.contact(ALICE).got().toSorted()).toEqual(["kept by Slack", "kept by Telegram", "said before"]),
      );
      await thread.holds("Anna: kept by Slack :white_check_mark:");
      await topic.holds("Boris: kept by Telegram 👌");
      await office.eventually(() => expect(office.slack.unacknowledged()).toEqual([]));
      await office.quiet();
      expect(thread.lines().filter((line) => line.includes("stored or not?"))).toHaveLength(1);
      expect(await program.end()).toMatchObject({ code: 0 });
    },
  );
});
