/** Slack's end of HTTP mode: signed requests to the app's URL, which it has three seconds to answer. */
import { createHmac } from "node:crypto";
import { limited } from "../time-limit.js";
import type { Delivery, Outcome, Transport } from "./deliveries.js";

export interface RequestUrlOptions {
  readonly url: string;
  readonly signingSecret: string;
  readonly ackWithinMs: number;
  readonly now: () => number;
  readonly fetch: typeof globalThis.fetch;
}

export function createRequestUrl(options: RequestUrlOptions): Transport {
  return {
    async deliver(delivery, signal) {
      const [type, body] = encode(delivery);
      const headers = { ...sign(options, type, body), ...retryHeaders(delivery) };
      try {
        const request = { method: "POST", headers, body, redirect: "manual" } as const;
        return await limited(options.ackWithinMs, signal, async (ending) =>
          read(await options.fetch(options.url, { ...request, signal: ending })),
        );
      } catch (error) {
        signal.throwIfAborted();
        const late = error instanceof Error && error.name === "TimeoutError";
        return { is: "failed", reason: late ? "http_timeout" : "connection_failed" };
      }
    },
  };
}

async function read(response: Response): Promise<Outcome> {
  const text = await response.text();
  if (response.ok) return { is: "acknowledged", response: parse(text) };
  const reason = response.status >= 300 && response.status < 400 ? "too_many_redirects" : "http_error";
  return { is: response.headers.get("x-slack-no-retry") === "1" ? "refused" : "failed", reason };
}

/** Interactions are a form with one field, commands a plain form, events JSON. */
function encode({ kind, payload }: Delivery): [type: string, body: string] {
  if (kind === "events_api") return ["application/json", JSON.stringify(payload)];
  const fields =
    kind === "interactive"
      ? { payload: JSON.stringify(payload) }
      : Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, String(value)]));
  return ["application/x-www-form-urlencoded", new URLSearchParams(fields).toString()];
}

/** `v0`, as in docs.slack.dev/authentication/verifying-requests-from-slack. */
function sign({ signingSecret, now }: RequestUrlOptions, type: string, body: string): Record<string, string> {
  const timestamp = String(Math.floor(now() / 1000));
  const digest = createHmac("sha256", signingSecret).update(`v0:${timestamp}:${body}`).digest("hex");
  return {
    "content-type": type,
    "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": `v0=${digest}`,
  };
}

function retryHeaders({ attempt, reason }: Delivery): Record<string, string> {
  return attempt === 0 ? {} : { "x-slack-retry-num": String(attempt), "x-slack-retry-reason": reason };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
