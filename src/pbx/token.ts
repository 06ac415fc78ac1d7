/** The PBX's bearer token: fetched once for all who wait, renewed before it expires and when the PBX refuses it. */
import { RetryLater } from "../errors.js";
import { isRecord, parseJson } from "./codec.js";
import type { Exchange, PbxAnswer, PbxRequest } from "./http.js";

export interface Tokens {
  get(): Promise<string>;
  /** A token other than `refused`, which the PBX did not accept; somebody else may have fetched it meanwhile. */
  renew(refused: string): Promise<string>;
}

export interface TokenOptions {
  /** The API's scheme and host. */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

interface Token {
  readonly value: string;
  /** Epoch ms from which on it is not used any more. */
  readonly until: number;
}

/** Where the answer does not say. A token that ends earlier is refused with 401, and renewed then. */
const defaultLifeMs = 600_000;
/** Somebody has to act before asking again can help; and a PBX may lock out who asks too often. */
const refusedMs = 60_000;

/** Rejects with `RetryLater` only: wrong credentials are mended in the config, and what waits is still to be delivered then. */
export function createTokens(
  options: TokenOptions,
  deps: { readonly exchange: Exchange; readonly now: () => number },
): Tokens {
  let token: Token | undefined;
  let pending: Promise<Token> | undefined;

  const load = async (): Promise<Token> => {
    const askedAt = deps.now();
    const answer = await deps.exchange(requestOf(options));
    token = tokenOf(answer, askedAt);
    return token;
  };
  const fetchOnce = async (): Promise<string> => {
    pending ??= load().finally(() => {
      pending = undefined;
    });
    return (await pending).value;
  };
  return {
    get: () => (token !== undefined && deps.now() < token.until ? Promise.resolve(token.value) : fetchOnce()),
    renew: (refused) => {
      if (token?.value === refused) token = undefined;
      return token === undefined ? fetchOnce() : Promise.resolve(token.value);
    },
  };
}

function requestOf(options: TokenOptions): PbxRequest {
  const form = { grant_type: "client_credentials", client_id: options.clientId, client_secret: options.clientSecret };
  return {
    what: "get a token",
    method: "POST",
    url: `${options.url.replace(/\/+$/, "")}/oauth/token`,
    headers: { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" },
    body: new URLSearchParams(form).toString(),
    changes: false,
  };
}

function tokenOf(answer: PbxAnswer, askedAt: number): Token {
  if (answer.status < 200 || answer.status > 299) throw refusedCredentials(answer);
  const body = parseJson(answer.text);
  const value = isRecord(body) ? body["access_token"] : undefined;
  if (!isRecord(body) || typeof value !== "string" || !/^[\x21-\x7e]+$/.test(value)) {
    throw new RetryLater("The PBX answered the request for a token with something else. Check pbx.url.", {
      scope: "target",
    });
  }
  const seconds = Number(body["expires_in"]);
  const lifeMs = seconds > 0 ? seconds * 1000 : defaultLifeMs;
  // Renewed while it still has a tenth of its life, or a minute, so that none expires on its way.
  return { value, until: askedAt + lifeMs - Math.min(lifeMs / 10, 60_000) };
}

function refusedCredentials({ status, afterMs, text }: PbxAnswer): RetryLater {
  const failed = `The PBX gave no token (HTTP ${status})`;
  if (status === 429 || status === 408 || status >= 500) {
    return new RetryLater(`${failed}.`, {
      scope: "target",
      ...(afterMs === undefined ? {} : { afterMs, patient: true }),
    });
  }
  const body = parseJson(text);
  const code = isRecord(body) ? body["error"] : undefined;
  // Only a code such as invalid_client: whatever else it says may repeat the credentials.
  const told = typeof code === "string" && /^[a-z_]{1,40}$/.test(code) ? ` It says: ${code}.` : "";
  const remedy = status === 404 ? "Check pbx.url." : "Check pbx.clientId and pbx.clientSecret.";
  const wait = { afterMs: afterMs ?? refusedMs, patient: afterMs !== undefined };
  return new RetryLater(`${failed}.${told} ${remedy}`, { scope: "target", ...wait });
}
