/** What an administrator decides on the command line: done and told as if it had been decided in a thread. */
import { describe, expect, it } from "vitest";
import { decide } from "../../src/deliver/decided.js";
import { GiveUp, RetryLater } from "../../src/errors.js";
import type { Choice } from "../../src/message.js";
import { chatsOf } from "../../src/paces.js";
import { ANNA, LINE } from "../fixtures/conversations.js";
import { HOUR, MINUTE, opened } from "./opened.js";

/** Anna has written "Hello", her threads are open, and an administrator is at the command line. */
async function atDesk() {
  const bridge = await opened();
  const { store, clock, slack, telegram } = bridge;
  const chats = chatsOf(new Map([slack, telegram].map((adapter) => [adapter.platform, adapter])));
  return {
    ...bridge,
    /** What the command does: it writes to the store only, and the bridge finds it there. */
    async decides(action: Choice["action"]): Promise<number> {
      const [message] = store.queue.aside().flatMap((each) => each.message ?? []);
      if (message === undefined) throw new Error("nothing waits for a decision");
      const decision = { message, action, by: "An administrator", key: `decided.${message}` };
      const announcing = { chats, now: clock.now(), placesOf: () => LINE.to };
      return (await store.commit((tx) => decide(tx, decision, announcing)))?.length ?? 0;
    },
  };
}

it("that fails again is told of where the notice of the first failure still waited", async () => {
  const { decides, write, run, pbx, slack, telegram } = await atDesk();
  for (let n = 0; n < 3; n += 1) telegram.script.fail("send", new RetryLater("down", { afterMs: MINUTE }));
  pbx.script.fail("send", new GiveUp("No."));
  await write("slack", "Hi");
  await run(1000);
  pbx.script.fail("send", new GiveUp("Still no."));
  await decides("retry");
  await run(10 * MINUTE);
  for (const place of [slack, telegram]) {
    expect(place.lines().at(-1)).toBe(`SMS: Not delivered to ${ANNA.number}: “Hi”. Still no.`);
    expect(place.posted.at(-1)?.post.choices).toHaveLength(1);
  }
});

describe("a reply that failed", () => {
  async function failed(words = "Hi") {
    const bridge = await atDesk();
    bridge.pbx.script.fail("send", new GiveUp("No."));
    const post = await bridge.write("slack", words);
    await bridge.run();
    return { ...bridge, post };
  }

  it("and is tried again waits until it is sent, and every thread says who decided so", async () => {
    const { decides, run, pbx, slack, telegram, post } = await failed();
    pbx.script.fail("send", new RetryLater("down", { afterMs: MINUTE }));
    await decides("retry");
    await run(4000);
    expect(slack.marks.get(post)).toBe("waiting");
    for (const { settled, said, lines } of [slack, telegram]) {
      expect([...settled.values()]).toEqual(["An administrator sent it again."]);
      expect([...said.values()]).toEqual([`Not delivered to ${ANNA.number}: “Hi”. No.`]);
      expect(lines().at(-1)).toBe("SMS: “Hi”: An administrator sent it again.");
    }
    await run(MINUTE);
    expect(pbx.words()).toEqual(["Hi"]);
    expect(slack.marks.get(post)).toBe("sent");
  });

  it("is tried again whole, however many texts it needs", async () => {
    const words = "word ".repeat(50).trim();
    const { decides, run, pbx, slack, post } = await failed(words);
    expect(await decides("retry")).toBeGreaterThan(2);
    await run();
    expect(pbx.words().join("")).toBe(words);
    expect(slack.marks.get(post)).toBe("sent");
  });

  it("and is discarded stays failed, and every thread says who decided so, in the place of the buttons too", async () => {
    const { decides, run, pbx, slack, telegram, post, store } = await failed();
    await decides("discard");
    await run(HOUR);
    expect(pbx.words()).toEqual([]);
    expect(slack.marks.get(post)).toBe("failed");
    for (const { settled, lines } of [slack, telegram]) {
      expect([...settled.values()]).toEqual(["An administrator discarded it: it is not tried again."]);
      expect(lines().at(-1)).toBe("SMS: “Hi”: An administrator discarded it: it is not tried again.");
    }
    expect(store.queue.counts()).toEqual({ waiting: [], aside: 0 });
  });

  it("and of which nobody knows whether it left stays so when it is discarded: it cannot be changed any more", async () => {
    const { decides, edit, run, write, pbx, slack } = await atDesk();
    for (let time = 0; time < 2; time += 1) pbx.script.fail("send", new RetryLater("no answer", { uncertain: true }));
    const post = await write("slack", "Hi");
    await run(2 * HOUR);
    await decides("discard");
    await run();
    await edit("slack", post, "Hi Anna");
    await run();
    expect(slack.lines().at(-1)).toMatch(/if it arrives/);
    expect(pbx.words()).toEqual([]);
  });
});

describe("a reply that was held", () => {
  async function held(on: "slack" | "telegram") {
    const bridge = await atDesk();
    const post = await bridge.write(on, "On our way", { at: bridge.clock.now() - 3 * HOUR });
    await bridge.run();
    return { ...bridge, post, here: bridge[on], elsewhere: on === "slack" ? bridge.telegram : bridge.slack };
  }

  it.each(["slack", "telegram"] as const)("in %s and is sent says so there and elsewhere", async (on) => {
    const { decides, run, pbx, post, here, elsewhere } = await held(on);
    await decides("send");
    await run();
    expect(pbx.words()).toEqual(["On our way"]);
    expect(here.marks.get(post)).toBe("sent");
    expect([...here.settled.values()]).toEqual(["An administrator sent it as a text."]);
    for (const { lines } of [here, elsewhere])
      expect(lines()).toContain("SMS: “On our way”: An administrator sent it as a text.");
  });

  it.each(["slack", "telegram"] as const)("in %s and is discarded says so there and elsewhere", async (on) => {
    const { decides, run, pbx, post, here, elsewhere } = await held(on);
    await decides("discard");
    await run();
    expect(pbx.words()).toEqual([]);
    expect(here.marks.get(post)).toBe("ignored");
    expect([...here.settled.values()]).toEqual(["An administrator did not send it."]);
    for (const { lines } of [here, elsewhere])
      expect(lines().at(-1)).toBe("SMS: “On our way”: An administrator did not send it.");
  });

  it("is decided on once, whoever comes second", async () => {
    const { decides, run, press, pbx, slack } = await held("slack");
    await decides("discard");
    await press("slack", "send");
    await run();
    expect(pbx.words()).toEqual([]);
    expect([...slack.settled.values()]).toHaveLength(1);
  });
});
