/**
 * What a failed call means: first Telegram's words into a reason, then the reason into what the bridge does next.
 *
 * Telegram describes failures in English prose that changes between server versions, and at times in the upper-case
 * names of the layer below; so several spellings are matched for each reason, and an unknown one is tried again later.
 */
import { isUntrusted } from "../../src/certificates.js";
import { GiveUp, RetryLater, ThreadGone } from "../../src/errors.js";

export type Reason =
  | "flood"
  | "token"
  | "conflict"
  | "migrated"
  | "thread-gone"
  | "topic-closed"
  | "no-forum"
  | "person-gone"
  | "blocked"
  | "no-access"
  | "no-rights"
  | "unchanged"
  | "message-gone"
  | "message-stays"
  | "reaction-refused"
  | "hopeless"
  | "unreachable"
  | "unanswered"
  | "unknown";

/** A call that failed. Holds no text of messages, no token, no payload. */
export class TelegramFailure extends Error {
  override readonly name = "TelegramFailure";
  readonly method: string;
  readonly reason: Reason;
  readonly code: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** The new id of a group that has become a supergroup. */
  readonly migratedTo: number | undefined;

  constructor(
    method: string,
    reason: Reason,
    words: string,
    details: { code?: number | undefined; retryAfterMs?: number | undefined; migratedTo?: number | undefined } = {},
  ) {
    super(`${method}: ${words}`);
    this.method = method;
    this.reason = reason;
    this.code = details.code;
    this.retryAfterMs = details.retryAfterMs;
    this.migratedTo = details.migratedTo;
  }
}

/** Reads what telegraf or its HTTP client threw, leaving the token and the payload behind. */
export function readFailure(error: unknown, method: string, token: string): TelegramFailure {
  const answer = answerOf(error);
  if (!answer) return new TelegramFailure(method, ...lost(error, token));
  const { code, description, retryAfter, migratedTo } = answer;
  const words = `${code} ${scrub(description, token)}`;
  const retryAfterMs = retryAfter === undefined ? undefined : waitOf(retryAfter);
  return new TelegramFailure(method, reasonOf(answer), words, { code, retryAfterMs, migratedTo });
}

const SHORTEST_MS = 1000;
/** More is a mistake, and nobody would ever learn that it was over. */
const LONGEST_MS = 24 * 3_600_000;

/** No wait at all would make refusals without end. */
function waitOf(seconds: number): number {
  return Math.min(Math.max(Math.ceil(seconds * 1000), SHORTEST_MS), LONGEST_MS);
}

/** Telegram's secrets have 35 characters; a much shorter one may be a word of the sentence it is looked for in. */
const SHORTEST_SECRET = 20;

/** A token's id may be shown, its secret half never; foreign servers answer at any length. */
export function scrub(words: string, token: string): string {
  const half = token.slice(token.indexOf(":") + 1);
  const secrets = [token, ...(half.length < SHORTEST_SECRET ? [] : [half])].filter((secret) => secret !== "");
  const hidden = secrets
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .reduce((text, secret) => text.replaceAll(secret, "[secret]"), words);
  return hidden.replaceAll(/\/bot\d+:[^/\s]+/g, "/bot[secret]").slice(0, 200);
}

interface Answer {
  readonly code: number;
  readonly description: string;
  readonly retryAfter: number | undefined;
  readonly migratedTo: number | undefined;
}

function answerOf(error: unknown): Answer | undefined {
  const response = field(error, "response");
  const code = field(response, "error_code");
  if (typeof code !== "number") return undefined;
  const parameters = field(response, "parameters");
  return {
    code,
    description: wordsOf(field(response, "description")),
    retryAfter: numberOf(field(parameters, "retry_after")),
    migratedTo: numberOf(field(parameters, "migrate_to_chat_id")),
  };
}

/** In this order: the first that fits. Sources: core.telegram.org/bots/api, the Bot API server's source and issues. */
const SPELLINGS: readonly (readonly [Reason, RegExp])[] = [
  ["unchanged", /message is not modified|MESSAGE_NOT_MODIFIED|TOPIC_NOT_MODIFIED/i],
  ["topic-closed", /TOPIC_CLOSED|topic is closed/i],
  ["thread-gone", /message thread not found|topic not found|TOPIC_DELETED|TOPIC_ID_INVALID|MESSAGE_THREAD_ID_INVALID/i],
  ["no-forum", /is not a forum|CHANNEL_FORUM_MISSING|FORUM_DISABLED/i],
  [
    "reaction-refused",
    /REACTION_INVALID|REACTION_EMPTY|REACTIONS_TOO_MANY|reaction is not allowed|message to react not found/i,
  ],
  ["message-stays", /message can't be deleted|MESSAGE_DELETE_FORBIDDEN/i],
  ["message-gone", /message to (edit|delete|pin|be replied) not found|message can't be edited|MESSAGE_ID_INVALID/i],
  ["person-gone", /user is deactivated|INPUT_USER_DEACTIVATED/i],
  ["blocked", /blocked by the user|USER_IS_BLOCKED/i],
  [
    "no-access",
    /chat not found|kicked|not a member|can't initiate conversation|chat was deleted|CHANNEL_PRIVATE|PEER_ID_INVALID/i,
  ],
  [
    "no-rights",
    /not enough rights|no rights|have no right|need administrator rights|CHAT_ADMIN_REQUIRED|WRITE_FORBIDDEN|_FORBIDDEN|RESTRICTED/i,
  ],
  [
    "hopeless",
    /is too long|TOO_LONG|can't parse entities|ENTIT(Y|IES)_|text is empty|must be non-empty|BUTTON_\w*INVALID|strings must be encoded/i,
  ],
];

function reasonOf({ code, description, migratedTo }: Answer): Reason {
  if (migratedTo !== undefined) return "migrated";
  if (code === 429) return "flood";
  // A token of the wrong shape is answered 404, one that was revoked 401.
  if (code === 401 || code === 404) return "token";
  if (code === 409) return "conflict";
  if (code >= 500) return "unanswered";
  const known = SPELLINGS.find(([, spelling]) => spelling.test(description));
  if (known) return known[0];
  return code === 403 ? "no-access" : "unknown";
}

/** Failures before the request can have left. Anything else may have taken effect. */
const NEVER_LEFT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);

function lost(error: unknown, token: string): [Reason, string] {
  const code = field(error, "code");
  const name = field(error, "name");
  if (name === "AbortError") return ["unanswered", "no answer in time"];
  const words = scrub(wordsOf(field(error, "message")), token);
  const neverLeft = typeof code === "string" && (NEVER_LEFT.has(code) || isUntrusted(code));
  const certain = neverLeft || /reason: connect /.test(words);
  return [certain ? "unreachable" : "unanswered", words];
}

/** Calls that, repeated, would leave something twice. */
const CREATING = new Set(["sendMessage", "createForumTopic"]);

/** A minute: an admin has to mend it, and every attempt would be refused until then. */
const MENDED_BY_HAND_MS = 60_000;

/** What the bridge does next about a failure in `chat`. */
export function toBridge(failure: TelegramFailure, chat: string): RetryLater | GiveUp | ThreadGone {
  const { reason, message } = failure;
  if (reason === "flood")
    return new RetryLater(message, { scope: "target", afterMs: failure.retryAfterMs ?? 1000, patient: true });
  if (isForAdmins(reason)) {
    // Where only topics may not be opened, those that are open are written in all the same.
    const scope = reason === "no-rights" && failure.method === "createForumTopic" ? "delivery" : "target";
    return new RetryLater(`${remedy(reason, chat)} (${message})`, { scope, afterMs: MENDED_BY_HAND_MS, mend: true });
  }
  if (reason === "thread-gone") return new ThreadGone(`The topic is no longer there (${message})`);
  if (reason === "person-gone") {
    return new GiveUp(`Telegram user ${chat} has deleted the account. Nothing can be shown there.`);
  }
  if (reason === "topic-closed") {
    const mend = "Reopen it, or make the bot an administrator that may manage topics";
    const words = `A topic in Telegram chat ${chat} is closed and the bot could not reopen it. ${mend}: what waits is shown then.`;
    return new RetryLater(words, { afterMs: MENDED_BY_HAND_MS, mend: true });
  }
  if (reason === "hopeless") return new GiveUp(`Telegram does not take this message (${message}).`);
  return new RetryLater(message, { uncertain: reason === "unanswered" && CREATING.has(failure.method) });
}

/** What somebody has to mend by hand. */
export type ForAdmins = "token" | "no-access" | "no-rights" | "blocked";

export function isForAdmins(reason: Reason): reason is ForAdmins {
  return reason === "token" || reason === "no-access" || reason === "no-rights" || reason === "blocked";
}

/** Sentences for an admin: what is wrong and how to mend it. */
export function remedy(reason: ForAdmins, chat: string): string {
  if (reason === "token") {
    return "Telegram refuses the bot token. Take the token from @BotFather into telegram.botToken and restart.";
  }
  if (reason === "blocked") {
    return `Telegram user ${chat} has blocked the bot; unblocking it there mends it.`;
  }
  if (reason === "no-access") {
    return `The bot cannot reach Telegram chat ${chat}. Add it to the group (or, for a private chat, press Start there), and compare the id with what /id answers in that chat.`;
  }
  return `The bot lacks rights in Telegram chat ${chat}. Make it an administrator that may manage topics, pin and delete messages.`;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function wordsOf(value: unknown): string {
  return typeof value === "string" ? value : "without words";
}
