/** What people did in chats that nobody could decide on: told in its thread, and tried again once somebody says so. */
import { describe, expect, it } from "vitest";
import type { KnowsPeople } from "../../src/adapter.js";
import { waitingPosts } from "../../src/away/threads.js";
import { GiveUp, RetryLater } from "../../src/errors.js";
import type { ThreadId } from "../../src/message.js";
import { SLACK } from "../fixtures/conversations.js";
import { MINUTE, opened } from "./opened.js";

const NOT_KNOWN = new GiveUp("The person is not known.");
const BY = { author: { id: "U404" } };

describe("a reply that nobody could decide on", () => {
  it("is marked as failed, and its thread tells why with a button; pressed, it is sent once", async () => {
    const { write, press, run, pbx, slack, telegram, store } = await opened();
    slack.script.fail("person", NOT_KNOWN);
    const post = await write("slack", "Hi", BY);
    await run();
    expect(pbx.words()).toEqual([]);
    expect(slack.marks.get(post)).toBe("failed");
    expect(slack.posted.at(-1)?.post).toMatchObject({
      about: post,
      texts: [{ text: "“Hi”: Nothing was sent. The person is not known." }],
      choices: [{ action: "retry", label: "Retry" }],
    });
    await press("slack", "retry");
    await press("slack", "retry");
    await run();
    expect(pbx.words()).toEqual(["Hi"]);
    expect(slack.marks.get(post)).toBe("sent");
    expect([...slack.settled.values()]).toEqual(["Eve tried it again."]);
    expect(telegram.lines().at(-1)).toMatch(/: Hi$/);
    expect(store.queue.aside()).toEqual([]);
  });

  it("is told of anew where the second try leads nowhere either", async () => {
    const { write, press, run, pbx, slack } = await opened();
    const { person } = slack as typeof slack & KnowsPeople;
    let left = 2;
    const missing: KnowsPeople["person"] = async (id) => {
      if (id === BY.author.id && left-- > 0) throw NOT_KNOWN;
      return person(id);
    };
    Object.assign(slack, { person: missing });
    await write("slack", "Hi", BY);
    await run();
    await press("slack", "retry");
    await run();
    expect(slack.lines().filter((line) => line.includes("Nothing was sent"))).toHaveLength(2);
    await press("slack", "retry");
    await run();
    expect(pbx.words()).toEqual(["Hi"]);
  });

  it("is told of after a day in which the platform could not be asked", async () => {
    const { write, press, run, pbx, slack, clock } = await opened();
    for (let time = 0; time < 20; time += 1) slack.script.fail("person", new RetryLater("Slack is down."));
    await write("slack", "Hi", BY);
    await run(5 * MINUTE);
    clock.leap(24 * 60 * MINUTE);
    await run(MINUTE);
    expect(slack.lines().at(-1)).toBe("SMS: “Hi”: Nothing was sent. Slack is down.");
    await press("slack", "retry");
    await run(MINUTE);
    // It is old by now, so a person is asked.
    expect(pbx.words()).toEqual([]);
    await press("slack", "send");
    await run();
    expect(pbx.words()).toEqual(["Hi"]);
  });
});

describe("a reply that nobody could decide on as the links could not be read for a day", () => {
  it("has at least its mark, and is asked about once it is tried again", async () => {
    const { write, run, clock, links, pbx, slack, store } = await opened();
    const { post: postLink } = links;
    Object.assign(links, { post: () => Promise.reject(new RetryLater("The store of the links is down.")) });
    const post = await write("slack", "Hi");
    await run(MINUTE);
    clock.leap(24 * 60 * MINUTE);
    await run(MINUTE);
    expect([slack.marks.get(post), slack.lines()]).toEqual(["failed", [expect.stringMatching(/Hello$/)]]);
    expect(store.queue.aside()).toMatchObject([{ reason: "The store of the links is down." }]);
    Object.assign(links, { post: postLink });
    for (const { key } of store.queue.aside()) await store.commit((tx) => tx.queue.revive(key, clock.now()));
    await run(MINUTE);
    expect(slack.posted.at(-1)?.post.choices).toMatchObject([{ action: "send" }, { action: "discard" }]);
    expect(pbx.words()).toEqual([]);
  });
});

describe("a change that nobody could decide on", () => {
  it("is told of, as the contact does not get it; tried again, it is taken up", async () => {
    const { write, edit, press, run, slack } = await opened();
    const post = await write("slack", "Hi");
    await run();
    slack.script.fail("person", NOT_KNOWN);
    await edit("slack", post, "Hello", BY);
    await run();
    expect(slack.lines().at(-1)).toBe(
      "SMS: “Hello”: This change was not taken up; the contact does not get it. The person is not known.",
    );
    expect(slack.posted.at(-1)?.post.about).toBe(post);
    await press("slack", "retry");
    await run();
    expect(slack.lines().at(-1)).toMatch(/had already been sent/);
  });
});

describe("a button that nobody could decide on", () => {
  it("is told of; tried again, it does what it says", async () => {
    const { write, press, run, pbx, slack, telegram } = await opened();
    pbx.script.fail("send", new GiveUp("No."));
    await write("slack", "Hi");
    await run();
    slack.script.fail("person", NOT_KNOWN);
    await press("slack", "retry", "U404");
    await run();
    expect(slack.lines().at(-1)).toBe(
      "SMS: What was chosen by the button here was not taken up. The person is not known.",
    );
    await press("slack", "retry");
    await run();
    expect(pbx.words()).toEqual(["Hi"]);
    expect(telegram.lines().at(-1)).toMatch(/sent it again/);
  });
});

describe("a reply that nobody could decide on, and that was", () => {
  async function undecided() {
    const bridge = await opened();
    const { write, run, slack, clock } = bridge;
    slack.script.fail("person", NOT_KNOWN);
    const post = await write("slack", "the old words", BY);
    await run();
    clock.leap(20 * MINUTE);
    return { ...bridge, post };
  }

  it("changed since is not sent as it was: the new words are asked about, and the old notice's button is gone", async () => {
    const { post, edit, press, run, pbx, slack, store } = await undecided();
    await edit("slack", post, "the new words");
    await run();
    expect(slack.posted.at(-1)?.post.texts[0]?.text).toMatch(
      /^“the new words”: This was not sent before it was edited/,
    );
    expect([...slack.settled.values()]).toEqual(["This was changed or taken back before it was sent."]);
    expect([...slack.said.values()]).toEqual(["“the old words”: Nothing was sent. The person is not known."]);
    expect(store.queue.aside()).toMatchObject([{ state: "held" }]);
    // Somebody may still see the old button.
    await press("slack", "retry");
    await run();
    expect(pbx.words()).toEqual([]);
    await press("slack", "send");
    await run();
    expect(pbx.words()).toEqual(["the new words"]);
    expect(slack.marks.get(post)).toBe("sent");
  });

  it("made a note since is a note", async () => {
    const { post, edit, press, run, pbx, slack, store } = await undecided();
    await edit("slack", post, "// no word to her");
    await run();
    await press("slack", "retry");
    await run();
    expect([pbx.words(), slack.marks.get(post), store.queue.aside()]).toEqual([[], "note", []]);
  });

  it("deleted since is not sent, however much later it is tried again", async () => {
    const { post, remove, press, run, clock, pbx, store } = await undecided();
    await remove("slack", post);
    await run();
    clock.leap(8 * 24 * 60 * MINUTE);
    await press("slack", "retry");
    await run();
    expect([pbx.words(), store.queue.aside()]).toEqual([[], []]);
  });

  it("changed since without that anybody could decide on that either is only tried again with its new words", async () => {
    const { post, edit, press, run, pbx, slack, store } = await undecided();
    slack.script.fail("person", NOT_KNOWN);
    await edit("slack", post, "the new words", BY);
    await run();
    expect(store.queue.aside()).toMatchObject([{ work: { event: { text: "the new words" } } }]);
    await press("slack", "retry");
    await run();
    await press("slack", "send");
    await run();
    expect(pbx.words()).toEqual(["the new words"]);
  });

  it("deleted while nobody listened is found to be so, as what waits is", async () => {
    const { post, links, store, slack } = await undecided();
    const thread = slack.threads.at(-1) ?? ("none" as ThreadId);
    const waiting = await waitingPosts({ links, store, target: () => "pbx:7" })({ place: SLACK, thread });
    expect(waiting.map((each) => each.post)).toEqual([post]);
  });

  it("tried again on the command line and then asked about is not sent by the button of before", async () => {
    const { write, press, run, clock, pbx, slack, store } = await opened();
    slack.script.fail("person", NOT_KNOWN);
    await write("slack", "/call her", BY);
    await run();
    for (const { key } of store.queue.aside()) await store.commit((tx) => tx.queue.revive(key, clock.now()));
    await run();
    expect(store.queue.aside()).toMatchObject([{ state: "held" }]);
    await press("slack", "retry");
    await run();
    expect([pbx.words(), store.queue.held()]).toEqual([[], 1]);
  });
});

describe("two changes of which nobody could decide on the first", () => {
  it("leave the second one's words, whatever is tried again", async () => {
    const { write, edit, press, run, pbx, slack, telegram } = await opened({ rules: { undoSeconds: 600 } });
    const post = await write("slack", "one");
    await run();
    slack.script.fail("person", NOT_KNOWN);
    await edit("slack", post, "two", BY);
    await run(1000);
    await edit("slack", post, "three");
    await run(1000);
    await press("slack", "retry");
    await run(15 * MINUTE);
    expect(pbx.words()).toEqual(["three"]);
    expect(telegram.lines().at(-1)).toMatch(/: three$/);
  });
});
