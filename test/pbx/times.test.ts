import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatTime, parseTime } from "../../src/pbx/times.js";

describe("times of the PBX are read as GMT", () => {
  test.each([
    ["2026-03-01 09:05:07", "2026-03-01T09:05:07.000Z"],
    ["2026-03-01 09:05:07,60", "2026-03-01T09:05:07.600Z"],
    ["2026-03-01 09:05:07.123456", "2026-03-01T09:05:07.123Z"],
    ["2026-03-01T09:05:07Z", "2026-03-01T09:05:07.000Z"],
    ["2026-03-01 09:05:07+02:00", "2026-03-01T07:05:07.000Z"],
    ["2026-03-01 09:05:07+00", "2026-03-01T09:05:07.000Z"],
    ["2026-03-01 09:05:07.123456-0530", "2026-03-01T14:35:07.123Z"],
    ["2026-03-01T09:05Z", "2026-03-01T09:05:00.000Z"],
    ["2026-03-01 9:05", "2026-03-01T09:05:00.000Z"],
    ["2026/03/01 09:05:07", "2026-03-01T09:05:07.000Z"],
    ["1772355907", "2026-03-01T09:05:07.000Z"],
    ["1772355907.25", "2026-03-01T09:05:07.250Z"],
    ["1772355907123", "2026-03-01T09:05:07.123Z"],
    [" 2024-02-29 00:00:00 ", "2024-02-29T00:00:00.000Z"],
  ])("%s", (raw, iso) => {
    expect(new Date(parseTime(raw) ?? NaN).toISOString()).toBe(iso);
  });

  test.each([
    "",
    "yesterday",
    "2026-13-01 00:00:00",
    "2026-02-30 00:00:00",
    "2025-02-29 00:00:00",
    "2026-03-01",
    "2026-03-01 25:00:00",
    "2026/03-01 09:05:07",
    "01.03.2026 09:05:07",
    "12025550100123",
  ])("%j is no time", (raw) => {
    expect(parseTime(raw)).toBeUndefined();
  });
});

test("a written time is read back, to the second", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }), (at) => {
      expect(parseTime(formatTime(at))).toBe(Math.floor(at / 1000) * 1000);
    }),
  );
});

test("anything may be asked for its time", () => {
  fc.assert(fc.property(fc.string(), (raw) => void parseTime(raw)));
});
