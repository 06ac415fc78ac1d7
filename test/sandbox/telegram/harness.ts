/** An emulator and the real SDK's client for it, gone when the test is over. */
import type { ApiMethods, ApiResponse } from "@grammyjs/types";
import { Telegram, TelegramError } from "telegraf";
import { onTestFinished } from "vitest";
import type { TelegramEmulator, TelegramEmulatorOptions } from "../../../src/sandbox/telegram/index.js";
import { createTelegramEmulator } from "../../../src/sandbox/telegram/index.js";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export interface Setup {
  readonly emulator: TelegramEmulator;
  readonly api: Telegram;
  /** Moves the emulator's clock, which stands still otherwise. */
  pass(ms: number): void;
}

/** Without limits unless asked for, so that a test may send as it likes. */
export async function startTelegram(options: TelegramEmulatorOptions = {}): Promise<Setup> {
  let time = Date.UTC(2026, 0, 15, 9);
  const emulator = await createTelegramEmulator({ paceLimits: false, now: () => time, ...options });
  onTestFinished(() => emulator.close());
  const api = new Telegram(emulator.botToken, { apiRoot: emulator.apiUrl });
  return {
    emulator,
    api,
    pass(ms) {
      time += ms;
    },
  };
}

/** A forum group with one topic of the bot's, and a member. */
export async function startForum(options: TelegramEmulatorOptions = {}) {
  const setup = await startTelegram(options);
  const chat = setup.emulator.addGroup({ title: "Sales", forum: true });
  const user = setup.emulator.addUser({ firstName: "Ann", username: "ann_tester" });
  const { message_thread_id: topic } = await setup.api.createForumTopic(chat, "+1 555 010 0199");
  return { ...setup, chat, user, topic };
}

/** What the SDK's user sees of a refusal: `400 Bad Request: …`. */
export async function refusal(running: Promise<unknown>): Promise<string> {
  try {
    await running;
  } catch (error) {
    if (error instanceof TelegramError) return `${error.code} ${error.description}`;
    throw error;
  }
  return "accepted";
}

/** A call as bytes on the wire, with the types of another project. */
export async function call<Name extends keyof ApiMethods<never>>(
  emulator: TelegramEmulator,
  method: Name,
  params: object = {},
  token = emulator.botToken,
): Promise<ApiResponse<ReturnType<ApiMethods<never>[Name]>>> {
  const response = await fetch(`${emulator.apiUrl}/bot${token}/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(params),
  });
  return (await response.json()) as ApiResponse<ReturnType<ApiMethods<never>[Name]>>;
}

export async function resultOf<T>(answer: Promise<ApiResponse<T>>): Promise<T> {
  const body = await answer;
  if (!body.ok) throw new Error(body.description);
  return body.result;
}
