/** A side is down for hours and back, or refuses until somebody has mended it: all arrives once, in order, and nobody else waits. */
import { describe, expect, it } from "vitest";
import { RetryLater } from "../../src/errors.js";
import { startBridge } from "../fixtures/bridge.js";
import { apiCalls, contact, did, failureOf, startPbx } from "../pbx/harness.js";

const HOUR = 3_600_000;
const DOWN = {
  "cannot be reached": () => new RetryLater("cannot be reached", { scope: "target" }),
  "gives no answer": () => new RetryLater("no answer in time"),
  "refuses the token, a minute at a time": () => new RetryLater("token", { scope: "target", afterMs: 60_000 }),
  "limits for an hour at a time": () => new RetryLater("limit", { scope: "target", afterMs: HOUR }),
} as const;

const wordsIn = (lines: readonly string[]): string[] => lines.map((line) => line.split(": ")[1] ?? line);

describe.each(Object.entries(DOWN))("a side that %s for hours", (name, failure) => {
  it("if it is the PBX, gets every reply once and in order; texts are shown meanwhile", async () => {
    const bridge = await startBridge();
    await bridge.receive("hello");
    await bridge.run();
    for (let times = 0; times < (name.includes("hour at") ? 2 : 60); times += 1)
      bridge.pbx.script.fail("send", failure());
    const replies = ["one", "two", "three"];
    for (const words of replies) await bridge.write("slack", words);
    await bridge.run(5 * 60_000);
    await bridge.receive("not to be delayed");
    await bridge.run();
    expect(wordsIn(bridge.slack.lines()).at(-1)).toBe("not to be delayed");
    expect(bridge.pbx.words()).toEqual([]);
    await bridge.run(2 * HOUR);
    expect(bridge.pbx.words()).toEqual(replies);
    expect([...bridge.slack.marks.values()]).toEqual(["sent", "sent", "sent"]);
    expect(bridge.store.queue.counts()).toEqual({ waiting: [], aside: 0 });
  }, 60_000);

  it.each(["slack", "telegram"] as const)(
    "if it is %s, gets every text once and in order; elsewhere they are there at once",
    async (ill) => {
      const bridge = await startBridge();
      const well = ill === "slack" ? bridge.telegram : bridge.slack;
      await bridge.receive("hello");
      await bridge.run();
      for (let times = 0; times < (name.includes("hour at") ? 2 : 60); times += 1)
        bridge[ill].script.fail("send", failure());
      const texts = ["one", "two", "three"];
      for (const words of texts) {
        await bridge.receive(words);
        await bridge.run(2 * 60_000);
        expect(wordsIn(well.lines()).at(-1)).toBe(words);
      }
      await bridge.write(ill === "slack" ? "telegram" : "slack", "a reply");
      await bridge.run();
      expect(bridge.pbx.words()).toEqual(["a reply"]);
      await bridge.run(2 * HOUR);
      expect(wordsIn(bridge[ill].lines())).toEqual(["hello", ...texts, "a reply"]);
      expect(bridge.store.queue.counts()).toEqual({ waiting: [], aside: 0 });
    },
    60_000,
  );
});

describe("credentials that the PBX no longer takes", () => {
  it("leave a text certainly unsent, a minute apart and with the remedy, and are used again once it takes them", async () => {
    const { pbx, client } = await startPbx();
    const text = { to: contact, from: did, text: "hello" };
    await client.messages.send(7, text);
    pbx.revokeClient(true);
    for (let times = 0; times < 3; times += 1)
      expect(await failureOf(client.messages.send(7, text))).toMatchObject({
        ...{ name: "RetryLater", scope: "target", afterMs: 60_000, uncertain: false },
        message: expect.stringMatching(/Check pbx\.clientId and pbx\.clientSecret/) as unknown,
      });
    pbx.revokeClient(false);
    await client.messages.send(7, text);
    expect(pbx.sentTexts()).toHaveLength(2);
    expect(apiCalls(pbx).filter((call) => call.endsWith(" 200") || call.endsWith(" 201")).length).toBeGreaterThan(0);
  });
});
