/** A text whose way to the contact is not smooth: a customer is never texted twice, and nobody is told that it left when it did not. */
import { describe, expect, it } from "vitest";
import { GiveUp, RetryLater } from "../../src/errors.js";
import { createWorld, startBridge, type BridgeOptions } from "../fixtures/bridge.js";
import { ANNA, BEN, SALES } from "../fixtures/conversations.js";

const lost = () => new RetryLater("no answer", { uncertain: true });
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

async function opened(options: BridgeOptions = {}) {
  const bridge = await startBridge(options);
  await bridge.receive("Hello");
  await bridge.run();
  return bridge;
}

describe.each([
  ["that gives ids", true],
  ["that gives none", false],
])("an attempt whose answer was lost, at a PBX %s,", (_, givesIds) => {
  const start = () => opened({ world: createWorld({ givesIds }) });

  it("is found in the PBX's list and not repeated", async () => {
    const { write, run, pbx, slack } = await start();
    pbx.script.fail("send", lost(), "after");
    const post = await write("slack", "Hi");
    await run(MINUTE);
    expect(pbx.words()).toEqual(["Hi"]);
    expect(slack.marks.get(post)).toBe("sent");
  });

  it("is repeated when it is not in the list", async () => {
    const { write, run, pbx } = await start();
    pbx.script.fail("send", lost(), "before");
    await write("slack", "Hi");
    await run(MINUTE);
    expect(pbx.words()).toEqual(["Hi"]);
  });

  it("waits until the list can be read", async () => {
    const { write, run, pbx } = await start();
    pbx.script.fail("send", lost(), "after");
    for (let time = 0; time < 5; time += 1) pbx.script.fail("list", new RetryLater("down"));
    await write("slack", "Hi");
    await run(5 * MINUTE);
    expect(pbx.words()).toEqual(["Hi"]);
  });

  it("is told from equal texts of the same conversation that went before", async () => {
    const { write, run, pbx } = await start();
    await write("slack", "ok");
    await run();
    pbx.script.fail("send", lost(), "before");
    await write("slack", "ok");
    await run(MINUTE);
    expect(pbx.words()).toEqual(["ok", "ok"]);
    pbx.script.fail("send", lost(), "after");
    await write("slack", "ok");
    await run(MINUTE);
    expect(pbx.words()).toEqual(["ok", "ok", "ok"]);
  });

  it.each([
    ["long ago", 20 * HOUR, 0],
    ["before, by a clock that is behind ours,", 13.8 * HOUR, HOUR / 2],
  ])("is found though an equal text that went %s is not known by its id", async (_when, later, behind) => {
    const { write, run, pbx, clock } = await opened({ world: createWorld({ givesIds: false }) });
    const lag = (): void => {
      const last = pbx.list.pop();
      if (last !== undefined) pbx.list.push({ ...last, at: clock.now() - behind });
    };
    pbx.onTaken = lag;
    await write("slack", "ok");
    await run();
    clock.leap(later);
    await run();
    pbx.script.fail("send", lost(), "after");
    await write("slack", "ok");
    await run(MINUTE);
    expect(pbx.words()).toEqual(["ok", "ok"]);
  });

  it("is told from an equal text of a desk phone", async () => {
    const { write, run, pbx, echo, clock } = await start();
    pbx.list.push({ id: "phone", extension: 7, direction: "out", contact: ANNA, text: "ok", at: clock.now() });
    await echo("ok");
    pbx.script.fail("send", lost(), "before");
    await write("slack", "ok");
    await run(MINUTE);
    expect(pbx.words()).toEqual(["ok", "ok"]);
  });

  it("is not mistaken for an equal text that an earlier attempt certainly did not bring out", async () => {
    const { write, run, pbx } = await start();
    pbx.script.fail("send", new GiveUp("The number is not valid."));
    await write("slack", "ok");
    await run();
    pbx.script.fail("send", lost(), "after");
    await write("slack", "ok");
    await run(MINUTE);
    expect(pbx.words()).toEqual(["ok"]);
  });

  it("is told from texts to others and from other words", async () => {
    const { write, run, pbx, clock } = await start();
    const other = { extension: 7, direction: "out", at: clock.now() } as const;
    pbx.list.push({ ...other, id: "x", contact: BEN, text: "Hi" }, { ...other, id: "y", contact: ANNA, text: "hi" });
    pbx.script.fail("send", lost(), "before");
    await write("slack", "Hi");
    await run(MINUTE);
    expect(pbx.words()).toEqual(["Hi", "hi", "Hi"]);
  });

  it("is known to have succeeded by its echo or its status alone", async () => {
    for (const event of ["echo", "status"] as const) {
      const { write, run, pbx, echo, status, slack } = await start();
      pbx.onTaken = () => void (event === "echo" ? echo("Hi") : status("sent", "Hi"));
      pbx.script.fail("send", lost(), "after");
      for (let time = 0; time < 100; time += 1) pbx.script.fail("list", new RetryLater("must not be asked"));
      const post = await write("slack", "Hi");
      await run(MINUTE);
      expect(pbx.words()).toEqual(["Hi"]);
      expect(slack.marks.get(post)).toBe("sent");
    }
  });

  it.each(["before", "after"] as const)(
    "%s the PBX took it is not settled by an event about an equal one",
    async (when) => {
      for (const event of ["echo", "status"] as const) {
        const { write, run, pbx, echo, status, slack } = await start();
        const told = (): Promise<void> => (event === "echo" ? echo("ok") : status("sent", "ok"));
        await write("slack", "ok");
        await run();
        await told();
        await run(MINUTE);
        pbx.script.fail("send", lost(), when);
        const post = await write("slack", "ok");
        await run();
        await told();
        await run(5 * MINUTE);
        expect(pbx.words()).toEqual(["ok", "ok"]);
        expect(slack.marks.get(post)).toBe("sent");
      }
    },
  );

  it("that failed at the carrier and is sent again by hand is really sent again", async () => {
    const { write, run, pbx, status, press } = await start();
    await write("slack", "Hi");
    await run();
    await status("failed", "Hi");
    await run();
    const failed = pbx.list.map((each) => (each.text === "Hi" ? { ...each, status: "failed" as const } : each));
    pbx.list.splice(0, failed.length, ...failed);
    pbx.script.fail("send", lost(), "before");
    await press("slack", "retry");
    await run(MINUTE);
    expect(pbx.words()).toEqual(["Hi", "Hi"]);
  });

  it("stays uncertain when it gives up: sent again by hand, it is looked up first", async () => {
    const { write, run, pbx, press, slack } = await start();
    pbx.script.fail("send", lost(), "after");
    for (let time = 0; time < 1000; time += 1) pbx.script.fail("list", new RetryLater("down"));
    const post = await write("slack", "Hi");
    await run(7 * 60 * MINUTE);
    expect(slack.marks.get(post)).toBe("failed");
    for (let time = 0; time < 30; time += 1) {
      await press("slack", "retry").catch(() => {});
      await run(MINUTE);
    }
    expect(pbx.words()).toEqual(["Hi"]);
  });
});

describe("a text that gives up", () => {
  it("is marked, and every thread gets the reason with a button; pressed, it is sent", async () => {
    const { write, run, pbx, slack, telegram, press } = await opened();
    pbx.script.fail("send", new GiveUp("The PBX refused the number."));
    const post = await write("slack", "Hi");
    await run();
    expect(slack.marks.get(post)).toBe("failed");
    for (const { posted } of [slack, telegram]) {
      expect(posted.at(-1)?.post.texts[0]?.text).toBe(
        `Not delivered to ${ANNA.number}: “Hi”. The PBX refused the number.`,
      );
      expect(posted.at(-1)?.post.choices).toMatchObject([{ action: "retry" }]);
    }
    expect(slack.posted.at(-1)?.post.about).toBe(post);
    await press("telegram", "retry");
    await run();
    expect(pbx.words()).toEqual(["Hi"]);
    expect(slack.marks.get(post)).toBe("sent");
    expect(slack.lines().at(-1)).toMatch(/sent it again/);
    expect([...telegram.settled.values()]).toEqual([expect.stringMatching(/sent it again/)]);
  });

  it("after 6 hours of a wait that nobody asked for, as for a token that is refused", async () => {
    const { write, run, pbx, slack, clock } = await opened();
    for (let time = 0; time < 10; time += 1)
      pbx.script.fail("send", new RetryLater("no token", { scope: "target", afterMs: MINUTE }));
    const post = await write("slack", "Hi");
    await run(5 * MINUTE);
    expect(slack.marks.get(post)).toBe("waiting");
    clock.leap(6 * 60 * MINUTE);
    await run(2 * MINUTE);
    expect(slack.marks.get(post)).toBe("failed");
    expect(slack.posted.at(-1)?.post.choices).toMatchObject([{ action: "retry" }]);
  });

  it("never while the other side asks to wait", async () => {
    const { write, run, pbx, slack, clock } = await opened();
    for (let time = 0; time < 10; time += 1)
      pbx.script.fail("send", new RetryLater("busy", { afterMs: MINUTE, patient: true }));
    const post = await write("slack", "Hi");
    await run(5 * MINUTE);
    clock.leap(24 * 60 * MINUTE);
    await run(2 * MINUTE);
    expect(slack.marks.get(post)).toBe("waiting");
    await run(5 * MINUTE);
    expect(slack.marks.get(post)).toBe("sent");
  });

  it("lets the next reply of the conversation go", async () => {
    const { write, run, pbx } = await opened();
    pbx.script.fail("send", new GiveUp("No."));
    await write("slack", "one");
    await write("slack", "two");
    await run();
    expect(pbx.words()).toEqual(["two"]);
  });

  it("takes the rest of its message with it, and sent again goes whole and in order", async () => {
    const { write, run, pbx, press } = await opened();
    const text = "word ".repeat(50).trim();
    pbx.script.fail("send", new GiveUp("No."));
    await write("slack", text);
    await run();
    expect(pbx.words()).toEqual([]);
    await press("slack", "retry");
    await run();
    expect(pbx.words().join("")).toBe(text);
  });

  it("is sent once, whoever presses wherever", async () => {
    const { write, run, pbx, press } = await opened();
    pbx.script.fail("send", new GiveUp("No."));
    await write("slack", "Hi");
    await run();
    await press("slack", "retry");
    await press("telegram", "retry");
    await run();
    await press("slack", "retry");
    await run();
    expect(pbx.words()).toEqual(["Hi"]);
  });

  it("marks the post again when it fails, is sent again, and gets through", async () => {
    const { write, run, pbx, press, slack } = await opened();
    const post = await write("slack", "Hi");
    for (let time = 0; time < 2; time += 1) pbx.script.fail("send", new GiveUp("No."));
    await run();
    for (let time = 0; time < 2; time += 1) {
      expect(slack.marks.get(post)).toBe("failed");
      await press("slack", "retry");
      await run();
    }
    expect(pbx.words()).toEqual(["Hi"]);
    expect(slack.marks.get(post)).toBe("sent");
  });
});

describe("the buttons under a failure's notice", () => {
  it("go in every place once one was used; the reason stays, and a late press changes nothing", async () => {
    const { write, run, pbx, press, slack, telegram } = await opened();
    pbx.script.fail("send", new GiveUp("No."));
    await write("slack", "Hi");
    await run();
    await press("slack", "retry");
    await run();
    await press("telegram", "retry");
    await run();
    for (const { settled, said } of [slack, telegram]) {
      expect([...settled.values()]).toEqual(["Eve sent it again."]);
      expect([...said.values()]).toEqual([`Not delivered to ${ANNA.number}: “Hi”. No.`]);
    }
    expect(pbx.words()).toEqual(["Hi"]);
  });

  it("go also where the notice appears only later", async () => {
    const { write, run, pbx, press, telegram } = await opened();
    pbx.script.fail("send", new GiveUp("No."));
    for (let time = 0; time < 4; time += 1) telegram.script.fail("send", new RetryLater("down"));
    await write("slack", "Hi");
    await run();
    await press("slack", "retry");
    await run(MINUTE);
    expect(telegram.lines().join()).toContain("Not delivered");
    expect([...telegram.settled.values()]).toEqual(["Eve sent it again."]);
  });

  it("stay under the notice of a later failure", async () => {
    const { write, run, pbx, press, telegram } = await opened();
    for (let time = 0; time < 2; time += 1) pbx.script.fail("send", new GiveUp("No."));
    for (let time = 0; time < 3; time += 1) telegram.script.fail("settle", new RetryLater("busy"));
    await write("slack", "Hi");
    await run();
    await press("slack", "retry");
    await run(MINUTE);
    expect(telegram.posted.filter(({ post }) => post.choices !== undefined)).toHaveLength(2);
    expect(telegram.settled.size).toBe(1);
    await press("telegram", "retry");
    await run(MINUTE);
    expect(pbx.words()).toEqual(["Hi"]);
    expect(telegram.settled.size).toBe(2);
  });
});

describe("a text that the PBX surely refused", () => {
  it("does not hide that somebody then sent the same words from a desk phone", async () => {
    const { write, run, pbx, slack, echo, clock } = await opened();
    pbx.script.fail("send", new GiveUp("No."));
    await write("slack", "call me");
    await run(MINUTE);
    const phone = { id: "phone", extension: 7, direction: "out", did: SALES, contact: ANNA } as const;
    pbx.list.push({ ...phone, text: "call me", at: clock.now() });
    await echo("call me");
    await run(MINUTE);
    expect(slack.lines().at(-1)).toBe("Sales: call me");
  });
});

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

describe("what the PBX reports later", () => {
  it("`failed` overrules `sent`, with the reason and a button that sends it again", async () => {
    const { write, run, pbx, slack, status, press } = await opened();
    const post = await write("slack", "Hi");
    await run();
    await status("sent", "Hi");
    await run();
    expect(slack.marks.get(post)).toBe("sent");
    await status("failed", "Hi");
    await run();
    expect(slack.marks.get(post)).toBe("failed");
    expect(slack.lines().at(-1)).toMatch(/could not be delivered/);
    await status("sent", "Hi");
    await run();
    expect(slack.marks.get(post)).toBe("failed");
    await press("slack", "retry");
    await run();
    expect(pbx.words()).toEqual(["Hi", "Hi"]);
    expect(slack.marks.get(post)).toBe("sent");
  });

  it("`failed` that is told again after Retry does not blame the new attempt", async () => {
    const { write, run, pbx, slack, status, press } = await opened({ catchesUp: true });
    const post = await write("slack", "ok");
    await run();
    const statusOf = (index: number, as: "sent" | "failed"): void => {
      const of = pbx.list.findIndex(({ text }) => text === "ok") + index;
      const listed = pbx.list[of];
      if (listed !== undefined) pbx.list[of] = { ...listed, status: as };
    };
    statusOf(0, "failed");
    await status("failed", "ok");
    await run();
    await press("slack", "retry");
    await run();
    await status("failed", "ok");
    await run(2 * MINUTE);
    expect(slack.marks.get(post)).toBe("sent");
    expect(pbx.words()).toEqual(["ok", "ok"]);
    statusOf(1, "failed");
    await status("failed", "ok");
    await run(2 * MINUTE);
    expect(slack.marks.get(post)).toBe("failed");
    expect(slack.lines().filter((line) => line.includes("Not delivered"))).toHaveLength(2);
  });

  it("may come before the PBX's answer", async () => {
    const { write, run, pbx, slack, status } = await opened();
    pbx.onTaken = () => void status("sent", "Hi");
    const post = await write("slack", "Hi");
    await run();
    expect(slack.marks.get(post)).toBe("sent");
    expect(pbx.words()).toEqual(["Hi"]);
  });

  it("`failed` before the PBX's answer counts, and its button sends the text again", async () => {
    const { write, run, pbx, slack, status, press } = await opened();
    pbx.onTaken = () => void status("failed", "Hi");
    const post = await write("slack", "Hi");
    await run();
    expect(slack.marks.get(post)).toBe("failed");
    pbx.onTaken = undefined;
    await press("slack", "retry");
    await run();
    expect(pbx.words()).toEqual(["Hi", "Hi"]);
    expect(slack.marks.get(post)).toBe("sent");
  });

  it("of one part of a long text fails the whole message, and only that part is sent again", async () => {
    const { write, run, pbx, slack, status, press } = await opened();
    const post = await write("slack", "word ".repeat(50).trim());
    await run();
    const parts = pbx.words();
    await status("failed", parts[1]);
    await run();
    expect(slack.marks.get(post)).toBe("failed");
    await press("slack", "retry");
    await run();
    expect(pbx.words()).toEqual([...parts, parts[1]]);
    expect(slack.marks.get(post)).toBe("sent");
  });

  it("about a part while the next is under way leaves that one alone", async () => {
    const { write, run, pbx, status, press } = await opened();
    const text = "word ".repeat(30).trim();
    let first: string | undefined;
    pbx.onTaken = (part) => {
      if (first === undefined) first = part;
      else void status("failed", first);
    };
    await write("slack", text);
    await run();
    pbx.onTaken = undefined;
    expect(pbx.words().join("")).toBe(text);
    await press("slack", "retry");
    await run();
    expect(pbx.words()).toEqual([...pbx.words().slice(0, 2), first]);
  });

  it("has no button when the text is no longer kept", async () => {
    const { write, run, slack, status, store } = await opened();
    await write("slack", "Hi");
    await run();
    await run(3_600_001);
    expect((await store.sweep()).texts).toBeGreaterThan(0);
    await status("failed", "Hi");
    await run();
    expect(slack.posted.at(-1)?.post.texts[0]?.text).toMatch(/Not delivered/);
    expect(slack.posted.at(-1)?.post.choices).toBeUndefined();
  });
});
