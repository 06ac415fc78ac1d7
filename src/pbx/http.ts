/** One HTTP exchange with the PBX, and what its failure means. */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type nodeFetch from "node-fetch";
import type { Response } from "node-fetch";
import { isUntrusted } from "../certificates.js";
import { RetryLater } from "../errors.js";

export type Fetch = typeof nodeFetch;

export interface PbxRequest {
  /** Completes "could not …", for errors: `send a text`. */
  readonly what: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  /** What the address names by its id, for errors: `message`. Absent: the extension only. */
  readonly names?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether it may change something at the PBX, so that a lost answer leaves a doubt. */
  readonly changes: boolean;
}

/** `complete` is false when the body broke off, stalled or was too long; status and headers hold all the same. */
export interface PbxAnswer {
  readonly status: number;
  readonly afterMs?: number;
  readonly text: string;
  readonly complete: boolean;
}

export type Exchange = (request: PbxRequest) => Promise<PbxAnswer>;

/** Nothing of the PBX is near it: a page of 100 messages has some 100 KiB. */
const maxBytes = 8 * 1024 * 1024;
/** Shorter than servers keep idle connections, so that ours seldom leaves on one that is being closed. */
const idleMs = 4_000;
const dayMs = 86_400_000;

/** `timeoutMs`: for connecting, waiting and reading together. The exchange rejects with `RetryLater`. */
export function createExchange(
  options: { readonly timeoutMs: number },
  deps: { readonly fetch: Fetch; readonly now: () => number },
): Exchange {
  const plain = new HttpAgent({ keepAlive: true, timeout: idleMs });
  const secure = new HttpsAgent({ keepAlive: true, timeout: idleMs });
  const agent = (url: URL) => (url.protocol === "https:" ? secure : plain);

  return async (request) => {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), options.timeoutMs);
    try {
      const { method, headers, body } = request;
      const response = await deps.fetch(request.url, {
        method,
        headers: { ...headers },
        ...(body === undefined ? {} : { body }),
        agent,
        // A redirected POST would lose its body, and the token would go wherever the answer says.
        redirect: "error",
        signal: abort.signal,
      });
      const afterMs = retryAfter(response.headers.get("retry-after"), timeOf(response, deps.now()));
      return { status: response.status, ...(afterMs === undefined ? {} : { afterMs }), ...(await bodyOf(response)) };
    } catch (error) {
      // node-fetch says AbortError whoever aborted; only our own signal tells that it was the time-out.
      if (abort.signal.aborted) throw timedOut(request, options.timeoutMs);
      if (error instanceof TypeError) throw error;
      throw lost(request, error);
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Reads to the end, or destroys: a body left alone would keep its connection. */
async function bodyOf(response: Response): Promise<{ text: string; complete: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      const bytes = Buffer.from(chunk);
      size += bytes.length;
      // Leaving the loop destroys the stream.
      if (size > maxBytes) return { text: "", complete: false };
      chunks.push(bytes);
    }
    return { text: Buffer.concat(chunks).toString("utf8"), complete: true };
  } catch {
    return { text: Buffer.concat(chunks).toString("utf8"), complete: false };
  }
}

function timedOut(request: PbxRequest, timeoutMs: number): RetryLater {
  const message = `Could not ${request.what}: the PBX gave no answer within ${timeoutMs / 1000} s.`;
  return new RetryLater(message, { uncertain: request.changes });
}

/** Failures before anything of the request was written: the name, the way, the connection, the certificate. */
const unsent = /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|EMFILE|ENFILE)$/;

/** Without the cause itself: node-fetch names the whole address, and chat ids may hold phone numbers. */
function lost(request: PbxRequest, error: unknown): RetryLater {
  const { type, code, call } = describe(error);
  const could = `Could not ${request.what}:`;
  if (type === "no-redirect") {
    const message = `${could} the PBX redirects to another address. Put the final address in pbx.url.`;
    return new RetryLater(message, { scope: "target" });
  }
  if (isUntrusted(code)) {
    const message = `${could} the PBX's certificate is not trusted (${code}). Check pbx.url and the certificate.`;
    return new RetryLater(message, { scope: "target" });
  }
  if (unsent.test(code) || call === "connect") {
    const message = `${could} the PBX cannot be reached (${code || "no connection"}). Check pbx.url and the network.`;
    return new RetryLater(message, { scope: "target" });
  }
  const message = `${could} the connection to the PBX broke off${code === "" ? "" : ` (${code})`}.`;
  return new RetryLater(message, { uncertain: request.changes });
}

/** What node-fetch copies from the system's error on its own `FetchError`. */
function describe(error: unknown): { type: string; code: string; call: string } {
  const fields = typeof error === "object" && error !== null ? (error as Record<string, unknown>) : {};
  const word = (name: string) => (typeof fields[name] === "string" ? fields[name] : "");
  return { type: word("type"), code: word("code"), call: word("erroredSysCall") };
}

/**
 * Seconds or an HTTP date, as ms from `now`; at most a day: more is a mistake, and nobody would ever learn that it was over. No wait at
 * all, or one that is over, is as if nothing was said: or refusals without end would be asked for without a pause.
 */
export function retryAfter(header: string | null, now: number): number | undefined {
  const raw = header?.trim() ?? "";
  const ms = /^\d+(\.\d+)?$/.test(raw) ? Number(raw) * 1000 : httpDate(raw) - now;
  return ms > 0 ? Math.min(Math.ceil(ms), dayMs) : undefined;
}

/** By the PBX's own clock, as its dates are. */
function timeOf({ headers }: Response, otherwise: number): number {
  return httpDate(headers.get("date") ?? "") || otherwise;
}

/** NaN for anything else: `Date.parse` makes a year of most numbers. */
function httpDate(raw: string): number {
  return /^[A-Z][a-z]+, .*\d{2}:\d{2}:\d{2} GMT$/.test(raw) ? Date.parse(raw) : Number.NaN;
}
