/**
 * In the build for the crash tests the program waits as its users' does, but not for as long: somebody kills it every second. What
 * the simulators do at once need not be waited for longer.
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** For each source, what its waits are written as, and what they are here (ms). */
const WAITS = {
  "adapters/telegram/patience.ts": [["FIRST_MS = 1000", "FIRST_MS = 100"]],
  "src/away.ts": [["SOON_MS = 9000", "SOON_MS = 300"]],
  "src/catch-up.ts": [
    ["GRACE_MS = 5000", "GRACE_MS = 500"],
    ["SUSPICION_MS = 2000", "SUSPICION_MS = 200"],
  ],
  "src/connect.ts": [["FIRST_WAIT_MS = 1000", "FIRST_WAIT_MS = 100"]],
  "src/deliver/check.ts": [["LOOK_AGAIN_MS = 1500", "LOOK_AGAIN_MS = 150"]],
  "src/deliver/earlier.ts": [["againMs: 5000, lookForMs: 9500", "againMs: 200, lookForMs: 1200"]],
  "src/deliver/heard/written.ts": [["LOOK_AGAIN_MS = 500", "LOOK_AGAIN_MS = 100"]],
  "src/errors.ts": [["afterMs: 1000", "afterMs: 100"]],
  "src/queue/retry.ts": [
    ["firstMs: 1000", "firstMs: 100"],
    ["firstMs: 2000", "firstMs: 200"],
    ["longestMs: 30_000", "longestMs: 1000"],
    ["longestMs: 60_000", "longestMs: 1000"],
  ],
  "src/queue/attempts.ts": [["BACK_OFF_MS = 1000", "BACK_OFF_MS = 100"]],
  "src/queue/worker.ts": [["LOOK_EVERY_MS = 5000", "LOOK_EVERY_MS = 500"]],
  "src/sweeper.ts": [
    ["FIRST_AFTER_MS = 60_000", "FIRST_AFTER_MS = 200"],
    ["EVERY_MS = 10 * 60_000", "EVERY_MS = 200"],
  ],
};

/** @returns {import("esbuild").Plugin} */
export const shortWaits = () => ({
  name: "short waits",
  setup: ({ onLoad }) =>
    Object.entries(WAITS).forEach(([file, waits]) =>
      onLoad({ filter: new RegExp(`/${file}$`) }, async () => ({
        contents: shortened(await readFile(`${root}/${file}`, "utf8"), file, waits),
        loader: "ts",
      })),
    ),
});

/** Fails where a wait is written differently by now: else the crash tests would only become slow. */
function shortened(source, file, waits) {
  return waits.reduce((text, [written, short]) => {
    if (!text.includes(written))
      throw new Error(`${file} has no ${written} any more; put it right in ${import.meta.url}`);
    return text.replaceAll(written, short);
  }, source);
}
