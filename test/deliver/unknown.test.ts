/** Texts of which nobody knows whether they left. */
import { describe, expect, it } from "vitest";
import { RetryLater } from "../../src/errors.js";
import { ANNA } from "../fixtures/conversations.js";
import { MINUTE, opened } from "./opened.js";

const lost = () => new RetryLater("no answer", { uncertain: true });

describe("a text of which nobody knows whether it left", () => {
  const HOURS = 7 * 60 * MINUTE;

  async function doubtful(text = "Hi") {
    const bridge = await opened();
    const { pbx, write, run, clock, slack, telegram } = bridge;
    pbx.script.fail("send", lost(), "after");
    for (let time = 0; time < 4; time += 1) pbx.script.fail("list", new RetryLater("The PBX is down."));
    const post = await write("slack", text);
    await run(10_000);
    clock.leap(HOURS);
    await run(MINUTE);
    expect(slack.marks.get(post)).toBe("failed");
    expect(telegram.lines().at(-1)).toMatch(/^SMS: It may or may not have reached/);
    return { ...bridge, post };
  }

  it("is called so, and Retry says that it asks first", async () => {
    const { press, run, pbx, slack, telegram, post } = await doubtful();
    expect(telegram.lines().at(-1)).toBe(
      `SMS: It may or may not have reached ${ANNA.number}: “Hi”. The PBX is down. Retry sends it only if the PBX does not have it.`,
    );
    await press("slack", "retry");
    await run(MINUTE);
    expect(pbx.words()).toEqual(["Hi"]);
    expect(slack.marks.get(post)).toBe("sent");
    expect(telegram.lines().at(-1)).toBe("SMS: “Hi”: Eve tried again: it is sent only if the PBX does not have it.");
  });

  it.each(["echo", "status"] as const)("and then arrived by the PBX's %s is said to have arrived", async (event) => {
    const { run, pbx, slack, telegram, post, echo, status, store } = await doubtful();
    await (event === "echo" ? echo("Hi") : status("sent", "Hi"));
    await run(MINUTE);
    expect(pbx.words()).toEqual(["Hi"]);
    expect(slack.marks.get(post)).toBe("sent");
    expect([...telegram.marks.values()]).toEqual(["sent"]);
    for (const { lines, settled, said } of [slack, telegram]) {
      expect(lines().at(-1)).toBe(`SMS: It reached ${ANNA.number} after all: “Hi”.`);
      expect([...settled.values()]).toEqual(["It arrived after all."]);
      expect([...said.values()]).toEqual([expect.stringMatching(/^It may or may not/)]);
    }
    expect(store.queue.aside()).toEqual([]);
  });

  it("and of which a part then arrived still offers the rest", async () => {
    const text = "word ".repeat(50).trim();
    const { press, run, pbx, slack, telegram, echo, post } = await doubtful(text);
    const [part = ""] = pbx.words();
    await echo(part);
    await run(MINUTE);
    expect(telegram.lines().at(-1)).toMatch(/A part of it reached .* after all.* Retry sends the rest/);
    expect(telegram.settled.size).toBe(0);
    expect(slack.marks.get(post)).toBe("failed");
    await press("telegram", "retry");
    await run(MINUTE);
    expect(pbx.words().join("")).toBe(text);
    expect(slack.marks.get(post)).toBe("sent");
  });

  it("is not sent again by Retry when the PBX told meanwhile that it has it", async () => {
    const { press, run, pbx, slack, telegram, post, store } = await doubtful();
    for (const { key } of store.queue.aside()) await store.commit((tx) => tx.ledger.change(key, { echoed: true }));
    pbx.messages.list = () => Promise.reject(new RetryLater("must not be asked"));
    await press("slack", "retry");
    await run(MINUTE);
    expect(pbx.words()).toEqual(["Hi"]);
    expect(slack.marks.get(post)).toBe("sent");
    expect(telegram.lines().at(-1)).toBe("SMS: “Hi”: Eve tried again, but the PBX has it: it is not sent again.");
    expect([...slack.settled.values()]).toEqual(["Eve tried again, but the PBX has it: it is not sent again."]);
  });

  it("is not sent again while the PBX's list is too long to tell whether it has it; then a person decides", async () => {
    const { pbx, write, run, slack } = await opened();
    pbx.readsAtMost = 1;
    pbx.script.fail("send", lost(), "after");
    const post = await write("slack", "Hi");
    await run(10 * MINUTE);
    expect(pbx.words()).toEqual(["Hi"]);
    await run(HOURS);
    expect(pbx.words()).toEqual(["Hi"]);
    expect(slack.marks.get(post)).toBe("failed");
  });

  it("is looked for with patience also when Retry is pressed right after the attempt", async () => {
    const { pbx, write, run, clock, press, slack } = await opened();
    const { list } = pbx.messages;
    pbx.messages.list = async (extension, options) =>
      (await list(extension, options)).filter(({ at = 0 }) => clock.now() - at > 20_000);
    pbx.script.fail("send", new RetryLater("down"));
    pbx.script.fail("send", lost(), "after");
    const post = await write("slack", "Hi");
    await run();
    clock.leap(6 * 60 * MINUTE - 1000);
    for (let second = 0; second < 20 && slack.marks.get(post) !== "failed"; second += 1) await run(1000);
    expect(pbx.words()).toEqual(["Hi"]);
    expect(slack.marks.get(post)).toBe("failed");
    await press("slack", "retry");
    await run(2 * MINUTE);
    expect(pbx.words()).toEqual(["Hi"]);
    expect(slack.marks.get(post)).toBe("sent");
  });

  it("has only such attempts counted as were not surely refused", async () => {
    const { pbx, write, run, slack } = await opened();
    pbx.script.fail("send", lost(), "before");
    for (let time = 0; time < 3; time += 1) pbx.script.fail("send", new RetryLater("busy", { afterMs: MINUTE }));
    const post = await write("slack", "Hi");
    await run(15 * MINUTE);
    expect(pbx.words()).toEqual(["Hi"]);
    expect(slack.marks.get(post)).toBe("sent");
  });

  it("does not fail when the PBX tells of it during the last attempt", async () => {
    const { pbx, write, run, clock, slack, echo } = await opened();
    const since = clock.now();
    pbx.script.fail("send", lost(), "after");
    pbx.messages.list = async () => {
      if (clock.now() > since + HOURS) await echo("Hi");
      throw new RetryLater("down");
    };
    const post = await write("slack", "Hi");
    await run(10_000);
    clock.leap(HOURS);
    await run(MINUTE);
    expect(pbx.words()).toEqual(["Hi"]);
    expect(slack.marks.get(post)).toBe("sent");
    expect(slack.lines()).toHaveLength(1);
  });
});
