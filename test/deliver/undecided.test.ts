/** What people did in chats that nobody could decide on: told in its thread, and tried again once somebody says so. */
import { describe, expect, it } from "vitest";
import type { KnowsPeople } from "../../src/adapter.js";
import { GiveUp, RetryLater } from "../../src/errors.js";
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
