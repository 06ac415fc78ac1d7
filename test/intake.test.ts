import { describe, expect, it } from "vitest";
import { StoreUnavailable } from "../src/errors.js";
import { openSqliteFile } from "../src/store/sqlite.js";
import { startBridge } from "./fixtures/bridge.js";
import { ANNA, LINE, SALES, SLACK } from "./fixtures/conversations.js";

async function opened() {
  const bridge = await startBridge();
  await bridge.receive("Hello");
  await bridge.run();
  return bridge;
}

describe("the PBX's event for a text that left", () => {
  it("shows nowhere when the text was ours, whether it comes before the answer, after it or after its status", async () => {
    for (const order of ["before", "after", "after the status"] as const) {
      const { write, run, echo, status, pbx, slack, telegram } = await opened();
      if (order === "before") pbx.onTaken = () => void echo("Hi");
      await write("slack", "Hi");
      await run();
      if (order === "after the status") await status("sent", "Hi");
      if (order !== "before") await echo("Hi");
      await run();
      expect(slack.lines()).toEqual([`${ANNA.number}: Hello`]);
      expect(telegram.lines()).toEqual([`${ANNA.number}: Hello`, "Eve (Slack): Hi"]);
    }
  });

  it("shows a text from a desk phone everywhere, once, as sent from there", async () => {
    const { run, echo, slack, telegram } = await opened();
    await echo("From my desk");
    await run();
    for (const { posted } of [slack, telegram]) {
      expect(posted.at(-1)?.post).toMatchObject({
        ...{ speaker: { kind: "phone", name: LINE.name }, texts: [{ text: "From my desk" }] },
      });
      expect(posted).toHaveLength(2);
    }
  });

  it("shows the second of two equal ones when only one text was ours", async () => {
    const { write, run, echo, slack, pbx, clock } = await opened();
    await write("slack", "ok");
    await run();
    await echo("ok");
    pbx.list.push({ id: "phone", extension: 7, direction: "out", contact: ANNA, text: "ok", at: clock.now() });
    await echo("ok");
    await run();
    expect(slack.lines()).toEqual([`${ANNA.number}: Hello`, "Sales: ok"]);
  });

  it("says that a desk phone's text failed, without a button", async () => {
    const { run, echo, status, slack } = await opened();
    await echo("From my desk");
    await status("failed", "From my desk");
    await run();
    const last = slack.posted.at(-1)?.post;
    expect(last?.texts[0]?.text).toMatch(/desk phone/);
    expect(last?.choices).toBeUndefined();
  });
});

describe("a text to a number that no line lists", () => {
  const foreign = { kind: "text-in", extension: 9, contact: ANNA, text: "Is this Sales?" } as const;

  it("is kept, with what to do about it", async () => {
    const { intake, run, store, slack } = await startBridge();
    await intake.pbx(foreign);
    await run();
    expect(slack.lines()).toEqual([]);
    expect(store.queue.aside()).toMatchObject([{ reason: expect.stringMatching(/extension 9.*"lines"/) as unknown }]);
  });

  it("is kept as often as it came, and tried in vain as long as no line lists it", async () => {
    const { intake, run, store, clock } = await startBridge();
    await intake.pbx(foreign);
    await intake.pbx(foreign);
    for (const { key } of store.queue.aside()) await store.commit((tx) => tx.queue.revive(key, clock.now()));
    await run();
    expect(store.queue.aside()).toHaveLength(2);
  });

  it("is shown with its own time when it is tried again after the config lists it", async () => {
    const { intake, run, store, world, slack, clock } = await startBridge();
    const at = clock.now();
    await intake.pbx(foreign);
    await run(3_600_000);
    world.lines = [...world.lines, { name: "Support", extension: 9, to: [SLACK] }];
    for (const { key } of store.queue.aside()) await store.commit((tx) => tx.queue.revive(key, clock.now()));
    await run();
    expect(slack.posted.map(({ post }) => post.texts)).toEqual([[{ text: "Is this Sales?", at }]]);
    expect(store.queue.aside()).toEqual([]);
  });
});

describe("an event that cannot be used", () => {
  it("changes nothing when it is of a type that we have no use for, or a status of what we do not know", async () => {
    const { intake, run, slack, status, errors } = await startBridge();
    await intake.pbx({ kind: "unused", type: "dial-in" });
    await status("failed", "what?");
    await run();
    expect([...slack.lines(), ...errors]).toEqual([]);
  });
});

describe("a store that cannot be written", () => {
  it("rejects what comes in, so that nobody is told that it was taken; later it is taken", async () => {
    const file = openSqliteFile(":memory:");
    const { receive, write, run, slack } = await startBridge({ file });
    file.sql.get("pragma query_only = on");
    await expect(receive("Hello")).rejects.toThrow(StoreUnavailable);
    await expect(write("slack", "Hi", { key: "k" })).rejects.toThrow(StoreUnavailable);
    file.sql.get("pragma query_only = off");
    await receive("Hello");
    await run(60_000);
    expect(slack.lines()).toEqual([`${ANNA.number}: Hello`]);
  });
});

describe("many texts at once", () => {
  it("are each shown once, in their conversations' order", async () => {
    const { intake, run, slack } = await startBridge();
    const contacts = Array.from({ length: 20 }, (_, index) => ({
      number: `+1555020${index}`,
      wire: `1555020${index}`,
    }));
    await Promise.all(
      contacts.flatMap((contact) =>
        ["a", "b", "c"].map((text) => intake.pbx({ kind: "text-in", extension: 7, did: SALES, contact, text })),
      ),
    );
    for (let time = 0; time < 20; time += 1) await run(10);
    expect(slack.threads).toHaveLength(20);
    for (const { number } of contacts)
      expect(slack.lines().filter((line) => line.startsWith(`${number}:`))).toEqual(
        ["a", "b", "c"].map((text) => `${number}: ${text}`),
      );
  });
});
