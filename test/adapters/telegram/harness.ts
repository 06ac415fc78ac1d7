/** The adapter, connected to an emulated Telegram through telegraf and HTTP. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { expect, onTestFinished, vi } from "vitest";
import {
  createTelegramAdapter,
  type Memory,
  type TelegramAdapter,
  type TelegramOptions,
} from "../../../adapters/telegram/index.js";
import type { ChatEvent, Inbox, WebhookAnswer, WebhookRequest } from "../../../src/adapter.js";
import type { Logger } from "../../../src/log.js";
import type { Card, Conversation, ConversationId, Place, Post } from "../../../src/message.js";
import {
  createTelegramEmulator,
  type TelegramEmulator,
  type TelegramEmulatorOptions,
} from "../../../src/sandbox/telegram/index.js";

export type Mode = "polling" | "webhook";

export const CARD: Card = { contact: "+1 555 0100", line: "Sales", state: "open" };
export const CONVERSATION: Conversation = {
  id: "c1" as ConversationId,
  line: "Sales",
  extension: 1,
  contact: { number: "+15550100", wire: "15550100" },
};

export interface LogLine {
  readonly level: keyof Logger;
  readonly fields: object;
  readonly msg: string;
}

export interface Bridge {
  readonly adapter: TelegramAdapter;
  readonly events: readonly ChatEvent[];
  /** The chats of which the adapter told that the bot may do more there. */
  readonly mended: readonly string[];
  readonly logs: readonly LogLine[];
  /** How long the adapter wanted to wait, each time. Here it never waits. */
  readonly naps: readonly number[];
  /** While true, the inbox cannot store. */
  broken(is: boolean): void;
}

export async function startTelegram(options: TelegramEmulatorOptions = {}): Promise<TelegramEmulator> {
  const telegram = await createTelegramEmulator({ paceLimits: false, webhookRetryMs: 5, ...options });
  onTestFinished(() => telegram.close());
  return telegram;
}

export function createMemory(): Memory & { readonly held: Map<string, string> } {
  const held = new Map<string, string>();
  return {
    held,
    get: (key) => Promise.resolve(held.get(key)),
    set: (key, value) => Promise.resolve(void held.set(key, value)),
  };
}

export interface BridgeOptions extends Partial<TelegramOptions> {
  readonly mode?: Mode;
  readonly memory?: Memory;
}

/** Not started yet. */
export async function createBridge(
  telegram: TelegramEmulator,
  options: BridgeOptions = {},
): Promise<Bridge & { start(): Promise<void> }> {
  const { mode = "polling", memory = createMemory(), ...given } = options;
  const logs: LogLine[] = [];
  const naps: number[] = [];
  const events: ChatEvent[] = [];
  const mended: string[] = [];
  let broken = false;
  const inbox: Inbox = {
    mended: ({ chat }) => void mended.push(chat),
    accept: (event) => (broken ? Promise.reject(new Error("disk full")) : Promise.resolve(void events.push(event))),
  };
  let handle: ((request: WebhookRequest) => Promise<WebhookAnswer>) | undefined;
  const hook =
    mode === "webhook" ? { webhookSecret: "hook-secret", webhookUrl: await serve((request) => handle?.(request)) } : {};
  const adapter = createTelegramAdapter(
    { botToken: telegram.botToken, apiUrl: telegram.apiUrl, allowedUsers: [], timeoutMs: 5000, ...hook, ...given },
    {
      logger: recorder(logs),
      now: Date.now,
      memory,
      sleep: async (ms) => {
        naps.push(ms);
        await new Promise((resolve) => setTimeout(resolve, 2));
      },
    },
  );
  handle = adapter.webhooks?.[0]?.handle;
  onTestFinished(async () => {
    await adapter.stop();
    keepsSecrets(logs, telegram.botToken);
  });
  return { adapter, events, mended, logs, naps, broken: (is) => (broken = is), start: () => adapter.start(inbox) };
}

export async function startBridge(telegram: TelegramEmulator, options: BridgeOptions = {}): Promise<Bridge> {
  const bridge = await createBridge(telegram, options);
  await bridge.start();
  return bridge;
}

/** Waits until the check passes: long enough for a machine that is busy with something else. */
export async function eventually(check: () => unknown): Promise<void> {
  await vi.waitFor(check, { timeout: 10_000, interval: 5 });
}

export function placeOf(chat: number): Place {
  return { platform: "telegram", chat: String(chat) };
}

export function textOf(text: string, more: Partial<Post> = {}): Post {
  return { speaker: { kind: "contact", name: CARD.contact }, texts: [{ text, at: Date.now() }], ...more };
}

export function callsOf(telegram: TelegramEmulator, method: string): readonly Readonly<Record<string, unknown>>[] {
  return telegram.calls.filter((call) => call.method === method).map((call) => call.params);
}

/** Everything that was ever logged, errors with their stacks: no secret half of the token, no text of ours. */
function keepsSecrets(logs: readonly LogLine[], token: string): void {
  const all = inspect(logs, { depth: 10, maxArrayLength: 1000 });
  expect(all).not.toContain(token.split(":")[1]);
  expect(all).not.toContain("private words");
}

function recorder(logs: LogLine[]): Logger {
  const at = (level: keyof Logger) => (fields: object, msg: string) => void logs.push({ level, fields, msg });
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A server as the bridge's own: hands the body over as it came. Resolves to the webhook's address. */
async function serve(handle: (request: WebhookRequest) => Promise<WebhookAnswer> | undefined): Promise<string> {
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
      const answer = await handle({ headers: request.headers, body: Buffer.concat(chunks) });
      response.writeHead(answer?.status ?? 404, answer?.headers).end(answer?.body);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/telegram/webhook`;
}
