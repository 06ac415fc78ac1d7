/** Attempts whose answer was lost: found again where the platform can be asked, marked as possible repeats where it cannot. */
import { describe, expect, it } from "vitest";
import { RetryLater, ThreadGone } from "../../src/errors.js";
import { startBridge, type RunningBridge } from "../fixtures/bridge.js";
import { ANNA, BEN } from "../fixtures/conversations.js";
import { MINUTE, opened } from "./opened.js";

const lost = () => new RetryLater("no answer", { uncertain: true });

const texts = ({ posted }: RunningBridge["slack"]) => posted.flatMap(({ post }) => post.texts.map(({ text }) => text));

describe("where attempts can be found", () => {
  it.each([0, 1000, 4000, 8000])("a post that is listed %i ms late is not made again", async (lagMs) => {
    const { receive, run, slack } = await opened();
    slack.listsLate(lagMs);
    slack.script.fail("send", lost(), "after");
    await receive("Where are you?");
    await run(MINUTE);
    expect(texts(slack)).toEqual(["Hello", "Where are you?"]);
  });

  it("a thread is looked for as long as ever, though another place has been looking for its own of the same text", async () => {
    const { receive, run, slack, telegram } = await startBridge();
    await receive("Hello", BEN);
    await run(1000);
    slack.listsLate(8000);
    telegram.script.fail("open", lost(), "before");
    slack.script.fail("open", new RetryLater("down", { afterMs: 14_000 }), "before");
    slack.script.fail("open", lost(), "after");
    await receive("Where are you?");
    await run(3000);
    // Telegram has looked once, and is held up.
    telegram.script.fail("send", new RetryLater("429", { afterMs: 40_000, patient: true, scope: "target" }), "before");
    await receive("Hello again", BEN);
    await run(MINUTE);
    expect(slack.threads).toHaveLength(2);
  });

  it("a thread and its first post that are listed late are neither opened nor made again", async () => {
    const { receive, run, slack, links } = await startBridge();
    slack.listsLate(8000);
    slack.script.fail("open", lost(), "after");
    slack.script.fail("send", lost(), "after");
    await receive("Hello");
    await run(MINUTE);
    expect(slack.threads).toHaveLength(1);
    expect(texts(slack)).toEqual(["Hello"]);
    expect(await links.conversationOf("slack", slack.threads[0] ?? ("" as never))).toBeDefined();
  });

  it("a recap that is listed late is there once", async () => {
    const { receive, run, slack } = await opened();
    const [first] = slack.threads;
    if (first !== undefined) slack.remove(first);
    slack.listsLate(8000);
    slack.script.fail("send", new ThreadGone("gone"));
    slack.script.fail("send", lost(), "after");
    await receive("Still there?");
    await run(MINUTE);
    expect(slack.lines().filter((line) => line.includes("earlier thread is gone"))).toHaveLength(1);
    expect(texts(slack).filter((text) => text === "Still there?")).toHaveLength(1);
  });

  it("texts that went out together are found together, and what came since goes out on its own", async () => {
    const { receive, run, slack } = await opened();
    slack.script.fail("send", new RetryLater("busy", { afterMs: 1000 }));
    slack.script.fail("send", lost(), "after");
    for (const text of ["one", "two", "three"]) await receive(text);
    await run(1500);
    await receive("four");
    await run(MINUTE);
    const shown = slack.posted.slice(1).map(({ post }) => post.texts.map(({ text }) => text));
    expect(shown).toEqual([["one", "two", "three"], ["four"]]);
  });

  it("looks that fail do not count, and a post is made again only after several in vain", async () => {
    const { receive, run, slack, clock } = await opened();
    const began = clock.now();
    slack.script.fail("send", lost(), "before");
    slack.script.fail("find", new RetryLater("Slack limits reading", { afterMs: 30_000 }));
    slack.script.fail("find", new RetryLater("down"));
    await receive("Where are you?");
    await run(2 * MINUTE);
    expect(texts(slack)).toEqual(["Hello", "Where are you?"]);
    expect((slack.posted[1]?.at ?? 0) - began).toBeGreaterThan(40_000);
    expect(slack.posted[1]?.post.repeat).toBeUndefined();
  });

  it("a clock that jumps makes nobody less patient", async () => {
    const { receive, run, slack, clock } = await opened();
    slack.listsLate(8000);
    slack.script.fail("send", lost(), "after");
    await receive("Where are you?");
    await run(2000);
    clock.jump(-5 * 3_600_000);
    await run(2 * MINUTE);
    expect(texts(slack)).toEqual(["Hello", "Where are you?"]);
  });

  it("a second loss is looked for as long as the first", async () => {
    const { receive, run, slack } = await opened();
    slack.listsLate(8000);
    slack.script.fail("send", lost(), "before");
    slack.script.fail("send", lost(), "after");
    await receive("Where are you?");
    await run(2 * MINUTE);
    expect(texts(slack)).toEqual(["Hello", "Where are you?"]);
  });
});

describe("where they cannot", () => {
  it("a post is made again, and marked as a possible repeat", async () => {
    const { receive, run, telegram } = await opened();
    telegram.script.fail("send", lost(), "after");
    await receive("Where are you?");
    await run(MINUTE);
    expect(texts(telegram)).toEqual(["Hello", "Where are you?", "Where are you?"]);
    expect(telegram.posted.map(({ post }) => post.repeat)).toEqual([undefined, undefined, true]);
  });

  it("a post whose thread is then gone is marked as a possible repeat in the next one, whose card is not", async () => {
    const { receive, run, telegram } = await opened();
    telegram.script.fail("send", lost(), "after");
    telegram.script.fail("send", new ThreadGone("gone"));
    await receive("Where are you?");
    await run(MINUTE);
    const [, , recap, last] = telegram.posted;
    expect(recap?.post.texts[0]?.text).toContain("earlier thread is gone");
    expect([recap?.post.repeat, last?.post.repeat]).toEqual([undefined, true]);
    expect([...telegram.cards.values()].map(({ repeat }) => repeat)).toEqual([undefined, undefined]);
    await receive("Hello?");
    await run(MINUTE);
    expect(telegram.posted.at(-1)?.post.repeat).toBeUndefined();
  });

  it("a post that surely was not made is no repeat", async () => {
    const { receive, run, telegram } = await opened();
    telegram.script.fail("send", new RetryLater("busy", { afterMs: 1000 }));
    await receive("Where are you?");
    await run(MINUTE);
    expect(telegram.posted.map(({ post }) => post.repeat)).toEqual([undefined, undefined]);
  });

  it("a thread is opened again after a moment, and its card tells of the empty one", async () => {
    const { receive, run, telegram } = await startBridge();
    telegram.script.fail("open", lost(), "after");
    await receive("Hello");
    await run(5000);
    expect(telegram.threads).toHaveLength(1);
    await run(MINUTE);
    expect(telegram.threads).toHaveLength(2);
    expect([...telegram.cards.values()]).toMatchObject([{ contact: ANNA.number, repeat: true }]);
    expect(telegram.posted).toMatchObject([{ thread: telegram.threads[1] }]);
    expect(telegram.posted[0]?.post.repeat).toBeUndefined();
  });

  it("a mark and a card that are drawn again are no repeats", async () => {
    const { write, run, telegram } = await opened();
    telegram.script.fail("mark", lost(), "after");
    const post = await write("telegram", "On our way");
    await run(MINUTE);
    expect(telegram.marks.get(post)).toBe("sent");
    expect(telegram.posted.filter(({ post: each }) => each.repeat === true)).toEqual([]);
    expect([...telegram.cards.values()].map(({ repeat }) => repeat)).toEqual([undefined]);
  });
});
