/** Our number is missing from the PBX's events, or from its list: one text stays one text, on its own line. */
import { describe, expect, it } from "vitest";
import { createWorld } from "../fixtures/bridge.js";
import { ANNA, LINE, SLACK } from "../fixtures/conversations.js";
import { MINUTE, ofAnna, running } from "./running.js";

const ours = { extension: 7, contact: ANNA } as const;

describe("an event that does not tell our number", () => {
  it("is shown at once, and once, where the extension's one line names it", async () => {
    const { run, slack, pbx, intake, store } = await running();
    await run(2 * MINUTE);
    pbx.receive("Hello", ANNA);
    await intake.pbx({ kind: "text-in", ...ours, text: "Hello" });
    await run(1000);
    expect(slack.lines()).toEqual(ofAnna(["Hello"]));
    await run(5 * MINUTE);
    expect(slack.lines()).toEqual(ofAnna(["Hello"]));
    expect(store.queue.aside()).toEqual([]);
  });

  it("is known in the list that tells it, where no line names a number", async () => {
    const world = createWorld();
    world.lines = [{ name: LINE.name, extension: 7, to: [SLACK] }];
    const { run, slack, pbx, intake } = await running({ world });
    await run(2 * MINUTE);
    pbx.receive("Hello", ANNA);
    await intake.pbx({ kind: "text-in", ...ours, text: "Hello" });
    await run(5 * MINUTE);
    expect(slack.lines()).toEqual(ofAnna(["Hello"]));
    expect(slack.threads).toHaveLength(1);
  });

  it("is the echo of our reply, and tells its status", async () => {
    const { run, slack, write, receive, intake, store } = await running();
    await receive("Hello");
    await run(2 * MINUTE);
    await write("slack", "Hi");
    await run(1000);
    await intake.pbx({ kind: "text-out", ...ours, text: "Hi" });
    await intake.pbx({ kind: "text-status", ...ours, text: "Hi", status: "failed" });
    await run(5 * MINUTE);
    expect(slack.lines().filter((line) => line.endsWith(": Hi"))).toEqual([]);
    expect(slack.lines().at(-1)).toMatch(/could not be sent|failed|not delivered/i);
    expect(store.queue.aside().map(({ work }) => work.kind)).toEqual(["text"]);
  });
});

describe("a list that does not tell our number", () => {
  it("puts no text on the line that an event told of another number of its extension", async () => {
    const { run, slack, pbx, intake, store } = await running();
    await run(2 * MINUTE);
    const did = { number: "+15550999", wire: "15550999" };
    const { did: _, ...row } = pbx.receive("for the other number", ANNA);
    pbx.list.splice(-1, 1, row);
    await intake.pbx({ kind: "text-in", ...ours, did, text: "for the other number" });
    await run(3 * MINUTE);
    expect(slack.lines()).toEqual([]);
    expect(store.queue.aside()).toHaveLength(1);
  });

  it("brings what no event told of to the extension's one line", async () => {
    const { run, slack, pbx, tell } = await running();
    await run(2 * MINUTE);
    const { did: _, ...row } = pbx.receive("missed", ANNA);
    pbx.list.splice(-1, 1, row);
    await run(3 * MINUTE);
    expect(slack.lines().at(-1)).toBe(`${ANNA.number}: missed`);
    // Told late: it is the same text.
    await tell("missed");
    await run(3 * MINUTE);
    expect(slack.lines().filter((line) => line.endsWith(": missed"))).toHaveLength(1);
  });
});
