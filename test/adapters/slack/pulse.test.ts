import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createPulse, type Pulse } from "../../../adapters/slack/pulse.js";

let now: number;
let pulse: Pulse;
beforeEach(() => {
  vi.useFakeTimers();
  now = 1_700_000_000_000;
  pulse = createPulse(() => now, 5000);
});
afterEach(() => {
  pulse.stop();
  vi.useRealTimers();
});

const live = (seconds: number): void => {
  for (let second = 0; second < seconds; second += 1) {
    now += 1000;
    vi.advanceTimersByTime(1000);
  }
};

it("who goes on does not stand still, however long nobody asks", () => {
  pulse.start();
  live(60);
  expect(pulse.stoodStill()).toBe(false);
});

it("who stood still a while ago is known to have, once", () => {
  pulse.start();
  live(3);
  now += 60_000;
  live(10);
  expect(pulse.stoodStill()).toBe(true);
  expect(pulse.stoodStill()).toBe(false);
});

it("what went by before the start, or while stopped, does not count, and nothing is left running", () => {
  now += 60_000;
  pulse.start();
  expect(pulse.stoodStill()).toBe(false);
  pulse.stop();
  expect(vi.getTimerCount()).toBe(0);
  now += 60_000;
  pulse.start();
  live(1);
  expect(pulse.stoodStill()).toBe(false);
});
