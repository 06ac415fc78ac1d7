import { describe, expect, it } from "vitest";
import { haveOwnTimes } from "../src/own-times.js";

const now = 1_700_000_000_000;
const minute = 60_000;
/** Of texts that were written so many minutes before they are posted. */
const shown = (...ago: readonly number[]): readonly boolean[] =>
  haveOwnTimes({ texts: ago.map((minutes) => ({ text: "x", at: now - minutes * minute })) }, now);

describe("the time of a text", () => {
  it("is shown when it is posted minutes after it was written", () => {
    expect(shown(0)).toEqual([false]);
    expect(shown(2)).toEqual([false]);
    expect(shown(3)).toEqual([true]);
    expect(shown(60)).toEqual([true]);
  });

  it("is shown again only where more than a minute lies between it and the last that is known", () => {
    expect(shown(10, 10, 9.5)).toEqual([true, false, false]);
    expect(shown(10, 9.2, 8.4)).toEqual([true, false, true]);
    expect(shown(1.5, 0)).toEqual([false, true]);
  });

  it("is left out where the platform's clock is ahead of the one that told it", () => {
    expect(shown(-3)).toEqual([false]);
  });
});
