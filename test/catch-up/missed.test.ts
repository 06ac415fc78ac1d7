/** What no event told of, or not yet, is found in the PBX's list. */
import { describe, expect, it } from "vitest";
import { RetryLater } from "../../src/errors.js";
import { openSqliteFile } from "../../src/store/sqlite.js";
import { createWorld } from "../fixtures/bridge.js";
import { ANNA, BEN, SALES } from "../fixtures/conversations.js";
import { away, HOUR, MINUTE, ofAnna, running } from "./running.js";

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
        "SMS: 3 texts recovered, 10:02 to 10:32. No event brought them here, as when the bridge is stopped or cannot be reached; the PBX's list had them.",
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
    expect(slack.lines().join()).toMatch(/1 text recovered, 15 Jan 08:02\. No event brought it here, .* list had it\./);
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

  it("is not taken for a reply whose answer was lost, however short the look-back is", async () => {
    const world = createWorld();
    const { clock, pbx } = world;
    const phone = { id: "phone", extension: 7, direction: "out", contact: ANNA, status: "sent" } as const;
    pbx.list.push({ ...phone, text: "fine", at: clock.now() - 5 * HOUR });
    const { receive, run, write } = await running({ world, lookBackHours: 0.1 });
    await receive("Can you come?");
    await run(MINUTE);
    pbx.script.fail("send", new RetryLater("lost", { uncertain: true }));
    await write("slack", "fine");
    await run(10 * MINUTE);
    expect(pbx.words()).toEqual(["fine", "fine"]);
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
