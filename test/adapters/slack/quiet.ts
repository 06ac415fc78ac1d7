import type { Logger } from "../../../src/log.js";

export const quiet: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
