/** What becomes of a log line's fields before they are written. */
import { hideNumbers, hideTokens } from "./hide.js";

export interface ErrorFields {
  readonly name: string;
  readonly message: string;
  readonly code?: string | number;
  readonly stack?: string;
  readonly cause?: ErrorFields | string;
  readonly errors?: readonly (ErrorFields | string)[];
}

/** Errors become their words, other texts lose their tokens, and reasons their numbers too; the rest stays. Never throws. */
export function cleanFields(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, cleanValue(name, value)]));
}

/** Sentences for people, who are to be told the whole number; the ids in other fields look like numbers and are needed. */
const sentences: ReadonlySet<string> = new Set(["reason", "why"]);

function cleanValue(name: string, value: unknown): unknown {
  if (value instanceof Error) return errorFields(value);
  if (typeof value !== "string") return value;
  return sentences.has(name) ? clean(value) : hideTokens(value);
}

/**
 * Only what is named here, for the errors of SDKs carry requests and answers with everything in them. A stack is kept
 * for the outermost error only.
 */
export function errorFields(error: Error, depth = 0): ErrorFields {
  const code =
    "code" in error && (typeof error.code === "string" || typeof error.code === "number") ? error.code : undefined;
  const errors = error instanceof AggregateError ? error.errors.slice(0, 5) : [];
  return {
    name: clean(error.name),
    message: clean(error.message),
    ...(code === undefined ? {} : { code: typeof code === "string" ? clean(code) : code }),
    ...(depth === 0 && error.stack !== undefined ? { stack: frames(error.stack) } : {}),
    ...(error.cause === undefined || error.cause === null ? {} : { cause: inner(error.cause, depth) }),
    ...(errors.length === 0 ? {} : { errors: errors.map((one: unknown) => inner(one, depth)) }),
  };
}

const deepest = 4;

function inner(cause: unknown, depth: number): ErrorFields | string {
  if (cause instanceof Error && depth < deepest) return errorFields(cause, depth + 1);
  return typeof cause === "string" ? clean(cause) : "not shown";
}

/** Where it happened. The message in front is left out: it may go over several lines and is there already. */
function frames(stack: string): string {
  const lines = stack.split("\n").filter((line) => /^\s+at /.test(line));
  return clean(lines.map((line) => line.trim()).join("\n"));
}

function clean(text: string): string {
  return hideNumbers(hideTokens(text));
}
