/** Calls of Slack's Web API, each with a time-out and its failures in the bridge's terms. */
import {
  type FetchFunction,
  type Logger as SdkLogger,
  LogLevel,
  WebClient,
  type WebClientOptions,
} from "@slack/web-api";
import type { Logger } from "../../src/log.js";
import { type Asked, accessProblem, channelProblem, classify, slackErrorOf } from "./errors.js";

export interface SlackApi {
  /**
   * Throws `RetryLater`, `GiveUp` or `ThreadGone` when Slack refuses or does not answer. `channel`: as in `Asked`; whether
   * it takes posts is remembered.
   */
  call<T>(method: string, repeats: Asked["repeats"], ask: (web: WebClient) => Promise<T>, channel?: string): Promise<T>;
  /** Why Slack lets us do nothing at the moment, as the latest call found. */
  refusal(): string | undefined;
  /** Which channels take no posts, and why, as the latest post to each found. */
  closedChannels(): string | undefined;
  /** The bot was let into the channel: what was found there before holds no more. */
  letIn(channel: string): void;
}

export interface ApiOptions {
  readonly apiUrl?: string | undefined;
  readonly timeoutMs: number;
}

/**
 * The SDK's own retries would reorder posts, double them, and hold up every channel for the limit of one: the bridge's
 * queue repeats calls, so the SDK must not. A new object at each call, because Bolt and the SDK write into theirs.
 */
export const clientOptions = (options: ApiOptions, fetch: FetchFunction, logger: SdkLogger): WebClientOptions => ({
  ...(options.apiUrl === undefined ? {} : { slackApiUrl: options.apiUrl }),
  retryConfig: { retries: 0 },
  rejectRateLimitedCalls: true,
  allowAbsoluteUrls: false,
  timeout: options.timeoutMs,
  fetch,
  logger,
});

export function createApi(token: string, options: WebClientOptions): SlackApi {
  const web = new WebClient(token, options);
  let refusal: string | undefined;
  const closed = new Map<string, string>();
  return {
    async call(method, repeats, ask, channel) {
      try {
        const answer = await ask(web);
        refusal = undefined;
        if (channel !== undefined && repeats === "doubles") closed.delete(channel);
        return answer;
      } catch (error) {
        refusal = accessProblem(error);
        const problem = channelProblem(error);
        if (channel !== undefined && problem !== undefined) closed.set(channel, problem);
        throw classify(error, { method, repeats, channel });
      }
    },
    refusal: () => refusal,
    letIn: (channel) => void closed.delete(channel),
    closedChannels: () =>
      closed.size === 0
        ? undefined
        : [...closed].map(([channel, problem]) => `Channel ${channel}: ${problem}`).join(" "),
  };
}

/** For `.catch`: takes the named refusals of Slack as no failure. */
export const unless =
  (...names: readonly string[]) =>
  (error: unknown): undefined => {
    if (!names.includes(slackErrorOf(error) ?? "")) throw error;
    return undefined;
  };

/**
 * What the SDK says, for whoever looks closer: what failed and what follows from it is told by whoever made the call. Its debug and info
 * lines are left out: they hold texts and addresses with secrets.
 */
export function sdkLogger(logger: Logger): SdkLogger {
  const tell = (...parts: readonly unknown[]): void =>
    logger.debug({ said: withoutTokens(parts.map(worded).join(" ").trim()) }, "Slack's SDK met with trouble");
  return {
    debug: () => {},
    info: () => {},
    warn: tell,
    error: tell,
    setLevel: () => {},
    setName: () => {},
    getLevel: () => LogLevel.WARN,
  };
}

const worded = (part: unknown): string =>
  typeof part === "string" ? part : part instanceof Error ? `${part.name}: ${part.message}` : "";

const withoutTokens = (text: string): string => text.replaceAll(/\bx(?:ox[a-z]|app)-[\w-]+|wss?:\/\/\S+/g, "…");
