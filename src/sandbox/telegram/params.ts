/**
 * Reads the parameters of a call. Telegram takes every value as text (`"5"` is as good as `5`), nested objects as JSON or
 * as JSON inside a string, and reads what is missing as empty, zero or false.
 */
import { badRequest } from "./errors.js";

export type Params = Readonly<Record<string, unknown>>;

export function stringOf(params: Params, name: string): string {
  const value = params[name];
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}

/** Leading digits count, anything else is 0, as the Bot API server reads integers. */
export function integerOf(params: Params, name: string): number {
  const number = Number.parseInt(stringOf(params, name), 10);
  return Number.isSafeInteger(number) ? number : 0;
}

export function flagOf(params: Params, name: string): boolean {
  return ["true", "yes", "1", "t", "y"].includes(stringOf(params, name).toLowerCase());
}

export function hasParam(params: Params, name: string): boolean {
  return params[name] !== undefined && params[name] !== null;
}

/** The nested value, or undefined when it is missing or empty. `complaint`: what Telegram says about broken JSON. */
export function nestedOf(params: Params, name: string, complaint: string): unknown {
  const value = params[name];
  if (typeof value !== "string") return value ?? undefined;
  if (value === "") return undefined;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    throw badRequest(complaint);
  }
}

export function isRecord(value: unknown): value is Params {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
