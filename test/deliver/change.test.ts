/** What people change or delete after writing it. */
import { describe, expect, it } from "vitest";
import { GiveUp, RetryLater } from "../../src/errors.js";
import { startBridge } from "../fixtures/bridge.js";
import { opened } from "./opened.js";

describe("a change before the text is out", () => {
  const undo = { rules: { undoSeconds: 10 } };

  it("by editing, also several times, sends the last wording alone, and marks the post", async () => {
    const { write, edit, run, pbx, slack, telegram } = await opened(undo);
    const post = await write("slack", "first");
    await run();
    await edit("slack", post, "second");
    await run(5000);
    await edit("slack", post, "third");
    await run(60_000);
    expect(pbx.words()).toEqual(["third"]);
    expect(slack.marks.get(post)).toBe("sent");
    expect(slack.lines()).toHaveLength(1);
    expect(telegram.lines().slice(1)).toEqual(["Eve (Slack): third"]);
  });

  it("from a long text to a short one leaves nothing of the long one", async () => {
    const { write, edit, run, pbx, slack } = await opened(undo);
    const post = await write("slack", "word ".repeat(60));
    await run();
    await edit("slack", post, "short");
    await run(60_000);
    expect(pbx.words()).toEqual(["short"]);
    expect(slack.marks.get(post)).toBe("sent");
  });

  it("to a note takes the text back", async () => {
    const { write, edit, run, pbx, slack, telegram } = await opened(undo);
    const post = await write("slack", "She is difficult");
    await run();
    await edit("slack", post, "// She is difficult");
    await run(60_000);
    expect(pbx.words()).toEqual([]);
    expect(slack.marks.get(post)).toBe("note");
    expect(telegram.posted.at(-1)?.post.note).toBe(true);
  });

  it("after the PBX refused it sends the new words; deleted instead, nothing goes out by Retry", async () => {
    const { write, edit, remove, run, pbx, slack } = await opened();
    pbx.script.fail("send", new GiveUp("Refused."));
    pbx.script.fail("send", new GiveUp("Refused."));
    const [changed, deleted] = [await write("slack", "teh offer"), await write("slack", "never mind")];
    await run();
    expect(slack.marks.get(changed)).toBe("failed");
    await edit("slack", changed, "the offer");
    await remove("slack", deleted);
    await run(60_000);
    expect(pbx.words()).toEqual(["the offer"]);
    expect(slack.marks.get(changed)).toBe("sent");
  });

  it.each(["lost", "refused"] as const)(
    "(%s) and in the PBX's list makes no phone's text of the old words",
    async (how) => {
      const { write, edit, status, run, pbx, slack } = await opened({ catchesUp: true });
      await run(120_000);
      const failure = how === "lost" ? new RetryLater("no answer", { uncertain: true }) : new GiveUp("Refused.");
      pbx.script.fail("send", failure, "after");
      const post = await write("slack", "first");
      await run(100);
      const listed = pbx.list.at(-1);
      if (listed !== undefined) pbx.list.splice(-1, 1, { ...listed, status: "failed" });
      if (how === "lost") await status("failed", "first");
      await run(1000);
      await edit("slack", post, "second");
      await run(600_000);
      expect(pbx.words()).toEqual(["first", "second"]);
      expect(slack.lines().filter((line) => /recovered|desk phone/.test(line))).toEqual([]);
    },
  );

  it("is copied to the other threads whole, however many texts it needs", async () => {
    const { write, run, pbx, telegram } = await opened({ rules: { undoSeconds: 10, maxTextLength: 20 } });
    await write("slack", "one two three four five six seven eight nine ten");
    await run(60_000);
    const copies = telegram
      .lines()
      .slice(1)
      .map((line) => line.replace("Eve (Slack): ", ""));
    expect(pbx.words().length).toBeGreaterThan(1);
    expect(copies.join("").replaceAll(/\s/g, "")).toBe("onetwothreefourfivesixseveneightnineten");
  });

  it("that changes no words changes nothing", async () => {
    const { write, edit, run, pbx, slack } = await opened(undo);
    const post = await write("slack", "first");
    await run();
    await edit("slack", post, " first ");
    await run(60_000);
    expect(pbx.words()).toEqual(["first"]);
    expect(slack.lines()).toHaveLength(1);
  });

  it("by deleting it, edited or not, sends nothing and says so, but not where nobody saw it", async () => {
    const { write, edit, remove, run, pbx, slack, telegram } = await opened(undo);
    const post = await write("slack", "first");
    await run();
    await edit("slack", post, "second");
    await run();
    await remove("slack", post);
    await run(60_000);
    expect(pbx.words()).toEqual([]);
    expect(slack.lines().at(-1)).toMatch(/took a text back .*: “second”\.$/);
    expect(telegram.lines()).toHaveLength(1);
  });

  /** The PBX is down for a while, and Telegram has a copy of what Eve wrote in Slack. */
  async function waitingText() {
    const bridge = await opened();
    for (let time = 0; time < 5; time += 1) bridge.pbx.script.fail("send", new RetryLater("down"));
    const post = await bridge.write("slack", "first");
    await bridge.run(4000);
    const copy = bridge.telegram.posted.at(-1)?.id;
    if (copy === undefined) throw new Error("no copy");
    expect([bridge.slack.marks.get(post), bridge.telegram.marks.get(copy)]).toEqual(["waiting", "waiting"]);
    return { ...bridge, post, copy };
  }

  it("is possible while the PBX is down; colleagues elsewhere see who changed what, and what goes out", async () => {
    const { edit, run, pbx, telegram, post, copy, slack } = await waitingText();
    await edit("slack", post, "second");
    await run(60_000);
    expect(pbx.words()).toEqual(["second"]);
    expect(telegram.lines().slice(2)).toEqual([
      "Eve (Slack): second",
      "SMS: Eve (Slack) changed “first” before it was sent: the contact gets the new version.",
    ]);
    expect(telegram.posted.at(-1)?.post.about).toBe(copy);
    expect(slack.marks.get(post)).toBe("sent");
    expect(telegram.marks.get(copy)).toBe("ignored");
    expect([...telegram.marks.values()]).toEqual(["ignored", "sent"]);
  });

  it("keeps its place before what was written later, also of a long text, and in the copies", async () => {
    const { write, edit, run, pbx, telegram } = await opened({ rules: { maxTextLength: 20 } });
    for (let time = 0; time < 5; time += 1) pbx.script.fail("send", new RetryLater("down"));
    telegram.script.fail("send", new RetryLater("down", { afterMs: 3000 }));
    const posts = [await write("slack", "one"), await write("slack", "two")] as const;
    for (const words of ["three", "four"]) await write("slack", words);
    await run(2000);
    await edit("slack", posts[1], "two, which needs several texts now");
    await edit("slack", posts[1], "two, in several texts still");
    await run();
    await edit("slack", posts[0], "the first");
    await run(60_000);
    expect(pbx.words().join("|")).toBe("the first|two, in several |texts still|three|four");
    expect(telegram.lines().filter((line) => line.startsWith("Eve"))).toEqual([
      "Eve (Slack): the first",
      "Eve (Slack): two, in several texts still",
      "Eve (Slack): three",
      "Eve (Slack): four",
    ]);
  });

  it("keeps its place also while it may still be undone", async () => {
    const { write, edit, run, pbx } = await opened(undo);
    const post = await write("slack", "first");
    await write("slack", "second");
    await run(5000);
    await edit("slack", post, "first of all");
    await run(60_000);
    expect(pbx.words()).toEqual(["first of all", "second"]);
  });

  it("into a note is said elsewhere, where the copy is marked", async () => {
    const { edit, run, pbx, telegram, post, copy, slack } = await waitingText();
    await edit("slack", post, "// first");
    await run(60_000);
    expect(pbx.words()).toEqual([]);
    expect(slack.marks.get(post)).toBe("note");
    expect(telegram.posted.at(-2)?.post).toMatchObject({ note: true, texts: [{ text: "first" }] });
    expect(telegram.lines().at(-1)).toBe(
      "SMS: Eve (Slack) made “first” a note before it was sent: the contact gets nothing.",
    );
    expect(telegram.marks.get(copy)).toBe("ignored");
  });

  it("by deleting it names the author and tells which one, wherever it was seen", async () => {
    const { remove, run, pbx, slack, telegram, post, copy } = await waitingText();
    await remove("slack", post);
    await run(60_000);
    expect(pbx.words()).toEqual([]);
    for (const { lines } of [slack, telegram])
      expect(lines().at(-1)).toBe("SMS: Eve (Slack) took a text back before it was sent: “first”.");
    expect(telegram.posted.at(-1)?.post.about).toBe(copy);
    expect(telegram.marks.get(copy)).toBe("ignored");
  });

  it("settles the buttons of the notice that it had failed", async () => {
    const { write, edit, run, pbx, slack, telegram } = await opened();
    pbx.script.fail("send", new GiveUp("Refused."));
    const post = await write("slack", "teh offer");
    await run();
    await edit("slack", post, "the offer");
    await run(60_000);
    for (const { settled, said } of [slack, telegram]) {
      expect([...settled.values()]).toEqual(["This was changed or taken back before it was sent."]);
      expect([...said.values()]).toEqual([expect.stringMatching(/“teh offer”\. Refused/)]);
    }
  });
});

it("a copy that was being made when its words were changed is not marked as sent", async () => {
  const { receive, run, write, edit, pbx, telegram } = await startBridge();
  await receive("Hello");
  await run();
  pbx.script.fail("send", new RetryLater("busy", { afterMs: 30_000 }));
  telegram.script.fail("send", new RetryLater("no answer", { uncertain: true }));
  const post = await write("slack", "Call me at noon");
  await run(10);
  await edit("slack", post, "Call me at one");
  await run(5 * 60_000);
  expect(pbx.words()).toEqual(["Call me at one"]);
  const old = telegram.posted.find((each) => each.post.texts[0]?.text === "Call me at noon");
  expect(old && telegram.marks.get(old.id)).toBe("ignored");
});
