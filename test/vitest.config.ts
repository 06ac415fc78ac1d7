import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** What this shows is a matter of a second or two: it goes first, beside nothing else. */
const TIMED = ["test/e2e/backlog-slack.test.ts"];

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    pool: "forks",
    // No module holds state or works when it is imported, so files can share them: half of the time would go into loading them anew.
    isolate: false,
    // More than there are processors: the tests that take long wait for paces and limits, not for a processor.
    maxWorkers: availableParallelism() + 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    restoreMocks: true,
    projects: [
      { extends: true, test: { name: "timed", include: TIMED, sequence: { groupOrder: 0 } } },
      {
        extends: true,
        test: { name: "all", include: ["test/**/*.test.ts"], exclude: TIMED, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
