import { describe, expect, test } from "vitest";
import { createConnections } from "../src/connect.js";
import { manualClock } from "./fixtures/manual-clock.js";

/** One part whose attempts to connect are ended by hand, and what the log says of it. */
function connecting() {
  const log: string[] = [];
  const attempts: { succeed(): void; fail(reason: string): void }[] = [];
  const say = (_: unknown, message: string): void => void log.push(message);
  const logger = { debug: say, info: say, warn: say, error: say };
  const connect = (): Promise<void> =>
    new Promise((resolve, reject) => {
      attempts.push({ succeed: resolve, fail: (reason) => reject(new Error(reason)) });
    });
  const clock = manualClock();
  const connections = createConnections([{ name: "chat", connect }], { clock, logger });
  connections.start();
  return { connections, attempts, log, clock };
}

describe("a part that is being connected", () => {
  test("is tried again until it is connected", async () => {
    const { connections, attempts, log, clock } = connecting();
    attempts[0]?.fail("nobody answers");
    await clock.advance(1000);
    expect(connections.health()).toEqual([{ part: "chat", ok: false, reason: "nobody answers" }]);
    attempts[1]?.succeed();
    expect(await connections.all).toBe(true);
    expect(log).toEqual(["could not connect; trying again and again", "connected"]);
    expect(connections.isConnected("chat")).toBe(true);
  });

  test("is not called connected when a stop ends its start", async () => {
    const { connections, attempts, log, clock } = connecting();
    connections.stop();
    attempts[0]?.succeed();
    expect(await connections.all).toBe(false);
    await clock.advance(60_000);
    expect({ log, connected: connections.isConnected("chat") }).toEqual({ log: [], connected: false });
  });
});

describe("a part that is connected", () => {
  test("is told of as recovered when it is well again after it was not, and then once", async () => {
    const told: string[] = [];
    const clock = manualClock();
    let trouble: string | undefined;
    const part = { name: "chat", connect: async () => {}, unwell: () => trouble };
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    const recovered = (name: string): void => void told.push(`${name}@${clock.monotonic()}`);
    const connections = createConnections([part], { clock, logger, recovered });
    connections.start();
    await clock.advance(5000);
    expect(told).toEqual(["chat@0"]);
    trouble = "the connection was closed";
    await clock.advance(10_500);
    trouble = undefined;
    await clock.advance(5000);
    expect(told).toEqual(["chat@0", "chat@16000"]);
    connections.stop();
    await clock.advance(5000);
    expect(clock.sleeping).toBe(0);
  });
});
