/** 100,000 deliveries wait: beside 1,000, in the same run, neither the start nor the next one takes long, and memory does not grow with them. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { temporaryFolder } from "../fixtures/folder.js";

interface Measured {
  readonly firstMs: number;
  readonly eachMs: number;
  readonly otherMs: number;
  readonly countMs: number;
  readonly restMs: number;
  readonly grownMb: number;
}

const script = fileURLToPath(new URL("backlog-child.ts", import.meta.url));

async function withWaiting(count: number): Promise<Measured> {
  const args = ["--import", "tsx", script, join(temporaryFolder(), "bridge.db"), String(count)];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
  expect(stderr).toBe("");
  return JSON.parse(stdout) as Measured;
}

it("a backlog of 100,000 is worked like one of 1,000: at once, as fast, in as little memory, and no other target waits for it", async () => {
  const few = await withWaiting(1000);
  const many = await withWaiting(100_000);
  // In ms of processor time, so that a busy machine changes little.
  expect(many.eachMs / few.eachMs).toBeLessThan(4);
  expect(many.firstMs - few.firstMs).toBeLessThan(700);
  expect(many.otherMs - few.otherMs).toBeLessThan(100);
  expect(many.restMs - few.restMs).toBeLessThan(1500);
  expect(many.grownMb).toBeLessThan(60);
}, 90_000);
