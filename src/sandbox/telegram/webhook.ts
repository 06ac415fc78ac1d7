/**
 * Delivery by webhook: per lane in order with one request in flight, lanes side by side. Any 2xx is success; anything else
 * is repeated with a wait that doubles, and holds up its own lane only.
 */
import { setMaxListeners } from "node:events";
import type { WebhookInfo } from "@grammyjs/types";
import { limited } from "../time-limit.js";
import type { Params } from "./params.js";
import { isRecord } from "./params.js";
import type { Pending, UpdateQueue } from "./updates.js";
import { seconds } from "./wire.js";

export interface WebhookTarget {
  readonly url: string;
  readonly secretToken: string;
  readonly maxConnections: number;
}

export interface Webhook {
  /** Undefined: back to polling. */
  set(target: WebhookTarget | undefined): void;
  isSet(): boolean;
  info(): WebhookInfo;
  stop(): void;
}

export interface WebhookOptions {
  readonly now: () => number;
  /** The first wait after a failure, in ms. */
  readonly retryMs: number;
  /** It doubles up to this. */
  readonly longestRetryMs: number;
  /** Runs a call that came as the answer to an update, as Telegram does. */
  readonly execute: (method: string, params: Params) => void;
}

const LONGEST_RETRY_AFTER_MS = 3_600_000;
const TIMEOUT_MS = 60_000;

interface Failure {
  readonly message: string;
  readonly waitMs?: number;
}

export function createWebhook(queue: UpdateQueue, { now, retryMs, longestRetryMs, execute }: WebhookOptions): Webhook {
  let target: WebhookTarget | undefined;
  let stopped = createStop();
  let lastError: { readonly at: number; readonly message: string } | undefined;
  const busy = new Set<string>();
  const timers = new Set<NodeJS.Timeout>();

  function pump(): void {
    const current = target;
    if (current === undefined) return;
    for (const entry of queue.pending()) {
      if (busy.size >= current.maxConnections) return;
      if (busy.has(entry.lane)) continue;
      busy.add(entry.lane);
      void deliver(entry, current, stopped.signal, retryMs);
    }
  }

  async function deliver(entry: Pending, to: WebhookTarget, signal: AbortSignal, waitMs: number): Promise<void> {
    const failure = await post(entry, to, signal);
    if (signal.aborted) return;
    if (failure === undefined) {
      queue.remove(entry.update.update_id);
      busy.delete(entry.lane);
      pump();
      return;
    }
    lastError = { at: now(), message: failure.message };
    const timer = setTimeout(() => {
      timers.delete(timer);
      void deliver(entry, to, signal, Math.min(waitMs * 2, longestRetryMs));
    }, failure.waitMs ?? waitMs);
    timers.add(timer);
  }

  async function post(entry: Pending, to: WebhookTarget, signal: AbortSignal): Promise<Failure | undefined> {
    try {
      return await limited(TIMEOUT_MS, signal, async (ending) => {
        const response = await fetch(to.url, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            ...(to.secretToken === "" ? {} : { "x-telegram-bot-api-secret-token": to.secretToken }),
          },
          body: JSON.stringify(entry.update),
          redirect: "manual",
          signal: ending,
        });
        const answer = await response.text();
        if (!response.ok) return refusal(response);
        answeredCall(answer);
        return undefined;
      });
    } catch (error) {
      return {
        message:
          error instanceof Error && error.name === "TimeoutError" ? "Read timeout expired" : "Connection refused",
      };
    }
  }

  function answeredCall(answer: string): void {
    const call = jsonOf(answer);
    if (isRecord(call) && typeof call.method === "string") execute(call.method, call);
  }

  function drop(): void {
    stopped.abort();
    stopped = createStop();
    busy.clear();
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
  }

  queue.onAdd(pump);
  return {
    set(next) {
      drop();
      lastError = undefined;
      target = next;
      pump();
    },
    isSet: () => target !== undefined,
    info: () => ({
      url: target?.url ?? "",
      has_custom_certificate: false,
      pending_update_count: queue.size(),
      ...(target === undefined ? {} : { max_connections: target.maxConnections }),
      ...(lastError === undefined
        ? {}
        : { last_error_date: seconds(lastError.at), last_error_message: lastError.message }),
    }),
    stop() {
      target = undefined;
      drop();
    },
  };
}

/** Every call under way listens to it. */
function createStop(): AbortController {
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal);
  return stopping;
}

function refusal(response: Response): Failure {
  const message = `Wrong response from the webhook: ${response.status} ${response.statusText}`;
  const retryAfter = Number(response.headers.get("retry-after"));
  return retryAfter > 0 ? { message, waitMs: Math.min(retryAfter * 1000, LONGEST_RETRY_AFTER_MS) } : { message };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
