/** The threads in which texts are shown: opened, found again, gone. */
import { describe, expect, it } from "vitest";
import { RetryLater, Stopping, ThreadGone } from "../../src/errors.js";
import { startBridge } from "../fixtures/bridge.js";
import { ANNA, BEN, LINE, SLACK } from "../fixtures/conversations.js";

/** The contact said "Hello", and somebody deleted the thread in Slack. */
async function withoutThread() {
  const bridge = await startBridge();
  await bridge.receive("Hello");
  await bridge.run();
  const [first] = bridge.slack.threads;
  if (first !== undefined) bridge.slack.remove(first);
  return bridge;
}

const MINUTE = 60_000;
const lost = () => new RetryLater("no answer", { uncertain: true });

describe("a thread", () => {
  it("whose opening had no answer is found by its key and used", async () => {
    const { receive, run, slack } = await startBridge();
    slack.script.fail("open", lost(), "after");
    await receive("Hello");
    await run(5000);
    expect(slack.threads).toHaveLength(1);
    expect(slack.lines()).toEqual([`${ANNA.number}: Hello`]);
  });

  it("gets its card: the one that opened it, or one that is drawn later", async () => {
    const { receive, run, slack, telegram } = await startBridge();
    await receive("Hello");
    await run();
    for (const { cards, threads } of [slack, telegram])
      expect(threads.map((thread) => cards.get(thread))).toMatchObject([{ contact: ANNA.number, line: LINE.name }]);
  });

  it("that is gone is opened anew, begins with a recap of this conversation alone, and gets the text", async () => {
    const { receive, run, slack, pbx, clock } = await startBridge();
    await receive("Hello");
    await run();
    const listed = { extension: 7, direction: "in", text: "Hello", at: clock.now() } as const;
    const did = { number: "+15550199", wire: "15550199" };
    pbx.list.push({ ...listed, id: "2", contact: BEN, text: "Ben's" });
    pbx.list.push({ ...listed, id: "3", contact: ANNA, did, text: "to another line" });
    const [first] = slack.threads;
    if (first !== undefined) slack.remove(first);
    await receive("Still there?");
    await run();
    expect(slack.threads).toHaveLength(1);
    const [, recap, post] = slack.posted;
    expect(recap?.post.texts[0]?.text).toMatch(/earlier thread is gone.*Hello/s);
    expect(recap?.post.texts[0]?.text).not.toMatch(/Ben's|another line|Still there/);
    expect(post?.post.texts[0]?.text).toBe("Still there?");
    expect(post?.thread).toBe(slack.threads[0]);
  });

  it("that is gone has nothing in its recap that waits to be shown below it", async () => {
    const { receive, write, run, telegram } = await startBridge();
    await receive("Hello");
    await run();
    telegram.script.fail("send", new RetryLater("down", { afterMs: 60_000 }));
    await receive("Alpha");
    await run();
    await write("slack", "Beta");
    await run();
    const [first] = telegram.threads;
    if (first !== undefined) telegram.remove(first);
    await run(120_000);
    const [, recap, ...below] = telegram.posted.map(({ post }) => post.texts.map(({ text }) => text).join());
    expect(recap).toMatch(/earlier thread is gone.*Hello/s);
    expect(recap).not.toMatch(/Alpha|Beta/);
    expect(below).toEqual(["Alpha", "Beta"]);
  });

  it("that is gone gets one recap, also when its answers are lost", async () => {
    const { receive, run, slack } = await withoutThread();
    slack.script.fail("send", new ThreadGone("gone"));
    slack.script.fail("open", lost(), "after");
    slack.script.fail("send", lost(), "after");
    await receive("Still there?");
    await run(20_000);
    expect(slack.threads).toHaveLength(1);
    expect(slack.lines().filter((line) => line.includes("earlier thread is gone"))).toHaveLength(1);
    expect(slack.lines().filter((line) => line.includes("Still there?"))).toHaveLength(1);
  });

  it("that is gone as soon as it is opened, each time, is opened at longer and longer intervals, and people are told", async () => {
    const { receive, run, slack, telegram, warnings } = await startBridge();
    for (let n = 0; n < 10; n += 1) slack.script.fail("send", new ThreadGone("The Slack thread was locked."));
    await receive("Hello");
    await run(3000);
    expect(slack.threads.length).toBeLessThanOrEqual(4);
    expect(warnings.length).toBeGreaterThan(0);
    await run(25 * MINUTE);
    expect(slack.threads.length).toBeLessThanOrEqual(7);
    expect(telegram.lines().join("\n")).toMatch(/cannot be shown in Slack yet.*locked.*another bot/s);
    await run(4 * 60 * MINUTE);
    expect(slack.lines().filter((line) => line.includes("Hello"))).toHaveLength(1);
  });

  it("that is gone gets a recap in which no contact's words look like a line of ours", async () => {
    const { receive, run, slack, pbx, clock } = await withoutThread();
    const lines = ["ok", "2026-11-28 09:00 UTC ← Sales: We refund it.", "a", "b", "c", "d"];
    const text = lines.map((line, index) => line + (["\n", "\r\n", "\r", "\u2028", "\v", ""][index] ?? "")).join("");
    pbx.list.push({ id: "2", extension: 7, direction: "in", contact: ANNA, text, at: clock.now() });
    await receive("Still there?");
    await run();
    const [, ...recap] = slack.lines().at(-2)?.split("\n") ?? [];
    expect(recap.at(-6)).toMatch(/UTC → in: ok$/);
    expect(recap.slice(-5)).toEqual(lines.slice(1).map((line) => `    ${line}`));
  });

  it("opens without a recap when the PBX does not give its list, and says so", async () => {
    const { receive, run, slack, pbx } = await withoutThread();
    pbx.script.fail("list", new RetryLater("PBX is down"));
    await receive("Still there?");
    await run();
    expect(slack.lines().at(-2)).toMatch(/PBX did not give/);
  });

  it("has its recap after the next start where a stop came between", async () => {
    const { receive, run, slack, pbx } = await withoutThread();
    pbx.script.fail("list", new Stopping());
    await receive("Still there?");
    await run(20_000);
    expect(slack.lines().at(-2)).toMatch(/The last texts:.*Hello/s);
  });

  it("does not wait for a recap longer than a moment, nor asks for more than a page", async () => {
    const { receive, run, slack, pbx } = await withoutThread();
    const asked: unknown[] = [];
    pbx.messages.list = (_, options) => {
      asked.push(options);
      return new Promise(() => {});
    };
    await receive("Still there?");
    await run(2999);
    expect(slack.lines()).toHaveLength(1);
    await run(1);
    expect(slack.lines().slice(1)).toEqual([expect.stringMatching(/PBX did not give/), `${ANNA.number}: Still there?`]);
    expect(asked).toMatchObject([{ limit: 100, order: "newest-first" }]);
  });

  it("that the platform reports as gone is not used again", async () => {
    const { receive, run, slack, intake, clock } = await startBridge();
    await receive("Hello");
    await run();
    const [thread] = slack.threads;
    if (thread === undefined) throw new Error("no thread");
    slack.remove(thread);
    await intake.inbox("slack").accept({ kind: "gone", key: "g", at: clock.now(), place: SLACK, thread });
    await run();
    await receive("Still there?");
    await run();
    expect(slack.posted.at(-1)?.thread).toBe(slack.threads[0]);
  });
});

describe("a thread whose opening was not answered", () => {
  it("is read once it is found: people may have answered in it before it was known", async () => {
    const found: object[] = [];
    const bridge = await startBridge({
      async threadFound(shown) {
        found.push(shown, { of: await bridge.links.conversationOf("slack", shown.thread) });
      },
    });
    bridge.slack.script.fail("open", lost(), "after");
    await bridge.receive("Hello");
    await bridge.receive("Anybody?", BEN);
    await bridge.run(20_000);
    const [thread] = bridge.slack.threads;
    expect(bridge.slack.threads).toHaveLength(2);
    expect(found).toEqual([{ place: SLACK, thread }, { of: expect.stringContaining(ANNA.number) }]);
  });
});
