/** In the build for the crash tests this stands in for src/sweeper.ts: it sweeps all the time, so that it is killed at it. */
import { createSweeper as createPatientSweeper } from "../../src/sweeper.js";

export type { Sweeper } from "../../src/sweeper.js";

const EVERY_MS = 200;

export const createSweeper: typeof createPatientSweeper = ({ clock, ...deps }) =>
  createPatientSweeper({
    ...deps,
    clock: { ...clock, sleep: (ms, signal) => clock.sleep(Math.min(ms, EVERY_MS), signal) },
  });
