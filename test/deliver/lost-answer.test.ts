/** Texts whose answer from the PBX never came: looked for in its list before they are sent again. */
import { describe, expect, it } from "vitest";
import { GiveUp, RetryLater } from "../../src/errors.js";
import { createWorld } from "../fixtures/bridge.js";
import { ANNA, BEN, SALES } from "../fixtures/conversations.js";
import { HOUR, MINUTE, opened } from "./opened.js";

const lost = () => new RetryLater("no answer", { uncertain: true });

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
