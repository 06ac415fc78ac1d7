/** The PBX's list of messages is the truth: what no event told of appears, and what was told twice appears once. */
import { describe, expect, it } from "vitest";
import { RetryLater } from "../src/errors.js";
import { openSqliteFile } from "../src/store/sqlite.js";
import { createWorld, startBridge, type BridgeOptions, type RunningBridge } from "./fixtures/bridge.js";
import { ANNA, BEN, SALES } from "./fixtures/conversations.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A bridge that has caught up once. */
async function running(options: BridgeOptions = {}): Promise<RunningBridge> {
  const bridge = await startBridge({ ...options, catchesUp: true });
  await bridge.run(1000);
  return bridge;
}

/** A bridge that was there, stopped, and comes again after `meanwhile`. */
async function away(meanwhile: (bridge: RunningBridge) => Promise<void> | void): Promise<RunningBridge> {
  const world = createWorld();
  const file = openSqliteFile(":memory:");
  const before = await running({ world, file });
  await before.receive("Hello");
  await before.run(2 * MINUTE);
  await before.stop();
  await meanwhile(before);
  return running({ world, file, owner: "two" });
}

const ofAnna = (texts: readonly string[]): string[] => texts.map((text) => `${ANNA.number}: ${text}`);

describe("texts that came while the bridge was away", () => {
  it("are shown in order, each with its own time, below a line that says how many and from when", async () => {
    let first = 0;
    const { slack, telegram } = await away(async ({ pbx, clock, run }) => {
      await run(2 * HOUR);
      first = clock.now();
      pbx.receive("one", ANNA);
      await run(10 * MINUTE);
      pbx.receive("two", ANNA);
      await run(20 * MINUTE);
      pbx.receive("one", ANNA);
      await run(HOUR);
    });
    for (const { posted, lines } of [slack, telegram]) {
      expect(lines()).toEqual([
        ...ofAnna(["Hello"]),
        expect.stringMatching(/^SMS: 3 texts recovered, 10:02 to 10:32\. /),
        ...ofAnna(["one", "two", "one"]),
      ]);
      const times = posted.flatMap(({ post }) => post.texts).slice(-3);
      expect(times.map(({ at }) => at - first)).toEqual([0, 10 * MINUTE, 30 * MINUTE]);
    }
  });

  it("are found after a stop that was longer than the look-back", async () => {
    const { slack } = await away(async ({ pbx, run }) => {
      pbx.receive("on Friday", ANNA);
      await run(60 * HOUR);
    });
    expect(slack.lines()).toContain(`${ANNA.number}: on Friday`);
    expect(slack.lines().join()).toMatch(/1 text recovered, 15 Jan 08:02\./);
  });

  it("are each in their own conversation, also those from a desk phone", async () => {
    const { slack } = await away(({ pbx, clock }) => {
      pbx.receive("from Ben", BEN);
      const phone = {
        id: "phone",
        extension: 7,
        direction: "out",
        did: SALES,
        contact: ANNA,
        at: clock.now(),
      } as const;
      pbx.list.push({ ...phone, text: "from my desk" });
    });
    expect(slack.lines()).toContain(`${BEN.number}: from Ben`);
    expect(slack.lines()).toContain("Sales: from my desk");
    expect(slack.threads).toHaveLength(2);
  });

  it("are not shown again when their events come late, and a later text with the same words is", async () => {
    const { slack, tell, receive, run } = await away(({ pbx }) => void pbx.receive("ok", ANNA));
    await tell("ok");
    await run(2 * MINUTE);
    expect(slack.lines().filter((line) => line.endsWith(": ok"))).toHaveLength(1);
    await receive("ok");
    await run(2 * MINUTE);
    expect(slack.lines().filter((line) => line.endsWith(": ok"))).toHaveLength(2);
  });

  it("are shown once, however often the bridge dies and begins again", async () => {
    const world = createWorld();
    const file = openSqliteFile(":memory:");
    await (await running({ world, file })).stop();
    world.pbx.receive("one", ANNA);
    for (let time = 0; time < 3; time += 1) {
      const bridge = await running({ world, file, owner: `o${time}` });
      await bridge.run(time * 7000);
      await bridge.stop();
    }
    await running({ world, file, owner: "last" });
    expect(world.slack.lines()).toEqual([expect.stringMatching(/recovered/), ...ofAnna(["one"])]);
  });
});

describe("what the PBX had before the bridge was set up", () => {
  it("is shown nowhere, and the same words said later are", async () => {
    const world = createWorld();
    world.pbx.receive("ok", ANNA);
    const { slack, receive, run } = await running({ world });
    await run(5 * MINUTE);
    expect(slack.lines()).toEqual([]);
    await receive("ok");
    await run();
    expect(slack.lines()).toEqual(ofAnna(["ok"]));
  });
});

describe("a text that comes just when the bridge is set up", () => {
  it("is shown when its event comes after the first look at the list", async () => {
    const world = createWorld();
    world.pbx.receive("ok", ANNA);
    const { slack, tell, run } = await running({ world });
    await tell("ok");
    await run(100);
    await tell("ok");
    await run(5 * MINUTE);
    expect(slack.lines()).toEqual(ofAnna(["ok"]));
  });
});

describe("an event that never came", () => {
  it("is made good within a minute or so, and not before an event may have been on its way", async () => {
    const { pbx, run, slack } = await running();
    pbx.receive("Hello", ANNA);
    await run(MINUTE);
    expect(slack.lines()).toEqual([]);
    await run(6000);
    expect(slack.lines()).toEqual([expect.stringMatching(/1 text recovered/), ...ofAnna(["Hello"])]);
  });

  it("is made good although the PBX's clock is 20 minutes off, or its list comes late", async () => {
    for (const ahead of [-20 * MINUTE, 20 * MINUTE]) {
      const { pbx, run, slack, clock, receive } = await running();
      pbx.receive("one", ANNA, { at: clock.now() + ahead });
      await receive("two");
      await run(10 * MINUTE);
      expect(slack.lines().toSorted()).toEqual([...ofAnna(["one", "two"]), expect.stringMatching(/1 text recovered/)]);
    }
  });

  it("of a text to a number without a line is kept all the same, once", async () => {
    const { pbx, run, store } = await running();
    pbx.receive("who?", ANNA, { did: { number: "+15550999", wire: "15550999" } });
    await run(10 * MINUTE);
    expect(store.queue.aside()).toMatchObject([{ work: { kind: "unmatched", event: { text: "who?" } } }]);
  });

  it("is found once the list can be read again", async () => {
    const { pbx, run, slack } = await running();
    for (let time = 0; time < 5; time += 1) pbx.script.fail("list", new RetryLater("down"));
    pbx.receive("Hello", ANNA);
    await run(10 * MINUTE);
    expect(slack.lines()).toContain(`${ANNA.number}: Hello`);
  });
});

describe("the same words told again", () => {
  it("are one text when the list has one: the PBX told it twice", async () => {
    const { receive, tell, run, slack } = await running();
    await receive("ok");
    await tell("ok");
    await tell("ok");
    await run(5 * MINUTE);
    expect(slack.lines()).toEqual(ofAnna(["ok"]));
  });

  it("are two texts when the list has two, at once", async () => {
    const { receive, run, slack } = await running();
    await receive("ok");
    await receive("ok");
    await run(100);
    expect(slack.lines()).toEqual(ofAnna(["ok", "ok"]));
  });

  it("are counted right when both happen together, and one event more does not come at all", async () => {
    const { receive, tell, run, slack, pbx } = await running();
    await receive("ok");
    await Promise.all([receive("ok"), tell("ok"), tell("ok")]);
    pbx.receive("ok", ANNA);
    await run(5 * MINUTE);
    expect(slack.lines().filter((line) => line === `${ANNA.number}: ok`)).toHaveLength(3);
  });

  it("are a new text at once, though an earlier one with them is not in the list any more, nor known by its id", async () => {
    const { receive, tell, run, slack, clock } = await running();
    await tell("ok");
    await run(2 * MINUTE);
    clock.leap(40 * HOUR);
    await run(2 * MINUTE);
    await receive("ok");
    await run(100);
    expect(slack.lines()).toEqual(ofAnna(["ok", "ok"]));
  });

  it("keep their place: what was said behind them waits", async () => {
    const { receive, run, slack, pbx } = await running();
    pbx.script.fail("list", new RetryLater("slow", { afterMs: 3000 }));
    await receive("ok");
    await receive("ok");
    await receive("thanks");
    await run(10_000);
    expect(slack.lines()).toEqual(ofAnna(["ok", "ok", "thanks"]));
  });

  it("are shown once with what was said behind them, though a restart finds it all in the list before they are decided on", async () => {
    const world = createWorld();
    const file = openSqliteFile(":memory:");
    const before = await running({ world, file });
    await before.receive("ok");
    await before.run(2 * MINUTE);
    world.pbx.script.fail("list", new RetryLater("slow", { afterMs: MINUTE }));
    await before.receive("ok");
    await before.receive("thanks");
    const phone = { id: "phone", extension: 7, direction: "out", did: SALES, contact: ANNA, status: "sent" } as const;
    world.pbx.list.push({ ...phone, text: "on our way", at: world.clock.now() });
    await before.echo("on our way");
    await before.echo("on our way");
    await before.run(10);
    await before.stop();
    const { run, slack } = await running({ world, file, owner: "two" });
    await run(5 * MINUTE);
    const shown = slack.posted.flatMap(({ post }) => post.texts.map(({ text }) => text));
    expect(shown.filter((text) => !text.includes("recovered"))).toEqual(["ok", "ok", "thanks", "on our way"]);
  });

  it("are shown when the list cannot be had: better twice than never", async () => {
    const { receive, run, slack, pbx, store } = await running();
    for (let time = 0; time < 500; time += 1) pbx.script.fail("list", new RetryLater("down"));
    await receive("ok");
    await receive("ok");
    await run(5 * MINUTE);
    expect(slack.lines()).toEqual(ofAnna(["ok", "ok"]));
    expect(store.queue.aside()).toEqual([]);
  });

  it("of a desk phone, or echoing ours twice, are told apart by the list", async () => {
    const { write, receive, echo, run, slack } = await running();
    await receive("Hello");
    await run();
    await write("slack", "ok");
    await run();
    await echo("ok");
    await echo("ok");
    await run(5 * MINUTE);
    expect(slack.lines()).toEqual(ofAnna(["Hello"]));
  });
});

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

describe("a list that is not as one would wish", () => {
  const DAY = 24 * HOUR;

  it("of a PBX that could not be reached for hours: all that came meanwhile is shown, without a restart", async () => {
    const { pbx, run, slack, receive } = await running();
    await receive("Hello");
    await run(2 * MINUTE);
    for (let time = 0; time < 5 * 60; time += 1) pbx.script.fail("list", new RetryLater("down"));
    await run(HOUR);
    pbx.receive("first", ANNA);
    await run(3 * HOUR);
    pbx.receive("second", ANNA);
    await run(3 * HOUR);
    expect(slack.lines().slice(-2)).toEqual(ofAnna(["first", "second"]));
  });

  it("with old conversations only shows none of them, whatever the bridge does after its first look", async () => {
    const world = createWorld();
    const file = openSqliteFile(":memory:");
    const { clock, pbx, slack } = world;
    for (const days of [400, 3, 1.01]) pbx.receive(`${days} days ago`, ANNA, { at: clock.now() - days * DAY });
    await (await running({ world, file })).stop();
    const again = await running({ world, file, owner: "two" });
    await again.run(3 * HOUR);
    expect(slack.lines()).toEqual([]);
  });

  it("of a quiet line shows nothing again when the ledger has forgotten it", async () => {
    const { run, slack, receive, store, clock } = await running();
    await receive("Hello");
    await run(2 * MINUTE);
    for (let day = 0; day < 64; day += 1) {
      clock.leap(DAY);
      await store.sweep();
      await run(2 * MINUTE);
    }
    expect(slack.lines()).toEqual(ofAnna(["Hello"]));
  });

  it("by a clock that is hours off, in either direction, doubles nothing", async () => {
    for (const off of [-11 * HOUR, -HOUR, HOUR, 11 * HOUR]) {
      const { run, slack, tell, pbx, clock } = await running();
      await run(2 * MINUTE);
      pbx.receive("Hello", ANNA, { at: clock.now() + off });
      await tell("Hello");
      await run(5 * MINUTE);
      expect(slack.lines()).toEqual(ofAnna(["Hello"]));
    }
  });

  it("with a time of next year hides nothing that comes after it", async () => {
    const world = createWorld();
    const file = openSqliteFile(":memory:");
    const bridge = await running({ world, file });
    world.pbx.receive("odd", ANNA, { at: world.clock.now() + 365 * DAY });
    await bridge.tell("odd");
    await bridge.run(5 * MINUTE);
    await bridge.stop();
    await bridge.run(HOUR);
    world.pbx.receive("missed", ANNA);
    await bridge.run(47 * HOUR);
    const { slack } = await running({ world, file, owner: "two" });
    expect(slack.lines().filter((line) => /: (odd|missed)$/.test(line))).toEqual(ofAnna(["odd", "missed"]));
  });

  it("without our number, or with another extension's, is of the extension that was asked", async () => {
    const { run, slack, tell, pbx, store } = await running();
    await run(2 * MINUTE);
    const { did: _did, ...message } = pbx.receive("Hello", ANNA);
    pbx.list.splice(-1, 1, message);
    await tell("Hello");
    pbx.receive("not told of", BEN);
    await run(10 * MINUTE);
    expect(slack.lines().filter((line) => !line.startsWith("SMS"))).toEqual([
      ...ofAnna(["Hello"]),
      `${BEN.number}: not told of`,
    ]);
    expect(store.queue.aside()).toEqual([]);
  });

  it("is read again no sooner than it asked for, however much is suspected", async () => {
    const { run, pbx, status, receive, slack } = await running();
    await receive("Hello");
    await run(2 * MINUTE);
    pbx.script.fail("list", new RetryLater("limit", { afterMs: 10 * MINUTE }));
    await run(MINUTE);
    pbx.receive("missed", ANNA);
    for (let time = 0; time < 5; time += 1) {
      await status("failed", "never said");
      await run(MINUTE);
    }
    expect(slack.lines()).toEqual(ofAnna(["Hello"]));
    await run(10 * MINUTE);
    expect(slack.lines()).toContain(`${ANNA.number}: missed`);
  });
});

describe("an event that comes days after its text was found in the list", () => {
  it("shows nothing again", async () => {
    const { slack, tell, run } = await away(async ({ pbx, run: wait }) => {
      pbx.receive("late one", ANNA);
      await wait(3 * 24 * HOUR);
    });
    await tell("late one");
    await run(5 * MINUTE);
    expect(slack.lines().filter((line) => line.endsWith("late one"))).toHaveLength(1);
  });
});
