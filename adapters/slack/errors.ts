/** What a failed call of Slack's API means for the bridge. The one place that knows Slack's error names. */
import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from "@slack/web-api";
import { isUntrusted } from "../../src/certificates.js";
import { GiveUp, RetryLater, ThreadGone } from "../../src/errors.js";

/**
 * `repeats`: what a second call with the same arguments would do. `doubles` for a new post: then an unknown outcome
 * must be looked up first; `same` where nothing changes any more. `channel`: the one whose posts wait in one line with
 * this call; absent for work that shares its line with that of other channels.
 */
export interface Asked {
  readonly method: string;
  readonly repeats: "doubles" | "same";
  readonly channel?: string | undefined;
}

/** Slack's own name of a failure (`channel_not_found`), where it gave one. */
export function slackErrorOf(error: unknown): string | undefined {
  if (!(error instanceof WebAPIPlatformError)) return undefined;
  // An answer that is no JSON (a proxy's page) is put here by the SDK in full.
  return /^[a-z][a-z0-9_.-]{1,80}$/i.test(error.data.error) ? error.data.error : undefined;
}

/** The failure in the bridge's terms; what no call of Slack's API threw comes back as it is. */
export function classify(error: unknown, asked: Asked): unknown {
  if (error instanceof WebAPIRateLimitedError) return rateLimited(asked, error.retryAfter * 1000);
  if (error instanceof WebAPIPlatformError) return refused(error, asked);
  if (error instanceof WebAPIHTTPError) return badAnswer(error, asked);
  if (error instanceof WebAPIRequestError) return noAnswer(error, asked);
  return error;
}

/** What is wrong with a token or the app's rights, and the remedy, if that is why Slack refused. */
export function accessProblem(error: unknown): string | undefined {
  const name = slackErrorOf(error);
  const remedy = name === undefined ? undefined : accessRemedies[name];
  return remedy === undefined ? undefined : `Slack refuses the app (${name}). ${remedy}`;
}

/** What is wrong with a channel until somebody mends it, and the remedy, if that is why Slack refused. */
export function channelProblem(error: unknown): string | undefined {
  const name = slackErrorOf(error);
  return name === undefined ? undefined : channelRemedies[name];
}

const rateLimited = (asked: Asked, afterMs?: number): RetryLater =>
  new RetryLater(`Slack limits ${asked.method} at the moment; it is repeated when Slack allows.`, {
    scope: "target",
    ...(afterMs === undefined ? {} : { afterMs: Math.max(afterMs, 1000), patient: true }),
  });

/** An answer that Slack never gives: a page, or without what belongs in it. What became of the call is not known. */
export const notSlacks = ({ method, repeats }: Asked): RetryLater =>
  new RetryLater(`The answer to ${method} did not come from Slack; is there a proxy in between?`, {
    uncertain: repeats === "doubles",
  });

function refused(error: WebAPIPlatformError, asked: Asked): Error {
  const name = slackErrorOf(error);
  if (name === undefined) return notSlacks(asked);
  if (busy.has(name)) return rateLimited(asked);
  if (troubled.has(name))
    return new RetryLater(`Slack has trouble of its own (${name} on ${asked.method}); it is tried again.`, {
      uncertain: asked.repeats === "doubles",
    });
  const problem = accessProblem(error);
  if (problem !== undefined) return new RetryLater(problem, { scope: "target", mend: true });
  const closed = channelProblem(error);
  if (closed !== undefined) {
    if (asked.channel === undefined) return new RetryLater(closed, { mend: true });
    return new RetryLater(closed, name === OPENING_ONLY ? { ...untilMended, scope: "delivery" } : untilMended);
  }
  const gone = threadGone[name];
  if (gone !== undefined) return new ThreadGone(gone);
  const final = words[name];
  if (final !== undefined) return new GiveUp(final);
  // A reason that we do not know may pass, and a customer's text must not be given up for it.
  return new RetryLater(`Slack refused ${asked.method} (${name}); it is tried again.`);
}

function badAnswer(error: WebAPIHTTPError, asked: Asked): Error {
  // An empty success came from a proxy, which may have passed the call on.
  if (error.statusCode < 300) return notSlacks(asked);
  if (error.statusCode >= 500 || error.statusCode === 408)
    return new RetryLater(`Slack answered ${asked.method} with HTTP ${error.statusCode}; it is tried again.`, {
      uncertain: asked.repeats === "doubles",
    });
  // Slack itself answers 200 or 429 only: this is a proxy, a firewall or a wrong address.
  return new RetryLater(
    `${asked.method} was answered with HTTP ${error.statusCode}. Check slack.apiUrl and the proxy on the way to Slack.`,
    { scope: "target" },
  );
}

function noAnswer(error: WebAPIRequestError, asked: Asked): RetryLater {
  const code = codeOf(error.original);
  const reason = code ?? (error.original.name === "AbortError" ? "no answer in time" : "connection lost");
  return new RetryLater(`Slack could not be reached for ${asked.method} (${reason}); it is tried again.`, {
    uncertain: asked.repeats === "doubles" && !neverLeft(code),
    cause: error.original,
  });
}

function codeOf(error: Error): string | undefined {
  if ("code" in error && typeof error.code === "string") return error.code;
  return error.cause instanceof Error ? codeOf(error.cause) : undefined;
}

/** Failures before a single byte of the request could be sent: name, route, connection, certificate. */
const neverLeft = (code: string | undefined): boolean =>
  code !== undefined &&
  (/^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/.test(code) || isUntrusted(code));

const busy: ReadonlySet<string> = new Set(["ratelimited", "rate_limited", "message_limit_exceeded"]);

const troubled: ReadonlySet<string> = new Set([
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "service_timeout",
  "request_timeout",
  "team_added_to_org",
]);

/** A minute, for the posts of the channel: an admin has to mend it, and every attempt would be refused until then. */
const untilMended = { scope: "target", afterMs: 60_000, mend: true } as const;

/** Nothing is lost while an admin mends these: the deliveries wait. */
const accessRemedies: Readonly<Record<string, string>> = access(
  [
    ["not_authed", "invalid_auth", "token_revoked", "token_expired"],
    "Install the app in the workspace again and put its new token into the config.",
  ],
  [["account_inactive"], "The app was removed or switched off: install it again and renew its tokens in the config."],
  [
    ["missing_scope", "no_permission", "not_allowed_token_type"],
    "Give the app the scopes of the manifest, install it again, and check with `doctor`.",
  ],
  [
    ["access_denied", "team_access_not_granted", "org_login_required", "ekm_access_denied"],
    "An admin of the workspace has to allow the app.",
  ],
);

function access(...groups: readonly (readonly [readonly string[], string])[]): Record<string, string> {
  return Object.fromEntries(groups.flatMap(([names, remedy]) => names.map((name) => [name, remedy])));
}

const threadGone: Readonly<Record<string, string>> = {
  thread_not_found: "The Slack thread was deleted.",
  message_not_found: "The Slack thread's first message was deleted.",
  cannot_reply_to_message: "Slack does not take replies to the thread's first message any more.",
  restricted_action_thread_locked: "The Slack thread was locked.",
  thread_locked: "The Slack thread was locked.",
};

/** Nor with these, which concern one channel. */
/** Replies in the threads that there are can be posted all the same. */
const OPENING_ONLY = "restricted_action_thread_only_channel";

const channelRemedies: Readonly<Record<string, string>> = {
  channel_not_found:
    "Slack knows no such channel, or the bot may not see it. Check the channel id of the line; in a private channel, invite the bot with /invite.",
  not_in_channel: "The bot is not in the Slack channel. Invite it there with /invite.",
  is_inactive: "The Slack channel is archived. Unarchive it, or give the line another channel.",
  is_archived: "The Slack channel is archived. Unarchive it, or give the line another channel.",
  restricted_action: "The workspace's settings forbid the bot to post in this Slack channel. Ask an admin to allow it.",
  restricted_action_read_only_channel:
    "The Slack channel is read-only. Allow the bot to post, or give the line another channel.",
  restricted_action_non_threadable_channel:
    "Threads are switched off in this Slack channel. Allow them, or give the line another channel.",
  restricted_action_thread_only_channel:
    "This Slack channel allows replies only. Allow new messages, or give the line another channel.",
};

/** For people, in the thread: what happened and what to do. */
const words: Readonly<Record<string, string>> = {
  method_not_supported_for_channel_type:
    "Slack does not offer this in a channel of this kind. Choose another channel for the line.",
  cant_update_message: "Slack does not let the bot change this message: another app posted it.",
  cant_delete_message: "Slack does not let the bot delete this message: somebody else posted it.",
  compliance_exports_prevent_deletion: "The workspace's compliance exports forbid to delete messages.",
  edit_window_closed: "The workspace's settings do not allow to change this message any more.",
  msg_too_long: "The text is too long for one Slack message.",
  msg_blocks_too_long: "The text is too long for one Slack message.",
  invalid_blocks: "Slack could not read the message's layout.",
  invalid_blocks_format: "Slack could not read the message's layout.",
  metadata_too_large: "The message's marker is too long for Slack.",
  no_text: "Slack takes no empty message.",
  too_many_reactions: "The message has as many reactions as Slack allows.",
  too_many_emoji: "The message has as many reactions as Slack allows.",
};
