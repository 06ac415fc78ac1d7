/** Standard output is a file, and its disk is full. */
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const FULL = "/dev/full";

test.skipIf(!existsSync(FULL))("a log that cannot be written ends nothing", { timeout: 30_000 }, () => {
  const child = fileURLToPath(new URL("full-log-child.ts", import.meta.url));
  const log = openSync(FULL, "a");
  const { status, stderr } = spawnSync(process.execPath, ["--import", "tsx", child], {
    ...{ stdio: ["ignore", log, "pipe"], encoding: "utf8", timeout: 20_000 },
  });
  closeSync(log);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "alive" });
});
