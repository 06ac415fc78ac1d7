/** Reads a Web API call: Slack takes forms, JSON and query strings; in forms, nested values are JSON in a string. */
import type { IncomingMessage } from "node:http";
import { SlackError, invalidArguments } from "./errors.js";

export type Params = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

/** The arguments and the token, which counts only in the header or in a form. */
export function readParams(
  request: IncomingMessage,
  query: URLSearchParams,
  body: string,
): [Params, string | undefined] {
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type === "application/json") {
    const { token: _ignored, ...params } = parseObject(body);
    return [params, bearer];
  }
  if (body !== "" && type !== "application/x-www-form-urlencoded") throw new SlackError("invalid_post_type");
  const { token, ...params } = { ...Object.fromEntries(query), ...Object.fromEntries(new URLSearchParams(body)) };
  return [params, bearer ?? token];
}

export function parseObject(body: string): Params {
  const value = parse(body, "invalid_json");
  if (!isRecord(value)) throw new SlackError("json_not_object");
  return value;
}

function parse(json: string, error: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new SlackError(error);
  }
}

export function optional(params: Params, name: string): string | undefined {
  const value = params[name];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") throw invalidArguments(`${name} must be a string`);
  return value;
}

export function required(params: Params, name: string): string {
  const value = optional(params, name);
  if (value === undefined) throw invalidArguments(`missing required field: ${name}`);
  return value;
}

/** Undefined when not given: some defaults depend on other arguments. */
export function flag(params: Params, name: string): boolean | undefined {
  const value = params[name];
  if (value === undefined || value === null || value === "") return undefined;
  return value === true || value === 1 || value === "true" || value === "1";
}

export function count(params: Params, name: string, fallback: number, max: number): number {
  const value = params[name];
  if (value === undefined || value === "") return fallback;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new SlackError("invalid_limit");
  return Math.min(number, max);
}

/** A nested argument: JSON in a string, or the value itself in a JSON body. */
export function nested(params: Params, name: string, error: string): unknown {
  const value = params[name];
  if (value === undefined || value === null || value === "") return undefined;
  return typeof value === "string" ? parse(value, error) : value;
}

/** A message's id. A `ts` that went through a number has lost digits; Slack refuses it. */
export function timestamp(params: Params, name: string, error: string): string | undefined {
  const value = params[name];
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string" || !/^\d{10}\.\d{6}$/.test(value)) throw new SlackError(error);
  return value;
}

/** One page of `items`; cursors are opaque to clients. */
export function page<T>(items: readonly T[], params: Params, limit: number): { items: T[]; next: string } {
  const cursor = optional(params, "cursor");
  const from = cursor === undefined ? 0 : fromCursor(cursor);
  if (from > items.length) throw new SlackError("invalid_cursor");
  const next = from + limit < items.length ? Buffer.from(`next:${from + limit}`).toString("base64") : "";
  return { items: items.slice(from, from + limit), next };
}

function fromCursor(cursor: string): number {
  const found = /^next:(\d+)$/.exec(Buffer.from(cursor, "base64").toString())?.[1];
  if (found === undefined) throw new SlackError("invalid_cursor");
  return Number(found);
}
