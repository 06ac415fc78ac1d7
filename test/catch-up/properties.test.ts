/** Whatever the PBX tells, doubles or forgets to tell of equal words: each text of its list is shown once. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RetryLater } from "../../src/errors.js";
import { digestOf, type Entry } from "../../src/ledger.js";
import { APART_MS, listedSince, unexplained } from "../../src/matching.js";
import type { PbxMessage } from "../../src/pbx/types.js";
import { openSqliteFile } from "../../src/store/sqlite.js";
import { createWorld, startBridge, type RunningBridge } from "../fixtures/bridge.js";
import { ANNA, conversationWith, SALES } from "../fixtures/conversations.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("equal words in random histories", () => {
  const said = fc.record({
    text: fc.constantFrom("ok", "ok", "yes"),
    /** How often an event tells of it, and how long after. */
    told: fc.integer({ min: 0, max: 3 }),
    late: fc.constantFrom(0, 0, 3000),
    /** The PBX's list cannot be read so many times. */
    unread: fc.constantFrom(0, 0, 1),
    /** What follows. */
    pause: fc.constantFrom(0, 500, 20_000, 2 * MINUTE, 15 * HOUR),
    restart: fc.constantFrom(false, false, false, true),
  });

  type Said = typeof said extends fc.Arbitrary<infer Each> ? Each : never;

  async function say({ text, told, late, unread }: Said, { pbx, tell, run }: RunningBridge): Promise<void> {
    for (let time = 0; time < unread; time += 1) pbx.script.fail("list", new RetryLater("down"));
    pbx.receive(text, ANNA);
    if (late > 0) await run(late);
    for (let time = 0; time < told; time += 1) await tell(text);
  }

  it("are shown as often as the list has them: missed, told late, told twice, with restarts and lists that fail", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(said, { minLength: 1, maxLength: 6 }), async (history) => {
        const world = createWorld();
        const file = openSqliteFile(":memory:");
        const begin = (owner: string) => startBridge({ world, file, owner, catchesUp: true });
        let bridge = await begin("first");
        await bridge.run(1000);
        for (const [index, each] of history.entries()) {
          await say(each, bridge);
          await bridge.run(Math.min(each.pause, 2 * MINUTE));
          world.clock.leap(Math.max(0, each.pause - 2 * MINUTE));
          if (!each.restart) continue;
          await bridge.stop();
          // The ids that a bridge makes here rise with time, and with nothing else.
          world.clock.leap(1);
          bridge = await begin(`later${index}`);
        }
        await bridge.run((2 + history.length) * MINUTE);
        await bridge.stop();
        const shown = world.slack.posted.flatMap(({ post }) => post.texts.map(({ text }) => text));
        const texts = shown.filter((text) => !text.includes("recovered")).toSorted();
        expect(texts).toEqual(world.pbx.list.map(({ text }) => text).toSorted());
      }),
      { numRuns: 40 },
    );
  });
});

describe("a text in question among equal ones", () => {
  const { id: conversation } = conversationWith(ANNA);
  const NOW = 1_800_000_000_000;
  const digest = digestOf("ok", "key");
  const entryAt = (at: number): Entry => {
    const ids = { id: `m${at}.000`, message: `m${at}` as Entry["message"], conversation };
    return { ...ids, digest, direction: "in", at, status: "taken", echoed: true };
  };
  const listedAt = (at: number): PbxMessage => {
    const base = { id: `p${at}`, extension: 7, did: SALES, contact: ANNA } as const;
    return { ...base, direction: "in", text: "ok", at };
  };

  it("is found in the list if it is there and else is not, whatever was before it and however far the clocks are apart", () => {
    /** How long ago equal texts came of which the ledger knows no id. */
    const ago = (fromHour: number, toHour: number) =>
      fc.uniqueArray(fc.integer({ min: fromHour * HOUR + 1, max: toHour * HOUR }), { maxLength: 6 });
    const apart = fc.integer({ min: -12 * HOUR, max: 12 * HOUR });
    fc.assert(
      // Somebody may have deleted old ones in the PBX.
      fc.property(ago(0, 12), ago(40, 48), apart, fc.boolean(), (listed, deleted, behind, isThere) => {
        const others = [...listed, ...deleted].map((each) => entryAt(NOW - each)).toSorted((a, b) => a.at - b.at);
        const since = listedSince(NOW, others, APART_MS);
        const list = [...listed, ...(isThere ? [0] : [])].map((each) => listedAt(NOW - each - behind));
        const read = list.filter(({ at = 0 }) => at >= since).toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0));
        expect(unexplained(read, others)?.at).toBe(isThere ? NOW - behind : undefined);
      }),
      { numRuns: 2000 },
    );
  });
});
