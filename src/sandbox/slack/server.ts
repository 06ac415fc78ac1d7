/** The HTTP side: tokens, limits, faults and the record of every call. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { SlackError } from "./errors.js";
import type { FaultOrder, Faults } from "./faults.js";
import { takesEffect } from "./faults.js";
import { limitOf } from "./limits.js";
import type { Buckets } from "./limits.js";
import type { Methods } from "./method.js";
import type { Params } from "./params.js";
import { parseObject, readBody, readParams } from "./params.js";
import type { Call } from "./types.js";

export interface FrontDeps {
  readonly methods: Methods;
  /** Opens a connection for Socket Mode. */
  readonly connect: () => { readonly url: string };
  /** Takes an answer through a response URL. */
  readonly respond: (key: string, params: Params) => void;
  readonly tokens: Tokens;
  readonly scopes: readonly string[];
  readonly buckets: Buckets | undefined;
  readonly faults: Faults;
  readonly now: () => number;
  readonly changed: () => void;
}

export interface Tokens {
  bot: string;
  readonly app: string;
  readonly revoked: Set<string>;
}

export interface Front {
  readonly calls: Call[];
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  latency(ms: number): void;
  down(is: boolean): void;
  isDown(): boolean;
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export function createFront(deps: FrontDeps): Front {
  const { tokens, scopes, buckets, faults } = deps;
  const calls: Call[] = [];
  let latencyMs = 0;
  let isDown = false;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const [, place, name = ""] = /^\/(api|response)\/(.+)$/.exec(pathname) ?? [];
    if (isDown) return void request.socket.destroy();
    if (place === undefined) return send(response, 404, "text/plain", "not found");
    const body = await readBody(request);
    if (latencyMs > 0) await wait(latencyMs);
    const call: Call = { method: place === "api" ? name : "response_url", params: {}, at: deps.now(), status: 0 };
    calls.push(call);
    const perform = () => (place === "api" ? callMethod(call, read) : callResponse(call, name, body));
    const read = attempt(() => readParams(request, searchParams, body));
    if (place === "api" && !(read instanceof SlackError)) Object.assign(call, { params: read[0] });
    const fault = faults.next(call.method, call.params.channel);
    const answer = fault === undefined || takesEffect(fault) ? perform() : undefined;
    if (isDown) request.socket.destroy();
    else finish(call, response, fault, answer);
    deps.changed();
  }

  function callMethod(call: Call, read: [Params, string | undefined] | SlackError): Answer {
    try {
      if (read instanceof SlackError) throw read;
      return run(call, read[1]);
    } catch (error) {
      if (error instanceof SlackError) return refusal(call, error);
      throw error;
    }
  }

  function run(call: Call, token: string | undefined): Answer {
    const opens = call.method === "apps.connections.open";
    const method = Object.hasOwn(deps.methods, call.method) ? deps.methods[call.method] : undefined;
    if (method === undefined && !opens) throw new SlackError("unknown_method", { req_method: call.method });
    checkToken(token, opens);
    if (method === undefined) return { status: 200, body: { ok: true, ...deps.connect() } };
    const headers = { "x-oauth-scopes": scopes.join(","), "x-accepted-oauth-scopes": (method.scopes ?? []).join(",") };
    checkScopes(method.scopes ?? []);
    const limit = limitOf(call.method, call.params.channel);
    const missing = limit === undefined ? 0 : (buckets?.take(limit.key, limit.capacity, limit.perMs) ?? 0);
    if (missing > 0) return limited(call, Math.ceil(missing / 1000));
    return { status: 200, body: { ok: true, ...method.run(call.params) }, headers };
  }

  function checkToken(token: string | undefined, opens: boolean): void {
    if (token === undefined || token === "") throw new SlackError("not_authed");
    if (tokens.revoked.has(token)) throw new SlackError("token_revoked");
    if (token !== tokens.bot && token !== tokens.app) throw new SlackError("invalid_auth");
    if ((token === tokens.app) !== opens) throw new SlackError("not_allowed_token_type");
  }

  function checkScopes(needed: readonly string[]): void {
    if (needed.length === 0 || needed.some((scope) => scopes.includes(scope))) return;
    throw new SlackError("missing_scope", { needed: needed[0], provided: scopes.join(",") });
  }

  function callResponse(call: Call, key: string, body: string): Answer {
    try {
      const params = parseObject(body);
      Object.assign(call, { params });
      deps.respond(key, params);
      return { status: 200, body: { ok: true } };
    } catch (error) {
      if (!(error instanceof SlackError)) throw error;
      return { ...refusal(call, error), status: error.code.endsWith("_url") ? 404 : 400 };
    }
  }

  return {
    calls,
    handle,
    latency: (ms) => void (latencyMs = ms),
    down: (is) => void (isDown = is),
    isDown: () => isDown,
  };
}

function attempt<T>(work: () => T): T | SlackError {
  try {
    return work();
  } catch (error) {
    if (error instanceof SlackError) return error;
    throw error;
  }
}

function refusal(call: Call, { code, details }: SlackError): Answer {
  call.error = code;
  return { status: 200, body: { ok: false, error: code, ...details } };
}

function limited(call: Call, seconds: number): Answer {
  call.error = "ratelimited";
  return { status: 429, body: { ok: false, error: "ratelimited" }, headers: { "retry-after": String(seconds) } };
}

/** Gives the answer, or what a fault makes of it. */
function finish(call: Call, response: ServerResponse, fault: FaultOrder | undefined, answer: Answer | undefined): void {
  switch (fault?.kind) {
    case undefined:
      return answer === undefined ? undefined : reply(call, response, answer);
    case "rate-limit":
      return reply(call, response, limited(call, fault.retryAfter));
    case "error":
      return reply(call, response, refusal(call, new SlackError(fault.error)));
    case "status":
      call.status = fault.code;
      return send(response, fault.code, "text/html", "<html><body>Something went wrong</body></html>");
    case "garbage":
      call.status = 200;
      return send(response, 200, "text/html", "<html><body>Sign in</body></html>");
    case "truncated":
      return truncate(call, response, JSON.stringify(answer?.body));
    case "hang":
      return;
    case "reset before effect":
    case "reset after effect":
      response.destroy();
  }
}

function reply(call: Call, response: ServerResponse, { status, body, headers }: Answer): void {
  call.status = status;
  send(response, status, "application/json; charset=utf-8", JSON.stringify(body), headers);
}

function send(response: ServerResponse, status: number, type: string, body: string, headers = {}): void {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body), ...headers }).end(body);
}

function truncate(call: Call, response: ServerResponse, body: string): void {
  call.status = 200;
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.write(body.slice(0, body.length / 2), () => response.destroy());
}
