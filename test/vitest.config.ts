import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** What these show is a matter of seconds: they go first, beside nothing else. */
const TIMED = ["test/e2e/backlog.test.ts"];

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    pool: "forks",
    // Not one file at a time where there are two processors: the tests that take long wait for paces and limits, not for a processor.
    maxWorkers: Math.max(2, availableParallelism() - 1),
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
