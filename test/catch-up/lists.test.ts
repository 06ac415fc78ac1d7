/** Lists that are not as one would wish. */
import { describe, expect, it } from "vitest";
import { RetryLater } from "../../src/errors.js";
import { openSqliteFile } from "../../src/store/sqlite.js";
import type { PbxMessage } from "../../src/pbx/types.js";
import { createWorld } from "../fixtures/bridge.js";
import { ANNA, BEN } from "../fixtures/conversations.js";
import { HOUR, MINUTE, ofAnna, running } from "./running.js";

function withoutTime({ at: _at, ...rest }: PbxMessage): PbxMessage {
  return rest;
}

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

  it("without a time that can be read shows nothing again when the ledger has forgotten the others of that age", async () => {
    const world = createWorld();
    const { clock, pbx, slack } = world;
    const untime = (): void => pbx.list.forEach((each, index) => void (pbx.list[index] = withoutTime(each)));
    pbx.receive("from last year", ANNA);
    untime();
    const { run, receive, store } = await running({ world });
    await receive("Hello");
    untime();
    for (let day = 0; day < 130; day += 1) {
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
