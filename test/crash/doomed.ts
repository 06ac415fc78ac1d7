/** Builds the program that the crash tests kill. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export async function buildDoomed(): Promise<void> {
  await promisify(execFile)(process.execPath, ["src/build.js", "crash"], { cwd: root });
}
