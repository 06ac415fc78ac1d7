import { expect, test } from "vitest";
import { LinksUnavailable, NotConnected, RetryLater } from "../src/errors.js";
import { sparing } from "../src/log/sparing.js";

/** What is written, as `words@ms`, with how many lines were not written before. */
function sparingLog() {
  const written: string[] = [];
  let now = 0;
  const write = (fields: object, msg: string): void => {
    written.push(`${msg}@${now}${"unsaid" in fields ? ` after ${String(fields.unsaid)}` : ""}`);
  };
  const logger = sparing({ debug: write, info: write, warn: write, error: write }, () => now);
  const fail = (err: Error, times: number, everyMs: number, msg = "failed"): void => {
    for (let time = 0; time < times; time += 1, now += everyMs) logger.warn({ err }, msg);
  };
  return { written, fail, logger };
}

test.each([
  new LinksUnavailable("the disk is full: 3 bytes left"),
  new NotConnected("telegram"),
  new RetryLater("The PBX did not answer.", { failedForMs: 30_000 }),
])("the same line of a failure that lasts is written once, and every ten minutes: %s", (error) => {
  const { written, fail } = sparingLog();
  fail(error, 1300, 1000);
  expect(written).toEqual(["failed@0", "failed@600000 after 599", "failed@1200000 after 599"]);
});

test("what differs only after the colon is the same failure; other words, and another failure, are not", () => {
  const { written, fail } = sparingLog();
  fail(new LinksUnavailable("the store is away: refused"), 1, 1);
  fail(new LinksUnavailable("the store is away: reset"), 1, 1);
  fail(new LinksUnavailable("the disk is full"), 1, 1);
  fail(new LinksUnavailable("the disk is full"), 1, 1, "failed elsewhere");
  expect(written).toEqual(["failed@0", "failed@2", "failed elsewhere@3"]);
});

test("a failure that was over and comes again is told at once", () => {
  const { written, fail } = sparingLog();
  fail(new LinksUnavailable("away"), 3, 1000);
  fail(new LinksUnavailable("elsewhere"), 1, 90_000);
  fail(new LinksUnavailable("away"), 1, 1000);
  expect(written).toEqual(["failed@0", "failed@3000", "failed@93000 after 2"]);
});

test("every other line is written each time", () => {
  const { written, fail, logger } = sparingLog();
  fail(new RetryLater("a rate limit"), 2, 0);
  logger.info({}, "connected");
  logger.info({}, "connected");
  expect(written).toEqual(["failed@0", "failed@0", "connected@0", "connected@0"]);
});
