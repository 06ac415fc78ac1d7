/** HTTP mode: the endpoint that Slack calls for events, commands and buttons, on the bridge's own server. */
import { verifySlackRequest } from "@slack/bolt";
import type { Webhook, WebhookAnswer, WebhookHeaders, WebhookRequest } from "../../src/adapter.js";
import { RetryLater, StoreUnavailable } from "../../src/errors.js";
import type { Logger } from "../../src/log.js";
import type { Connection, Take } from "./receiver.js";

export interface WebhookDeps {
  readonly logger: Logger;
  readonly now: () => number;
  /** Called when Slack may have given up telling us of something. */
  readonly gap: () => void;
}

/**
 * Slack calls us: there is nothing to connect, and nothing breaks off when it cannot. If nothing was said in the last minutes of that, not
 * even a last try tells of it, so threads are also read now and then.
 */
export function createWebhookConnection(gap: () => void): Connection {
  let looking: NodeJS.Timeout | undefined;
  return {
    connect: async () => {
      clearInterval(looking);
      looking = setInterval(gap, lookEveryMs);
    },
    disconnect: async () => {
      clearInterval(looking);
      looking = undefined;
    },
    unwell: () => (looking === undefined ? "not started yet" : undefined),
  };
}

/** The threads of a thousand open conversations take half an hour. */
const lookEveryMs = 4 * 3_600_000;

/** Slack tries at once, after one minute and after five: what comes by the last try tells that others may not have come by theirs. */
const lastTry = 3;

export function createWebhook(signingSecret: string, take: Take, deps: WebhookDeps): Webhook {
  /** Nobody else notices when Slack cannot reach us: nothing of ours is cut off. */
  const noticeGap = (request: WebhookRequest): void => {
    if (Number(header(request, "x-slack-retry-num")) >= lastTry) deps.gap();
  };

  return {
    method: "POST",
    path: "/slack/events",
    refuses: (headers) => (mayBeSlacks(headers, deps.now()) ? undefined : WRONG),
    async handle(request) {
      const raw = request.body.toString("utf8");
      if (!isSlacks(request, raw, signingSecret, deps.now())) return WRONG;
      const body = parse(raw, header(request, "content-type"));
      if (body === undefined) return problem(400, "This is neither JSON nor a form of Slack's.");
      if ("ssl_check" in body) return { status: 200 };
      if (typeof body["challenge"] === "string") return text(body["challenge"]);
      noticeGap(request);
      return store(body, take, deps.logger);
    },
  };
}

async function store(body: Record<string, unknown>, take: Take, logger: Logger): Promise<WebhookAnswer> {
  try {
    return answerWith(await take(body));
  } catch (error) {
    logger.warn({ err: error }, "an event of Slack's was not stored; Slack delivers it again");
    return isOurs(error)
      ? problem(isPassing(error) ? 503 : 500, "Not stored. Please deliver it again.")
      : problem(400, "This has none of the forms that Slack documents.");
  }
}

function isPassing(error: unknown): boolean {
  const cause = isWrapped(error) ? error.original : error;
  return cause instanceof StoreUnavailable || cause instanceof RetryLater;
}

/** Bolt wraps what listeners throw. What it throws itself is its trouble with a body that it did not expect. */
function isOurs(error: unknown): boolean {
  return isWrapped(error) || isPassing(error);
}

const isWrapped = (error: unknown): error is Error & { readonly original: unknown } =>
  error instanceof Error && "original" in error;

function answerWith(answer: unknown): WebhookAnswer {
  if (answer === undefined || answer === "") return { status: 200 };
  if (typeof answer === "string") return text(answer);
  return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(answer) };
}

const text = (body: string): WebhookAnswer => ({ status: 200, headers: { "content-type": "text/plain" }, body });

const problem = (status: number, message: string): WebhookAnswer => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ message }),
});

const WRONG = problem(401, "The signature is wrong or too old.");

const windowSeconds = 5 * 60;

/** It is fresh, and there is something to check its body by. Bolt's check lets timestamps of the future pass; here both sides are bounded. */
function mayBeSlacks(headers: WebhookHeaders, now: number): boolean {
  const timestamp = header({ headers }, "x-slack-request-timestamp") ?? "";
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(Number(timestamp) - now / 1000) > windowSeconds) return false;
  return /^v0=[0-9a-f]{64}$/i.test(header({ headers }, "x-slack-signature") ?? "");
}

/** A request that is signed and fresh. */
function isSlacks(request: WebhookRequest, raw: string, signingSecret: string, now: number): boolean {
  if (!mayBeSlacks(request.headers, now)) return false;
  const headers = {
    "x-slack-signature": header(request, "x-slack-signature") ?? "",
    "x-slack-request-timestamp": Number(header(request, "x-slack-request-timestamp")),
  };
  try {
    verifySlackRequest({ signingSecret, body: raw, headers, nowMilliseconds: now });
    return true;
  } catch {
    return false;
  }
}

function header(request: Pick<WebhookRequest, "headers">, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === "string" ? value : value?.[0];
}

/** Events are JSON, commands a form, buttons a form with JSON in `payload`. */
function parse(raw: string, contentType = ""): Record<string, unknown> | undefined {
  if (!contentType.toLowerCase().startsWith("application/x-www-form-urlencoded")) return json(raw);
  const form = new URLSearchParams(raw);
  const payload = form.get("payload");
  return payload === null ? Object.fromEntries(form) : json(payload);
}

function json(raw: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(raw);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
