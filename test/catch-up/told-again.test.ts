/** The same words told again: one text or two, as the PBX's list has it. */
import { describe, expect, it } from "vitest";
import { RetryLater } from "../../src/errors.js";
import { openSqliteFile } from "../../src/store/sqlite.js";
import { createWorld } from "../fixtures/bridge.js";
import { ANNA, SALES } from "../fixtures/conversations.js";
import { HOUR, MINUTE, ofAnna, running } from "./running.js";

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

  it("do not make what was said behind them missed: its event waits, whenever the list is read meanwhile", async () => {
    for (let second = 40; second < 60; second += 2) {
      const { receive, tell, run, slack } = await running();
      await receive("ok");
      await run(2 * MINUTE + second * 1000);
      await tell("ok");
      await receive("urgent");
      await run(3 * MINUTE);
      expect(slack.lines()).toEqual(ofAnna(["ok", "urgent"]));
    }
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
