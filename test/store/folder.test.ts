import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { makeFolder } from "../../src/store/folder.js";
import { temporaryFolder } from "../fixtures/folder.js";

it("is made with all that is missing above it, and may be there already", () => {
  const path = join(temporaryFolder(), "a", "b");
  makeFolder(path);
  makeFolder(path);
  expect(existsSync(path)).toBe(true);
});

/** In a process of its own: one that never answers can be ended. */
it("that cannot be is refused at once, also where the system answers strangely", () => {
  const store = fileURLToPath(new URL("../../src/store/sqlite.ts", import.meta.url));
  const code = `const { openSqliteFile } = await import(${JSON.stringify(pathToFileURL(store).href)});
    try { openSqliteFile("/proc/nowhere/bridge.db"); } catch (error) { console.log(error.message); }`;
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const options = { encoding: "utf8", timeout: 15_000, killSignal: "SIGKILL" } as const;
  const { stdout } = spawnSync(process.execPath, ["--import", tsx, "--input-type=module", "-e", code], options);
  expect(stdout).toMatch(/^cannot open the database \/proc\/nowhere\/bridge\.db: .*Check that the folder exists/);
});
