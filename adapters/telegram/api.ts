/**
 * Calls of the Bot API: telegraf's client with a time-out of ours and failures that are safe to log.
 *
 * telegraf 4.16 waits 500 s for any answer (also for the rest of one that broke off), keeps connections alive for https
 * only, leaves the body of a 5xx answer unread (which would hold its socket), and its errors carry the call's payload:
 * people's words.
 */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Telegraf } from "telegraf";
import type { Opts, Telegram } from "telegraf/types";
import { readFailure } from "./errors.js";

export type Method = keyof Telegram;
export type Answer<M extends Method> = ReturnType<Telegram[M]>;

export interface Api {
  /** Rejects with `TelegramFailure` and nothing else. `timeoutMs` replaces the client's own for this call. */
  call<M extends Method>(method: M, payload: Opts<M>, options?: CallOptions): Promise<Answer<M>>;
  /** Closes the connections once no call is under way. */
  close(): void;
}

export interface CallOptions {
  readonly timeoutMs?: number;
  /** Ends the call early. */
  readonly signal?: AbortSignal;
}

export interface ApiOptions {
  readonly botToken: string;
  /** Scheme, host and perhaps a path of the Bot API server. */
  readonly apiUrl?: string;
  /** How long a call may take. */
  readonly timeoutMs: number;
}

/** Idle connections are closed before a server's usual minute is over: one that it closes under a call costs certainty. */
const KEPT = { keepAlive: true, timeout: 30_000 };

export function createApi(options: ApiOptions): Api {
  const apiRoot = withSlash(options.apiUrl ?? "https://api.telegram.org");
  const agent = apiRoot.startsWith("http:") ? new HttpAgent(KEPT) : new HttpsAgent(KEPT);
  const { telegram } = new Telegraf(options.botToken, { telegram: { apiRoot, webhookReply: false } });
  // Set afterwards because the constructor throws an agent for http roots away.
  telegram.options.agent = agent;

  let underWay = 0;
  let closing = false;
  // `destroy` would break off calls under way as well.
  const closeIfIdle = () => {
    if (closing && underWay === 0) agent.destroy();
  };

  return {
    async call(method, payload, { timeoutMs = options.timeoutMs, signal } = {}) {
      const ended = new AbortController();
      const abort = () => ended.abort();
      const timer = setTimeout(abort, timeoutMs);
      signal?.addEventListener("abort", abort, { once: true });
      if (signal?.aborted) abort();
      underWay += 1;
      try {
        const answer = await telegram.callApi(method, payload, { signal: forTelegraf(ended.signal) });
        if (!isTelegrams(method, answer)) throw new TypeError("the answer is not Telegram's");
        return answer;
      } catch (error) {
        throw readFailure(error, method, options.botToken);
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        abort(); // lets go of a body that telegraf did not read
        underWay -= 1;
        closeIfIdle();
      }
    },
    close() {
      closing = true;
      closeIfIdle();
    },
  };
}

/** What an answer has for certain, where something is made of it. A proxy may say "ok" to anything. */
const CERTAIN: Partial<Record<Method, string>> = {
  ...{ getMe: "id", getChat: "id", sendMessage: "message_id", createForumTopic: "message_thread_id" },
};

function isTelegrams(method: Method, answer: unknown): boolean {
  const field = CERTAIN[method];
  if (field === undefined) return answer !== undefined && answer !== null;
  return typeof answer === "object" && answer !== null && typeof Reflect.get(answer, field) === "number";
}

/** `new URL("./bot…", root)` drops the last part of a root that does not end in a slash. */
function withSlash(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}

type TelegrafSignal = NonNullable<NonNullable<Parameters<Telegraf["telegram"]["callApi"]>[2]>["signal"]>;

/** telegraf's types name the class of an old polyfill; at run time it asks for the platform's own by name. */
function forTelegraf(signal: AbortSignal): TelegrafSignal {
  return signal as unknown as TelegrafSignal;
}
