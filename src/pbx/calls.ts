/** How a call is made: address, token, repetition, and what counts as an answer. */
import { GiveUp, RetryLater } from "../errors.js";
import type { Logger } from "../log.js";
import { parseJson } from "./codec.js";
import type { Exchange, PbxAnswer, PbxRequest } from "./http.js";
import { refusal, refusedToken } from "./refusal.js";
import type { Tokens } from "./token.js";

/** `/extension/{extension}/{of}/`, or `…/{of}/{id}` with an id; then `tail`. */
export interface Path {
  readonly extension: number;
  readonly of: "message" | "chat" | "event";
  readonly id?: string;
  readonly tail?: string;
}

export interface Call {
  /** Completes "could not …". */
  readonly what: string;
  readonly path: Path;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** What must not be repeated in an error. */
  readonly hide?: readonly string[];
}

export interface Calls {
  /** GET, repeated. An answer that `parse` has no value for counts as broken. */
  read<T>(call: Call, parse: (body: unknown) => T | undefined): Promise<T>;
  /** PUT, repeated. */
  change(call: Call): Promise<void>;
  /** DELETE, repeated. */
  remove(call: Call): Promise<void>;
  /** POST, made once. A 2xx is a success, unless what came with it is none of the PBX's: a proxy's page, say. Resolves to the body. */
  create(call: Call): Promise<string>;
  /** For what is no call of a resource. */
  repeated<T>(attempt: (doubtful: boolean) => Promise<T>): Promise<T>;
}

/** Longer waits are not ours to sit out: who called knows what else to do meanwhile. */
const patienceMs = 5_000;

/** `retries`: how often a call that is safe to repeat is repeated. */
export function createCalls(
  options: { readonly url: string; readonly retries: number },
  deps: {
    readonly exchange: Exchange;
    readonly tokens: Tokens;
    readonly now: () => number;
    readonly random: () => number;
    readonly sleep: (ms: number) => Promise<void>;
    readonly logger: Logger;
  },
): Calls {
  const base = `${options.url.replace(/\/+$/, "")}/api/ver1.0`;

  /** Resolves to a 2xx answer, or one of the statuses in `also`. A refused token is renewed, once. */
  async function once(method: PbxRequest["method"], call: Call, also: readonly number[] = []): Promise<PbxAnswer> {
    const request = requestOf(base, method, call);
    const startedAt = deps.now();
    const token = await deps.tokens.get();
    let answer = await deps.exchange(authorized(request, token));
    if (answer.status === 401) answer = await deps.exchange(authorized(request, await deps.tokens.renew(token)));
    const { status } = answer;
    deps.logger.debug(
      { call: call.what, extension: call.path.extension, status, ms: deps.now() - startedAt },
      "PBX call",
    );
    if ((status >= 200 && status <= 299) || also.includes(status)) return answer;
    throw status === 401 ? refusedToken(request) : refusal(request, answer, call.hide);
  }

  /** `attempt` is told whether an earlier one may have taken effect. */
  async function repeated<T>(attempt: (doubtful: boolean) => Promise<T>): Promise<T> {
    let doubtful = false;
    for (let turn = 0; ; turn++) {
      try {
        return await attempt(doubtful);
      } catch (error) {
        if (!(error instanceof RetryLater) || turn >= options.retries || (error.afterMs ?? 0) > patienceMs) throw error;
        doubtful ||= error.uncertain;
        const jitteredMs = Math.round(250 * 2 ** turn * (0.5 + deps.random()));
        deps.logger.debug({ reason: error.message, turn }, "PBX call is repeated");
        await deps.sleep(Math.max(error.afterMs ?? 0, jitteredMs));
      }
    }
  }

  return {
    read: (call, parse) =>
      repeated(async () => {
        const answer = await once("GET", call);
        const value = answer.complete ? parse(parseJson(answer.text)) : undefined;
        if (value !== undefined) return value;
        const flaw = answer.complete ? "cannot be read" : "broke off or is too long";
        throw new RetryLater(`Could not ${call.what}: the PBX's answer ${flaw}.`);
      }),
    change: async (call) => {
      await repeated(() => once("PUT", call));
    },
    // Gone is what was wanted, if it may have been our own earlier attempt that did it.
    remove: async (call) => {
      await repeated((doubtful) => once("DELETE", call, doubtful ? [404] : []));
    },
    async create(call) {
      const answer = await once("POST", call);
      if (isFromPbx(answer)) return answer.text;
      const message = `The PBX may or may not have done it (${call.what}): its answer is a success by its status, and nothing that can be read.`;
      throw new RetryLater(message, { uncertain: true });
    },
    repeated,
  };
}

/** Nothing at all, JSON, or the beginning of it where it broke off. */
function isFromPbx({ text, complete }: PbxAnswer): boolean {
  if (!complete) return /^\s*[[{]/.test(text);
  return text.trim() === "" || parseJson(text) !== undefined;
}

function requestOf(base: string, method: PbxRequest["method"], call: Call): PbxRequest {
  const query = new URLSearchParams(call.query).toString();
  return {
    what: call.what,
    method,
    url: `${base}${addressOf(call.path)}${query === "" ? "" : `?${query}`}`,
    ...(call.path.id === undefined ? {} : { names: call.path.of }),
    headers: { Accept: "application/json", ...(call.body === undefined ? {} : { "Content-Type": "application/json" }) },
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    changes: method !== "GET",
  };
}

function authorized(request: PbxRequest, token: string): PbxRequest {
  return { ...request, headers: { ...request.headers, Authorization: `Bearer ${token}` } };
}

function addressOf({ extension, of, id, tail = "" }: Path): string {
  const collection = `/extension/${extension}/${of}/`;
  if (id === undefined) return `${collection}${tail}`;
  // An empty or dotted id would address the collection, or the extension itself: "delete one" would delete all.
  if (/^\.{0,2}$/.test(id)) throw new GiveUp(`"${id}" is no id of a ${of}. Take one from the list.`);
  return `${collection}${encodeURIComponent(id)}${tail}`;
}
