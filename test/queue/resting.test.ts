import { expect, test } from "vitest";
import { createResting } from "../../src/queue/resting.js";

const lane = (name: string) => ({ lane: name, target: "slack:C" });

test("what recovers within the quiet time is told once that is over", () => {
  const resting = createResting();
  const fail = (): void => ["a", "b"].forEach((name) => resting.failed(lane(name)));
  const takenAt = (at: number): number => (resting.succeeded(lane("e")) ? resting.take("slack", at).length : 0);
  fail();
  expect(takenAt(0)).toBe(2);
  fail();
  expect([10_000, 20_000, 31_000, 32_000].map(takenAt)).toEqual([0, 0, 2, 0]);
});

test("one failure alone is no outage", () => {
  const resting = createResting();
  resting.failed(lane("a"));
  expect(resting.succeeded(lane("b"))).toBe(false);
  resting.failed(lane("a"));
  expect(resting.succeeded(lane("b"))).toBe(false);
});
