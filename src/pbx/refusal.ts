/** What an answer other than 2xx means for the bridge, in words for the person who waits. */
import { GiveUp, RetryLater } from "../errors.js";
import { hideTokens } from "../log/hide.js";
import { isRecord, parseJson } from "./codec.js";
import type { PbxAnswer, PbxRequest } from "./http.js";

/** `hide`: what the PBX's own words may repeat and nobody may read in a log, such as the text that was to be sent. */
export function refusal(request: PbxRequest, answer: PbxAnswer, hide: readonly string[] = []): GiveUp | RetryLater {
  const { status, afterMs } = answer;
  const wait = afterMs === undefined ? {} : { afterMs, patient: true };
  const failed = `The PBX did not ${request.what} (HTTP ${status})`;
  if (status === 429) return new RetryLater(`${failed}: too many requests.`, { ...wait, scope: "target" });
  // Neither was begun: the PBX waited in vain for the request, or did not want to risk a replay.
  if (status === 408 || status === 425) return new RetryLater(`${failed}.`, wait);
  // By HTTP's own words it could not handle the request; who else answers 5xx may have handled a part of it.
  if (status === 503)
    return new RetryLater(`${failed}.`, { ...wait, scope: afterMs === undefined ? "delivery" : "target" });
  if (status >= 500) return new RetryLater(`${failed}.`, { ...wait, uncertain: request.changes });
  if (status >= 400) return new GiveUp(`${failed}: ${reasonFor(status, reasonOf(answer.text, hide), request.names)}`);
  return new RetryLater(`${failed}, which is no answer that its API documents. Check pbx.url.`, { scope: "target" });
}

/** Refused although the token is new: the application's rights were taken away, or the PBX is confused. */
export function refusedToken(request: PbxRequest): RetryLater {
  const message = `The PBX did not ${request.what} (HTTP 401): it refuses even a new token. Check the application's rights.`;
  return new RetryLater(message, { scope: "target", afterMs: 60_000 });
}

function reasonFor(status: number, reason: string | undefined, named: string | undefined): string {
  const told = reason === undefined ? "" : ` It says: ${reason}`;
  switch (status) {
    case 403:
      return `not allowed. An application of access level "Call API" may lack this resource: give it the level "All".${told}`;
    case 404:
      return named === undefined
        ? `there is no such thing. Check the extension's id, and that it was not deleted.${told}`
        : `there is no such ${named}. Check its id and the extension's, and that it was not deleted.${told}`;
    default:
      return reason ?? "it gave no reason. Check the number and the text, then try again.";
  }
}

const reasonFields = ["message", "error_description", "error", "detail", "reason"];

/** The PBX's own words: one line, at most 200 characters, without the numbers, texts and tokens that they may repeat. */
export function reasonOf(body: string, hide: readonly string[]): string | undefined {
  const json = parseJson(body);
  const told = isRecord(json)
    ? reasonFields.map((name) => json[name]).find((value) => typeof value === "string")
    : json;
  const raw = typeof told === "string" ? told : json === undefined && !body.includes("<") ? body : "";
  const bare = hideTokens(hide.reduce(without, raw))
    .replace(/[\p{C}\s]+/gu, " ")
    .replace(/[+(]*\d[\d ().-]{5,}\d/g, "…")
    .trim();
  if (bare === "") return undefined;
  return bare.length > 200 ? `${bare.slice(0, 199)}…` : bare;
}

/**
 * Leaves out an echo of `secret`, also one that was cut off. A short secret, such as the text "a", is looked for as a word only, so
 * that the rest stays readable. JSON may escape slashes.
 */
function without(reason: string, secret: string): string {
  if (secret === "") return reason;
  const literal = literally(secret);
  if (secret.length < 12)
    return reason.replace(new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, "gu"), "…");
  const rest = reason.replace(new RegExp(literal, "g"), "…");
  const cut = rest.search(literally(secret.slice(0, 12)));
  return cut === -1 ? rest : `${rest.slice(0, cut)}…`;
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&").replaceAll("/", "\\\\{0,8}/");
}
