/** What is not to be attempted yet. */
import { expect, it } from "vitest";
import type { Doer } from "../../src/queue/attempts.js";
import { delivery, working } from "../fixtures/working.js";

it("is looked at again and again and counts as no attempt; its lane alone waits, and the target's rate is not used", async () => {
  const readyAt = 10_000;
  const doer: Partial<Doer> = {
    tooEarly: ([{ key }]) => (key === "a1" && clock.monotonic() < readyAt ? clock.now() + 250 : undefined),
  };
  const rates = [{ kind: "bucket", key: "t", limit: 1, perMs: 1000 }] as const;
  const { add, clock, log, store } = await working({ doer, rates });
  await add(delivery("a1", "a"), delivery("a2", "a"), delivery("b1", "b"), delivery("b2", "b"));
  await clock.advance(5000);
  expect(log).toEqual(["b1@0", "b2@1000"]);
  expect(store.queue.inLane("a")[0]).toMatchObject({ attempts: 0, attempt: undefined, uncertain: false });
  await clock.advance(7000);
  expect(log.slice(2)).toEqual(["a1@10000", "a2@11000"]);
});

it.each([
  [200, 10],
  [2000, 20],
])(
  "keeps nothing else of its target waiting, even if %d lanes are put off and each commit takes %d ms",
  async (count, commitMs) => {
    const doer: Partial<Doer> = { tooEarly: ([{ key }]) => (key === "new" ? undefined : clock.now() + 250) };
    const { add, clock, log } = await working({ doer, commitMs });
    await add(...Array.from({ length: count }, (_, n) => delivery(`k${n}`, `lane ${n}`)));
    await clock.advance(1500);
    await add(delivery("new", "new"));
    await clock.advance(2000);
    expect(log).toEqual([expect.stringMatching(/^new@(1[5-9]|2[0-4])\d\d$/)]);
  },
);
