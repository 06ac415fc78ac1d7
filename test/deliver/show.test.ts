/** How texts of contacts are shown. */
import { describe, expect, it } from "vitest";
import { GiveUp, RetryLater } from "../../src/errors.js";
import { startBridge } from "../fixtures/bridge.js";
import { ANNA, BEN } from "../fixtures/conversations.js";

const lost = () => new RetryLater("no answer", { uncertain: true });

describe("a contact's text", () => {
  it("appears once in every place of its line, in a thread of its own conversation", async () => {
    const { receive, run, slack, telegram } = await startBridge();
    await receive("Hello");
    await receive("Anybody?", BEN);
    await run();
    for (const { lines, threads, posted } of [slack, telegram]) {
      expect(lines().toSorted()).toEqual([`${ANNA.number}: Hello`, `${BEN.number}: Anybody?`]);
      expect(threads).toHaveLength(2);
      expect(new Set(posted.map(({ thread }) => thread)).size).toBe(2);
    }
  });

  it("arrives as often as it was sent, even with the same words", async () => {
    const { receive, run, slack } = await startBridge();
    await receive("ok");
    await receive("ok");
    await run();
    expect(slack.lines()).toEqual([`${ANNA.number}: ok`, `${ANNA.number}: ok`]);
  });

  it("is shown together with those that wait with it, in order", async () => {
    const { receive, run, slack } = await startBridge();
    slack.script.fail("open", new RetryLater("busy", { afterMs: 1000 }));
    for (const text of ["one", "two", "three"]) {
      await receive(text);
      await run();
    }
    await run(1000);
    expect(slack.posted.map(({ post }) => post.texts.map(({ text }) => text))).toEqual([["one", "two", "three"]]);
  });

  it("gets through to one platform while another is down", async () => {
    const { receive, run, slack, telegram } = await startBridge();
    for (let time = 0; time < 5; time += 1) slack.script.fail("open", new RetryLater("down"));
    await receive("Hello");
    await run();
    expect([slack.lines().length, telegram.lines().length]).toEqual([0, 1]);
    await run(60_000);
    expect(slack.lines()).toHaveLength(1);
  });

  it("too long for one post is shown whole, in several", async () => {
    const { receive, run, slack } = await startBridge();
    const text = "word ".repeat(500);
    await receive(text);
    await run();
    expect(slack.posted.length).toBeGreaterThan(0);
    expect(slack.posted.flatMap(({ post }) => post.texts.map((each) => each.text)).join("")).toBe(text);
  });
});

describe("a post", () => {
  it("whose answer was lost is found by its key and not repeated", async () => {
    const { receive, run, slack } = await startBridge();
    slack.script.fail("send", lost(), "after");
    await receive("Hello");
    await run(5000);
    expect(slack.lines()).toEqual([`${ANNA.number}: Hello`]);
  });

  it("that surely did not arrive is repeated, once it has been looked for", async () => {
    const { receive, run, slack } = await startBridge();
    slack.script.fail("send", lost(), "before");
    await receive("Hello");
    await run(20_000);
    expect(slack.lines()).toEqual([`${ANNA.number}: Hello`]);
  });

  it("is still looked for when a later attempt failed for certain", async () => {
    const { receive, run, slack } = await startBridge();
    slack.script.fail("send", lost(), "after");
    slack.script.fail("find", new RetryLater("busy"));
    await receive("Hello");
    await run(20_000);
    expect(slack.lines()).toEqual([`${ANNA.number}: Hello`]);
  });

  it("that can never be posted is set aside with the reason, and the next one is posted; other places are told", async () => {
    const { receive, run, slack, telegram, store } = await startBridge();
    await receive("Hello");
    await run();
    slack.script.fail("send", new GiveUp("The channel is archived."));
    await receive("lost");
    await run();
    await receive("next");
    await run();
    expect(slack.lines()).toEqual([`${ANNA.number}: Hello`, `${ANNA.number}: next`]);
    expect(telegram.lines()).toContain(
      `SMS: A text of ${ANNA.number}, “lost”, could not be shown in Slack: The channel is archived. It is kept; see \`queue list\`.`,
    );
    expect(store.queue.aside()).toMatchObject([{ reason: "The channel is archived." }]);
  });

  it("that waits until somebody mends something is told of elsewhere, once, and shown when it is mended", async () => {
    const { receive, run, slack, telegram } = await startBridge();
    await receive("Hello");
    await run();
    const mend = (): RetryLater => new RetryLater("The bot is not in the channel.", { afterMs: 60_000, mend: true });
    for (let time = 0; time < 3; time += 1) slack.script.fail("send", mend());
    await receive("kept");
    await run();
    const notice = `SMS: A text of ${ANNA.number}, “kept”, cannot be shown in Slack yet: The bot is not in the channel. It is kept, and shown there once that is mended.`;
    expect(telegram.lines().slice(1)).toEqual([`${ANNA.number}: kept`, notice]);
    await run(5 * 60_000);
    expect(slack.lines()).toEqual([`${ANNA.number}: Hello`, `${ANNA.number}: kept`]);
    expect(telegram.lines()).toHaveLength(3);
    slack.script.fail("send", mend());
    await receive("later");
    await run(5 * 60_000);
    expect(telegram.lines().slice(3)).toEqual([`${ANNA.number}: later`, expect.stringMatching(/“later”, cannot be/)]);
  });

  it("that only has to be tried again is told of nowhere", async () => {
    const { receive, run, slack, telegram } = await startBridge();
    slack.script.fail("send", new RetryLater("busy"));
    await receive("Hello");
    await run(60_000);
    expect([slack.lines(), telegram.lines()]).toEqual([[`${ANNA.number}: Hello`], [`${ANNA.number}: Hello`]]);
  });

  it("that tells of something is not told of in its turn, or notices would go back and forth for ever", async () => {
    const { receive, run, slack, telegram, store } = await startBridge();
    await receive("Hello");
    await run();
    slack.script.fail("send", new GiveUp("No."));
    telegram.script.fail("send", new RetryLater("busy"));
    telegram.script.fail("send", new GiveUp("No."));
    await receive("lost");
    await run();
    await run(10_000);
    expect(slack.lines()).toEqual([`${ANNA.number}: Hello`, expect.stringMatching(/could not be shown in Telegram/)]);
    expect(store.queue.aside()).toHaveLength(2);
  });

  it("that meets a bug is set aside, the bug is logged, and everything else goes on", async () => {
    const { receive, run, slack, telegram, errors, store } = await startBridge();
    slack.script.fail("send", new TypeError("x is undefined"));
    await receive("Hello");
    await run();
    expect(errors).toMatchObject([{ err: { message: "x is undefined" }, kind: "post" }]);
    expect(JSON.stringify(errors)).not.toContain("Hello");
    expect(telegram.lines()).toEqual([
      `${ANNA.number}: Hello`,
      expect.stringMatching(/“Hello”, could not be shown in Slack: An error inside the bridge/),
    ]);
    expect(store.queue.aside()).toHaveLength(1);
  });
});
