/** The HTTP side: `/bot<token>/<method>`, GET and POST, JSON and forms; faults, delays and the record of calls. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { ApiResponse } from "@grammyjs/types";
import { ApiError } from "./errors.js";
import type { FaultKind, Faults } from "./faults.js";
import { METHODS } from "./methods/table.js";
import type { Pace } from "./pace.js";
import type { Params } from "./params.js";
import { integerOf, isRecord } from "./params.js";
import type { Telegram } from "./telegram.js";

export interface Call {
  readonly method: string;
  readonly params: Params;
  /** Epoch ms, when it came in. */
  readonly at: number;
  /** The HTTP status of the answer; 0 when there was none. */
  readonly status: number;
}

export interface Front {
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** A call that came as the answer to a webhook: no fault hits it, and nobody learns how it ended. */
  execute(method: string, params: Params): Promise<void>;
  readonly calls: readonly Call[];
  latency(ms: number): void;
  down(is: boolean): void;
}

const LARGEST_BODY = 1024 * 1024;
/** The oldest calls are forgotten: a sandbox may run for days. */
const MOST_CALLS = 10_000;
const GARBAGE = "<html><head><title>502 Bad Gateway</title></head></html>";

interface Answer {
  readonly status: number;
  readonly body: ApiResponse<unknown>;
}

export function createFront(telegram: Telegram, faults: Faults, pace: Pace): Front {
  const calls: Call[] = [];
  let latencyMs = 0;
  let isDown = false;

  async function run(method: string, params: Params, signal: AbortSignal): Promise<unknown> {
    const name = method.toLowerCase();
    const known = METHODS.get(name);
    if (known === undefined) throw new ApiError(404, "Not Found: method not found");
    const chatId = integerOf(params, "chat_id");
    pace.check(name, chatId);
    const result = await known(telegram, params, signal);
    pace.spend(name, chatId);
    return result;
  }

  /** The answer's status, 0 if the connection broke or none will come. */
  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    call: Omit<Call, "status">,
  ): Promise<number> {
    const fault = faults.next(call.method.toLowerCase(), integerOf(call.params, "chat_id"));
    if (fault !== undefined && isBefore(fault)) return failBefore(fault, response);
    const outcome = await settle(run(call.method, call.params, goneSignal(request, response)));
    return fault === undefined ? reply(response, outcome) : failAfter(fault, response, outcome);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = telegram.now();
    const [, token, method = ""] = /^\/bot([^/]+)\/(\w+)\/?(?:\?|$)/.exec(request.url ?? "") ?? [];
    const params = await readParams(request);
    if (latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, latencyMs));
    if (isDown) return void response.destroy();
    if (token === undefined) return void reply(response, failure(new ApiError(404, "Not Found")));
    const status =
      token === telegram.state.token
        ? await answer(request, response, { method, params, at })
        : reply(response, failure(new ApiError(401, "Unauthorized")));
    record({ method, params, at, status });
  }

  function record(call: Call): void {
    calls.push(call);
    if (calls.length > MOST_CALLS) calls.shift();
  }

  return {
    handle(request, response) {
      if (isDown) return void response.destroy();
      serve(request, response).catch((error: unknown) => reply(response, failure(error)));
    },
    async execute(method, params) {
      const at = telegram.now();
      const { status } = await settle(run(method, params, AbortSignal.abort()));
      record({ method, params, at, status });
    },
    calls,
    latency(ms) {
      latencyMs = ms;
    },
    down(is) {
      isDown = is;
    },
  };
}

function goneSignal(request: IncomingMessage, response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  if (request.destroyed && !request.complete) gone.abort();
  return gone.signal;
}

async function readParams(request: IncomingMessage): Promise<Params> {
  const query = new URL(request.url ?? "", "http://localhost").searchParams;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > LARGEST_BODY) throw new ApiError(413, "Request Entity Too Large");
    chunks.push(bytes);
  }
  const body = Buffer.concat(chunks).toString("utf8");
  return { ...Object.fromEntries(query), ...bodyParams(body, request.headers["content-type"] ?? "") };
}

function bodyParams(body: string, type: string): Params {
  if (body === "") return {};
  if (type.startsWith("application/x-www-form-urlencoded")) return Object.fromEntries(new URLSearchParams(body));
  if (!type.startsWith("application/json"))
    throw new ApiError(400, "Bad Request: the emulator reads JSON and forms only");
  try {
    const params = JSON.parse(body) as unknown;
    if (isRecord(params)) return params;
  } catch {
    // Falls through to the refusal below.
  }
  throw new ApiError(400, "Bad Request: can't parse JSON object");
}

async function settle(running: Promise<unknown>): Promise<Answer> {
  try {
    return { status: 200, body: { ok: true, result: await running } };
  } catch (error) {
    return failure(error);
  }
}

function failure(error: unknown): Answer {
  const { code, message, parameters } =
    error instanceof ApiError ? error : new ApiError(500, `Internal Server Error: ${String(error)}`);
  const body = { ok: false as const, error_code: code, description: message };
  return { status: code, body: parameters === undefined ? body : { ...body, parameters } };
}

function reply(response: ServerResponse, { status, body }: Answer): number {
  if (response.destroyed) return 0;
  const retryAfter = body.ok ? undefined : body.parameters?.retry_after;
  response.writeHead(status, {
    "content-type": "application/json",
    ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
  });
  response.end(JSON.stringify(body));
  return status;
}

type Before = Extract<FaultKind, { kind: "rate-limit" }> | Extract<FaultKind, { kind: "status" }> | Cut;
interface Cut {
  readonly kind: "reset before effect" | "hang";
}

function isBefore(fault: FaultKind): fault is Before {
  return ["rate-limit", "status", "reset before effect", "hang"].includes(fault.kind);
}

function failBefore(fault: Before, response: ServerResponse): number {
  if (fault.kind === "rate-limit") {
    const parameters = { retry_after: fault.retryAfter };
    return reply(
      response,
      failure(new ApiError(429, `Too Many Requests: retry after ${fault.retryAfter}`, parameters)),
    );
  }
  if (fault.kind === "status") return reply(response, failure(new ApiError(fault.code, fault.description)));
  if (fault.kind === "reset before effect") response.destroy();
  return 0;
}

function failAfter(fault: FaultKind, response: ServerResponse, outcome: Answer): number {
  const text = JSON.stringify(outcome.body);
  if (fault.kind === "garbage") {
    response.writeHead(200, { "content-type": "text/html" }).end(GARBAGE);
    return 200;
  }
  if (fault.kind === "truncated") {
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
    response.write(text.slice(0, text.length / 2), () => response.destroy());
    return 200;
  }
  if (fault.kind === "reset after effect") response.destroy();
  return 0;
}
