/** Starts emulators and real Slack SDKs for the tests, and puts everything away afterwards. */
import { WebClient, WebAPIPlatformError, WebAPIRateLimitedError } from "@slack/web-api";
import { afterEach } from "vitest";
import type { SlackEmulator, SlackEmulatorOptions } from "../../../src/sandbox/slack/index.js";
import { createSlackEmulator } from "../../../src/sandbox/slack/index.js";

const endings: (() => Promise<unknown>)[] = [];

/** Called after the test, the latest first. */
export function finallyDo(end: () => Promise<unknown>): void {
  endings.push(end);
}

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

export async function emulator(options: SlackEmulatorOptions = {}): Promise<SlackEmulator> {
  const slack = await createSlackEmulator(options);
  finallyDo(() => slack.close());
  return slack;
}

/** The web client as the bridge uses it: no repetitions of its own. */
export function webClient(slack: { apiUrl: string; botToken: string }, token = slack.botToken): WebClient {
  return new WebClient(token, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 2000,
    logger: silent,
  });
}

const nothing = () => {};
export const silent = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  getLevel: () => "error" as never,
  setName: nothing,
};

/** The error code that a call ends with, `ratelimited <seconds>`, `ok`, or the name of another failure. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "ok";
  } catch (error) {
    if (error instanceof WebAPIPlatformError) return error.data.error;
    if (error instanceof WebAPIRateLimitedError) return `ratelimited ${error.retryAfter}`;
    return error instanceof Error ? error.constructor.name : "unknown";
  }
}

/** A workspace with one channel, one person and a web client. */
export async function office(options: SlackEmulatorOptions = {}) {
  const slack = await emulator(options);
  const channel = slack.addChannel({ name: "sales" }).id;
  const anna = slack.addUser({ name: "Anna Berg", displayName: "anna" }).id;
  return { slack, channel, anna, web: webClient(slack) };
}

/** The `ts` of a call's answer. */
export function tsOf(answer: { ts?: string }): string {
  if (answer.ts === undefined) throw new Error("the answer has no ts");
  return answer.ts;
}

/** `chat.postMessage`, taken out of the client: linters mistake the method call for the browser's function of that name. */
export function post(
  { chat: { postMessage } }: WebClient,
  message: Parameters<WebClient["chat"]["postMessage"]>[0],
): ReturnType<WebClient["chat"]["postMessage"]> {
  return postMessage(message);
}
