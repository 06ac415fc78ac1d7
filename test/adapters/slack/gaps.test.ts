import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createGaps, type Gaps, gapsApartMs } from "../../../adapters/slack/gaps.js";

let told: number;
let gaps: Gaps;
beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
  told = 0;
  gaps = createGaps(() => void (told += 1), Date.now);
});
afterEach(() => void vi.useRealTimers());

it("what was missed is told at once, and what is missed soon after it when it may be told again, once", () => {
  gaps.missed();
  expect(told).toBe(1);
  vi.advanceTimersByTime(60_000);
  gaps.missed();
  gaps.missed();
  expect(told).toBe(1);
  vi.advanceTimersByTime(gapsApartMs - 60_000);
  expect(told).toBe(2);
  vi.advanceTimersByTime(2 * gapsApartMs);
  expect(told).toBe(2);
  gaps.missed();
  expect(told).toBe(3);
});

it("a clock that was set hides nothing, and nothing is told after the stop", () => {
  gaps.missed();
  vi.setSystemTime(1_600_000_000_000);
  gaps.missed();
  expect(told).toBe(2);
  gaps.missed();
  gaps.stop();
  vi.advanceTimersByTime(2 * gapsApartMs);
  expect(told).toBe(2);
  expect(vi.getTimerCount()).toBe(0);
});
