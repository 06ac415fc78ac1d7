/** How long to wait before Telegram is asked again, and why it is not well meanwhile. */
import { setTimeout as wait } from "node:timers/promises";
import { remedy, TelegramFailure } from "./errors.js";

/** Resolves after `ms`, or as soon as `signal` aborts; never rejects. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

export const sleep: Sleep = async (ms, signal) => {
  await wait(ms, undefined, { signal }).catch(() => undefined);
};

const FIRST_MS = 1000;
const LONGEST_MS = 30_000;
/** Only a person can mend a token. */
const TOKEN_MS = 60_000;
/** Two pollers that take turns at ending each other are slowed down by Telegram within 3 s; be well above it. */
const CONFLICT_MS = 10_000;

/** `failures`: how many there have been in a row, this one included. */
export function waitAfter(error: unknown, failures: number): number {
  if (error instanceof TelegramFailure) {
    if (error.reason === "flood") return error.retryAfterMs ?? FIRST_MS;
    if (error.reason === "token") return TOKEN_MS;
    if (error.reason === "conflict") return CONFLICT_MS;
  }
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10));
}

/** A sentence for an admin. */
export function whyUnwell(error: unknown): string {
  if (!(error instanceof TelegramFailure)) return "The bridge cannot store what Telegram sends; it tries again.";
  if (error.reason === "token") return remedy("token", "");
  if (error.reason === "conflict") {
    return /webhook/i.test(error.message)
      ? "A webhook is set for this bot, so it cannot be polled. Stop whatever set it, or set telegram.webhookSecret here too."
      : "Another program polls Telegram with the same bot token. Stop it, or give each its own bot.";
  }
  return `Telegram does not answer (${error.message}); the bridge tries again.`;
}
