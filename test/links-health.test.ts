import { expect, test } from "vitest";
import { createTroubles, watchLinks } from "../src/links/health.js";
import type { Space } from "../src/store/keyv-space.js";
import { manualClock } from "./fixtures/manual-clock.js";

/** A store that can be made to fail, and what the log says, as `words@s`. */
function watched() {
  const clock = manualClock();
  const log: string[] = [];
  const held = new Map<string, string>();
  let failing: Error | undefined;
  const orFail = async <T>(result: T): Promise<T> => {
    if (failing !== undefined) throw failing;
    return result;
  };
  const space: Space<string> = {
    get: (key) => orFail(held.get(key)),
    set: async (key, value) => void held.set(key, await orFail(value)),
    delete: async () => {},
    entries: () => undefined,
    close: async () => {},
  };
  const say = (_: object, message: string): void => void log.push(`${message}@${clock.monotonic() / 1000}`);
  const logger = { debug: say, info: say, warn: say, error: say };
  const health = watchLinks({ space, clock, logger, secret: () => "secret" });
  return { clock, log, health, fail: (error: Error | undefined) => void (failing = error) };
}

test("a store that fails is told of once and every ten minutes, and once when it can be used again", async () => {
  const { clock, log, health, fail } = watched();
  await health.start();
  expect(health.unwell()).toBeUndefined();
  fail(new Error("refused"));
  await clock.advance(1_000_000);
  expect(health.unwell()).toBe("refused");
  fail(undefined);
  await clock.advance(10_000);
  expect(health.unwell()).toBeUndefined();
  const [cannot, can] = [
    "the store of the links cannot be used; what needs it waits",
    "the store of the links can be used again",
  ];
  expect(log).toEqual([`${cannot}@3`, `${cannot}@603`, `${can}@1002`]);
  health.stop();
  await clock.advance(10_000);
  expect(clock.sleeping).toBe(0);
});

test("a store that can be read and not written is not well", async () => {
  const { health, fail } = watched();
  await expect(health.probe()).resolves.toBeUndefined();
  fail(new Error("READONLY You can't write against a read only replica."));
  await expect(health.probe()).rejects.toThrow(/READONLY/);
});

test("what is said of it names its host, what it told itself, and no password", () => {
  let now = 0;
  const { heard, explain } = createTroubles("redis://user:p4ssword@redis.example.com:6379/0", () => now);
  expect(explain("no answer within 5000 ms")).toMatch(
    /at redis:\/\/redis\.example\.com:6379 cannot be used: no answer/,
  );
  heard(new AggregateError([new Error("connect ECONNREFUSED ::1"), new Error("connect ECONNREFUSED 127.0.0.1")]));
  expect(explain("no answer within 5000 ms")).toMatch(
    /cannot be used: connect ECONNREFUSED ::1, connect ECONNREFUSED 127/,
  );
  now = 60_000;
  expect(explain("OOM command not allowed")).toMatch(
    /cannot be used: OOM command not allowed\. .*Start that store, or correct `links`/,
  );
  expect(explain("")).not.toMatch(/user|p4ssword/);
});
