/** Statuses that no event told of. */
import { describe, expect, it } from "vitest";
import { RetryLater } from "../../src/errors.js";
import { createWorld } from "../fixtures/bridge.js";
import { ANNA } from "../fixtures/conversations.js";
import { HOUR, MINUTE, running } from "./running.js";

describe("a status that no event told of", () => {
  it("is corrected from the list, with the reason in the thread", async () => {
    const { receive, write, run, pbx, slack } = await running();
    await receive("Hello");
    await run();
    const post = await write("slack", "Hi");
    await run();
    expect(slack.marks.get(post)).toBe("sent");
    const failed = pbx.list.map((each) => (each.text === "Hi" ? { ...each, status: "failed" as const } : each));
    pbx.list.splice(0, failed.length, ...failed);
    await run(2 * MINUTE);
    expect(slack.marks.get(post)).toBe("failed");
    expect(slack.lines().filter((line) => line.includes("Not delivered"))).toHaveLength(1);
    await run(10 * MINUTE);
    expect(slack.lines().filter((line) => line.includes("Not delivered"))).toHaveLength(1);
  });

  it("is corrected for a text that was given up as perhaps lost: it arrived after all, and its buttons go", async () => {
    const { receive, write, run, pbx, clock, slack, telegram, store } = await running();
    await receive("Hello");
    await run();
    pbx.script.fail("send", new RetryLater("no answer", { uncertain: true }), "after");
    for (let time = 0; time < 5; time += 1) pbx.script.fail("list", new RetryLater("The PBX is down."));
    const post = await write("slack", "Hi");
    await run(10_000);
    clock.leap(7 * HOUR);
    await run(5 * MINUTE);
    expect(telegram.lines().some((line) => line.includes("may or may not have reached"))).toBe(true);
    expect(pbx.words()).toEqual(["Hi"]);
    expect(slack.marks.get(post)).toBe("sent");
    for (const { lines, settled } of [slack, telegram]) {
      expect(lines().at(-1)).toBe(`SMS: It reached ${ANNA.number} after all: “Hi”.`);
      expect([...settled.values()]).toEqual(["It arrived after all."]);
    }
    expect(store.queue.aside()).toEqual([]);
  });

  it("`failed` told twice is one failure: of two equal texts the other keeps its mark", async () => {
    const { receive, write, run, status, slack } = await running();
    await receive("Hello");
    await run();
    const first = await write("slack", "ok");
    await run(10);
    const second = await write("slack", "ok");
    await run();
    await status("sent", "ok");
    await status("failed", "ok");
    await status("failed", "ok");
    await run(2 * MINUTE);
    expect([slack.marks.get(first), slack.marks.get(second)]).toEqual(["sent", "failed"]);
  });

  it.each([true, false])(
    "sent again by hand is no text of a desk phone, whether the PBX gives ids (%s) or not",
    async (givesIds) => {
      const { receive, write, run, status, press, pbx, slack } = await running({ world: createWorld({ givesIds }) });
      await receive("Hello");
      await run();
      const post = await write("slack", "Hi");
      await run(10);
      await status("failed", "Hi");
      const failed = pbx.list.map((each) => (each.text === "Hi" ? { ...each, status: "failed" as const } : each));
      pbx.list.splice(0, failed.length, ...failed);
      await run(10);
      await press("slack", "retry");
      await run(10 * MINUTE);
      expect(pbx.words()).toEqual(["Hi", "Hi"]);
      expect(slack.marks.get(post)).toBe("sent");
      expect(slack.lines().join()).not.toMatch(/recovered|Sales: Hi/);
    },
  );
});
