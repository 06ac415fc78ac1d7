import { describe, expect, test } from "vitest";
import { callsOf, createBridge, createMemory, eventually, startBridge, startTelegram } from "./harness.js";

async function group() {
  const telegram = await startTelegram();
  const chat = telegram.addGroup({ title: "Texts", forum: true });
  const topic = telegram.opensTopic(chat, telegram.owner, "Theirs");
  return { telegram, says: (text: string) => telegram.says(chat, telegram.owner, text, { topic }) };
}

function lastOffset(telegram: Awaited<ReturnType<typeof startTelegram>>): unknown {
  return callsOf(telegram, "getUpdates").at(-1)?.offset;
}

describe("storing and confirming", () => {
  test("updates of before the start arrive, and a restart brings none twice and none too few", async () => {
    const { telegram, says } = await group();
    const memory = createMemory();
    says("one");
    const first = await startBridge(telegram, { memory });
    await eventually(() => expect(first.events).toMatchObject([{ text: "one" }]));
    says("two");
    await eventually(() => expect(first.events).toHaveLength(2));
    await first.adapter.stop();
    says("three");
    const second = await startBridge(telegram, { memory });
    await eventually(() => expect(second.events).toMatchObject([{ text: "three" }]));
  });

  test("nothing is confirmed that the inbox has not got", async () => {
    const { telegram, says } = await group();
    const bridge = await startBridge(telegram, { pollSeconds: 0 });
    bridge.broken(true);
    says("one");
    await eventually(() => expect(bridge.naps).toEqual(expect.arrayContaining([1000, 2000, 4000, 30_000])));
    const other = await createBridge(telegram);
    await bridge.adapter.stop();
    await other.start();
    await eventually(() => expect(other.events).toMatchObject([{ text: "one" }]));
  });

  test("a store that forgets how far it was costs repetition, not texts", async () => {
    const { telegram, says } = await group();
    const memory = { ...createMemory(), set: () => Promise.reject(new Error("disk full")) };
    const bridge = await startBridge(telegram, { memory });
    says("one");
    await eventually(() => expect(bridge.events).toHaveLength(1));
    says("two");
    await eventually(() => expect(bridge.events).toHaveLength(2));
    const warning = expect.objectContaining({ level: "warn", msg: expect.stringContaining("how far") as string });
    expect(bridge.logs).toContainEqual(warning);
  });

  test("an offset older than six days is not trusted, as Telegram may count anew by then", async () => {
    const { telegram, says } = await group();
    const memory = createMemory();
    const week = 7 * 24 * 3_600_000;
    await memory.set("offset", JSON.stringify({ next: 999_999_999, at: Date.now() - week }));
    says("one");
    const { events } = await startBridge(telegram, { memory });
    await eventually(() => expect(events).toMatchObject([{ text: "one" }]));
  });

  test("updates of no use are confirmed all the same", async () => {
    const { telegram } = await group();
    await startBridge(telegram, { pollSeconds: 0, places: [] });
    const kicking = telegram.addGroup({ title: "Other", forum: false });
    telegram.kicksBot(kicking);
    await eventually(() => expect(lastOffset(telegram)).toBeGreaterThan(0));
    const before = lastOffset(telegram);
    telegram.addsBot(kicking);
    await eventually(() => expect(lastOffset(telegram)).toBeGreaterThan(Number(before)));
  });
});

describe("trouble with Telegram", () => {
  test.each([
    [{ kind: "status", code: 500, description: "Internal Server Error" } as const, [1000, 2000], "does not answer"],
    [{ kind: "garbage" } as const, [1000, 2000], "does not answer"],
    [{ kind: "reset before effect" } as const, [1000, 2000], "does not answer"],
    [{ kind: "rate-limit", retryAfter: 7 } as const, [7000, 7000], "does not answer"],
    [{ kind: "status", code: 401, description: "Unauthorized" } as const, [60_000, 60_000], "refuses the bot token"],
    [
      { kind: "status", code: 409, description: "Conflict: terminated by other getUpdates request" } as const,
      [10_000, 10_000],
      "Another program polls",
    ],
    [
      {
        kind: "status",
        code: 409,
        description: "Conflict: can't use getUpdates method while webhook is active",
      } as const,
      [10_000, 10_000],
      "A webhook is set",
    ],
  ])("%j is waited out, and said", async (fault, waits, words) => {
    const { telegram, says } = await group();
    telegram.fail({ ...fault, method: "getUpdates", times: 2 });
    const { events, naps, adapter, logs } = await startBridge(telegram);
    says("one");
    await eventually(() => expect(events).toMatchObject([{ text: "one" }]));
    expect(naps).toEqual(waits);
    expect(logs).toContainEqual(
      expect.objectContaining({ level: "warn", msg: expect.stringContaining(words) as string }),
    );
    expect(adapter.unwell()).toBeUndefined();
  });

  test.each(["hang", "truncated"] as const)(
    "an answer that never comes to its end is given up in time: %s",
    async (kind) => {
      const { telegram, says } = await group();
      telegram.fail({ method: "getUpdates", kind, times: 1 });
      const { events, adapter, naps } = await startBridge(telegram, { pollSeconds: 1, timeoutMs: 200 });
      says("one");
      await eventually(() => expect(events).toMatchObject([{ text: "one" }]));
      expect(naps).toEqual([1000]);
      expect(adapter.unwell()).toBeUndefined();
    },
  );

  test("a revoked token is unwell, with the remedy", async () => {
    const { telegram } = await group();
    const { adapter } = await startBridge(telegram);
    telegram.revokeToken();
    await eventually(() => expect(adapter.unwell()).toContain("telegram.botToken"));
  });

  test("after an outage the adapter is well at once, not after a held poll", async () => {
    const { telegram, says } = await group();
    const { events, adapter } = await startBridge(telegram);
    says("before");
    await eventually(() => expect(events).toHaveLength(1));
    telegram.down(true);
    await eventually(() => expect(adapter.unwell()).toContain("does not answer"));
    telegram.down(false);
    await eventually(() => expect(adapter.unwell()).toBeUndefined());
    says("after");
    await eventually(() => expect(events).toMatchObject([{ text: "before" }, { text: "after" }]));
  });
});

describe("starting and stopping", () => {
  test("before the start the adapter is not well, and says so", async () => {
    const { adapter } = await createBridge(await startTelegram());
    expect(adapter.unwell()).toBe("Not connected to Telegram yet.");
  });

  test("a start without Telegram connects once it is there", async () => {
    const { telegram } = await group();
    telegram.down(true);
    const bridge = await createBridge(telegram);
    const starting = bridge.start();
    await eventually(() => expect(bridge.adapter.unwell()).toContain("does not answer"));
    telegram.down(false);
    await starting;
    await eventually(() => expect(bridge.adapter.unwell()).toBeUndefined());
  });

  test("a stop ends a start that found nobody", async () => {
    const telegram = await startTelegram();
    telegram.down(true);
    const bridge = await createBridge(telegram);
    const starting = bridge.start();
    await eventually(() => expect(bridge.naps.length).toBeGreaterThan(0));
    await bridge.adapter.stop();
    await expect(starting).resolves.toBeUndefined();
  });

  test("a stop ends the waiting poll at once", async () => {
    const { telegram } = await group();
    const { adapter } = await startBridge(telegram, { pollSeconds: 50 });
    const before = Date.now();
    await adapter.stop();
    expect(Date.now() - before).toBeLessThan(1000);
  });

  test("a webhook left behind is removed without losing what waits, and the kinds of updates are named", async () => {
    const { telegram, says } = await group();
    const hooked = await startBridge(telegram, { mode: "webhook" });
    await hooked.adapter.stop();
    says("one");
    const { events } = await startBridge(telegram);
    await eventually(() => expect(events).toMatchObject([{ text: "one" }]));
    const kinds = ["message", "edited_message", "callback_query", "my_chat_member"];
    await eventually(() => expect(callsOf(telegram, "getUpdates")[0]).toMatchObject({ allowed_updates: kinds }));
  });
});
