import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextAttempt, RETRY_POLICIES } from "../../src/queue/retry.js";

const policy = { firstMs: 1000, longestMs: 30_000, giveUpAfterMs: 3_600_000 };
const failed = { policy, attempts: 1, acceptedAt: 0, now: 0, random: 0.5 };

describe("the next attempt", () => {
  it("waits twice as long each time, up to the longest wait", () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 1000].map((attempts) => nextAttempt({ ...failed, attempts, random: 1 }));
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it("is spread over the second half of the wait", () => {
    expect(nextAttempt({ ...failed, random: 0 })).toBe(500);
    expect(nextAttempt({ ...failed, random: 0.5 })).toBe(750);
  });

  it("comes exactly when the other side asked for it, however old the delivery is", () => {
    const asked = { ...failed, patient: true };
    expect(nextAttempt({ ...asked, afterMs: 12_345, now: 1e12, attempts: 500 })).toBe(1e12 + 12_345);
    expect(nextAttempt({ ...asked, afterMs: 0, now: 7 })).toBe(7);
  });

  it("comes after a wait of our own only while the delivery is not too old", () => {
    const ours = { ...failed, afterMs: 60_000, attempts: 500 };
    expect(nextAttempt({ ...ours, now: policy.giveUpAfterMs - 1 })).toBe(policy.giveUpAfterMs - 1 + 60_000);
    expect(nextAttempt({ ...ours, now: policy.giveUpAfterMs })).toBeUndefined();
  });

  it("does not come once the delivery is too old", () => {
    expect(nextAttempt({ ...failed, attempts: 4, now: policy.giveUpAfterMs - 1 })).toBeDefined();
    expect(nextAttempt({ ...failed, attempts: 4, now: policy.giveUpAfterMs })).toBeUndefined();
  });

  it("comes a few times for a delivery that was old before anybody tried, as after a night of standstill", () => {
    const old = { ...failed, now: 10 * policy.giveUpAfterMs };
    expect([1, 2, 3].map((attempts) => nextAttempt({ ...old, attempts }))).not.toContain(undefined);
    expect(nextAttempt({ ...old, attempts: 4 })).toBeUndefined();
  });

  it("of a check does not come later than two minutes after it was accepted, whatever was asked for", () => {
    const check = { ...failed, policy: RETRY_POLICIES.check };
    expect(nextAttempt({ ...check, now: 119_000, random: 1 })).toBe(120_000);
    expect(nextAttempt({ ...check, now: 60_000, afterMs: 3_600_000, patient: true })).toBe(120_000);
    expect(nextAttempt({ ...check, now: 120_000 })).toBeUndefined();
    expect(nextAttempt({ ...check, now: 120_000, afterMs: 1000, patient: true })).toBeUndefined();
  });

  it("is in the future whatever the clock does", () => {
    const any = fc.record({
      policy: fc.constantFrom(...Object.values(RETRY_POLICIES)),
      attempts: fc.integer({ min: 1, max: 10_000 }),
      acceptedAt: fc.integer({ min: 0, max: 2e12 }),
      now: fc.integer({ min: 0, max: 2e12 }),
      random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    });
    fc.assert(
      fc.property(any, (each) => {
        const due = nextAttempt(each);
        return due === undefined || (due > each.now && due <= each.now + each.policy.longestMs);
      }),
    );
  });
});
