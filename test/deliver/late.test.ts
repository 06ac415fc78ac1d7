/** Replies that were written long before the bridge decides on them: asked about, not sent. */
import { describe, expect, it } from "vitest";
import { RetryLater } from "../../src/errors.js";
import { openSqliteFile } from "../../src/store/sqlite.js";
import { createWorld, startBridge } from "../fixtures/bridge.js";
import { HOUR, MINUTE, opened } from "./opened.js";

describe("a reply that was written long ago", () => {
  it.each(["slack", "telegram"] as const)("in %s is held, and a person decides", async (on) => {
    const { write, press, run, pbx, [on]: chat, ago } = await opened();
    const post = await write(on, "On our way", ago(3 * HOUR));
    await run();
    expect(pbx.words()).toEqual([]);
    expect(chat.posted.at(-1)?.post).toMatchObject({
      about: post,
      texts: [{ text: "“On our way”: This was written 3 h ago. Nothing was sent. Still send it?" }],
      choices: [
        { action: "send", label: "Send" },
        { action: "discard", label: "Don't send" },
      ],
    });
    await press(on, "send");
    await run();
    expect(pbx.words()).toEqual(["On our way"]);
    expect(chat.marks.get(post)).toBe("sent");
  });

  it.each([
    ["slack", "telegram"],
    ["telegram", "slack"],
  ] as const)("in %s is sent, and %s, where nobody was asked, says which one that is", async (on, elsewhere) => {
    const { write, press, run, [elsewhere]: other, ago } = await opened();
    const words = "On our way, with the long ladder and the spare parts";
    await write(on, words, ago(3 * HOUR));
    await run();
    await press(on, "send");
    await run();
    const by = on === "slack" ? "Eve" : "A colleague";
    expect(other.lines()).toContain(`SMS: “On our way, with the long ladder and th…”: ${by} sent it as a text.`);
  });

  it.each([
    ["slack", "telegram"],
    ["telegram", "slack"],
  ] as const)("in %s is marked as waiting, and %s tells who is asked, and what was decided", async (on, elsewhere) => {
    const { write, press, run, [on]: chat, [elsewhere]: other, ago } = await opened();
    const post = await write(on, "On our way", ago(3 * HOUR));
    await run();
    expect(chat.marks.get(post)).toBe("waiting");
    const name = on === "slack" ? "Eve (Slack)" : "Eve (Telegram)";
    const told = `SMS: ${name} wrote “On our way”, and is asked there whether to send it. Nothing was sent.`;
    expect(other.lines().at(-1)).toBe(told);
    await press(on, "discard");
    await run();
    const by = on === "slack" ? "Eve" : "A colleague";
    expect(other.lines().slice(-2)).toEqual([told, `SMS: “On our way”: ${by} did not send it.`]);
  });

  it("and is deleted before anybody decided is taken back where it was told of, and never told of where that waited", async () => {
    const { write, remove, run, telegram, ago } = await opened();
    const first = await write("slack", "On our way", ago(3 * HOUR));
    await run();
    await remove("slack", first);
    await run();
    expect(telegram.lines().at(-1)).toBe("SMS: Eve (Slack) took a text back before it was sent: “On our way”.");
    telegram.script.fail("send", new RetryLater("down", { scope: "target", afterMs: 5 * MINUTE }));
    await write("slack", "// a note");
    await run();
    const second = await write("slack", "See you", ago(3 * HOUR));
    await run();
    await remove("slack", second);
    await run(HOUR);
    expect(telegram.lines().join()).not.toContain("See you");
  });

  it("is gone when somebody says not to send it", async () => {
    const { write, press, run, pbx, slack, store, ago } = await opened();
    const post = await write("slack", "On our way", ago(61 * MINUTE));
    await run();
    await press("slack", "discard");
    await run();
    expect(pbx.words()).toEqual([]);
    expect(slack.marks.get(post)).toBe("ignored");
    expect(store.queue.counts()).toEqual({ waiting: [], aside: 0 });
  });

  it("is sent when it is not older than the config says, or when the config asks about none", async () => {
    const { write, run, pbx, ago } = await opened();
    await write("slack", "an hour ago", ago(HOUR));
    await run();
    expect(pbx.words()).toEqual(["an hour ago"]);
    const never = await opened({ rules: { askAfterMinutes: 0 } });
    await never.write("slack", "yesterday", never.ago(24 * HOUR));
    await never.run();
    expect(never.pbx.words()).toEqual(["yesterday"]);
  });

  it("as a note stays a note, and needs no question", async () => {
    const { write, run, slack, telegram, ago } = await opened();
    const post = await write("slack", "// call her", ago(5 * HOUR));
    await run();
    expect(slack.marks.get(post)).toBe("note");
    expect(telegram.lines()).toContain("Eve (Slack): call her");
    expect(slack.lines()).toHaveLength(1);
  });

  it("is one too when it waited inside the bridge, because nobody could tell who wrote it", async () => {
    const { write, run, pbx, slack } = await opened();
    slack.script.fail("person", new RetryLater("Slack is down", { afterMs: 2 * HOUR }));
    await write("slack", "On our way", { author: { id: "U1" } });
    await run(2 * HOUR);
    expect(pbx.words()).toEqual([]);
    expect(slack.lines().at(-1)).toContain("written 2 h ago");
  });

  it("that is edited is asked about anew, and leaves in its last wording alone", async () => {
    const { write, edit, press, run, pbx, clock, ago } = await opened();
    const post = await write("slack", "On our wya", ago(3 * HOUR));
    await run();
    await edit("slack", post, "On our way", { writtenAt: clock.now() - 3 * HOUR });
    await run();
    expect(pbx.words()).toEqual([]);
    await press("slack", "send");
    await run();
    expect(pbx.words()).toEqual(["On our way"]);
  });

  it("but only waits for the PBX is sent as edited: whoever edits it now means it", async () => {
    const { write, edit, run, pbx, clock } = await opened();
    pbx.script.fail("send", new RetryLater("down", { afterMs: 3 * HOUR }));
    const writtenAt = clock.now();
    const post = await write("slack", "On our wya");
    await run(2 * HOUR);
    await edit("slack", post, "On our way", { writtenAt });
    await run(2 * HOUR);
    expect(pbx.words()).toEqual(["On our way"]);
  });

  it("waits for its decision across a restart", async () => {
    const world = createWorld();
    const file = openSqliteFile(":memory:");
    const before = await opened({ world, file });
    await before.write("slack", "On our way", before.ago(3 * HOUR));
    await before.run();
    await before.worker.stop(0);
    const after = await startBridge({ world, file, owner: "two" });
    await after.run(24 * HOUR);
    expect(after.pbx.words()).toEqual([]);
    await after.press("slack", "send");
    await after.run();
    expect(after.pbx.words()).toEqual(["On our way"]);
  });

  it("that is told once more after its event was forgotten is not sent again", async () => {
    const { write, run, pbx, store, clock } = await opened();
    const reply = { key: "w:1", at: clock.now() };
    await write("slack", "ok", reply);
    await run();
    clock.jump(30 * 24 * HOUR);
    await store.sweep();
    await write("slack", "ok", reply);
    await run();
    expect(pbx.words()).toEqual(["ok"]);
  });
});
