/** Reading a request of the API strictly: what is not as documented is refused with a 4xx. */
import type { Quirks } from "./types.js";
import type { Stored } from "./world.js";

export interface ApiRequest {
  readonly method: string;
  /** Below `/api/ver1.0`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly body: string;
}

export interface ApiAnswer {
  readonly status: number;
  /** Sent as JSON; none: an empty body. */
  readonly body?: unknown;
}

/** An answer that is thrown, to end the work on a request where it stands. */
export class Refusal extends Error {
  readonly answer: ApiAnswer;
  constructor(status: number, message: string) {
    super(message);
    this.answer = { status, body: { message } };
  }
}

/** A JSON object with no other fields than these. */
export function jsonOf(request: ApiRequest, fields: readonly string[]): Record<string, unknown> {
  if (!/^application\/json\b/.test(request.contentType))
    throw new Refusal(400, "Content-Type must be application/json");
  const body = parsed(request.body);
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw new Refusal(400, "The body is no object");
  const unknown = Object.keys(body).find((name) => !fields.includes(name));
  if (unknown !== undefined) throw new Refusal(400, `Unknown field ${unknown}`);
  return { ...body };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new Refusal(400, "The body is no JSON");
  }
}

export function positive(query: URLSearchParams, name: string, otherwise: number): number {
  const raw = query.get(name);
  if (raw === null) return otherwise;
  if (!/^[1-9]\d{0,5}$/.test(raw)) throw new Refusal(400, `${name} is wrong`);
  return Number(raw);
}

export function oneOf(value: string, allowed: readonly string[]): string {
  if (!allowed.includes(value)) throw new Refusal(400, `${value} is none of ${allowed.join(", ")}`);
  return value;
}

/** The times in the query are the PBX's, whose clock may be wrong. */
export function filterOf(query: URLSearchParams, quirks: Quirks): (message: Stored) => boolean {
  const since = timeOf(query, "start_datetime") ?? -Infinity;
  const until = timeOf(query, "end_datetime") ?? Infinity;
  const flow = query.get("flow");
  if (flow !== null) oneOf(flow, ["in", "out"]);
  return (message) => {
    const at = Math.floor((message.at + quirks.clockOffsetMs) / 1000) * 1000;
    return quirks.ignoresFilters || (at >= since && at <= until && (flow === null || message.flow === flow));
  };
}

function timeOf(query: URLSearchParams, name: string): number | undefined {
  const raw = query.get(name);
  if (raw === null) return undefined;
  const at = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(raw) ? Date.parse(`${raw.replace(" ", "T")}Z`) : NaN;
  if (Number.isNaN(at)) throw new Refusal(400, `${name} is wrong`);
  return at;
}
