/** A logger that remembers everything, for the suite to search. */
import { inspect } from "node:util";
import type { Logger } from "../../../src/log.js";

export interface RecordedLog {
  readonly logger: Logger;
  text(): string;
}

export function createRecordedLog(): RecordedLog {
  const lines: unknown[] = [];
  const line = (fields: object, msg: string): void => void lines.push([fields, msg]);
  return {
    logger: { debug: line, info: line, warn: line, error: line },
    text: () => inspect(lines, { depth: 10, maxArrayLength: null, maxStringLength: null }),
  };
}
