/**
 * An emulator of Telegram's Bot API: a real HTTP server that speaks its wire format and refuses what Telegram refuses, in
 * Telegram's own words. The sandbox shows it to newcomers; the tests use it as Telegram.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ApiError, conflict } from "./errors.js";
import type { Fault, FaultOrder } from "./faults.js";
import { createFaults } from "./faults.js";
import type { Groups } from "./groups.js";
import { createGroups } from "./groups.js";
import { createPace } from "./pace.js";
import type { People } from "./people.js";
import { createPeople } from "./people.js";
import type { Call } from "./server.js";
import { createFront } from "./server.js";
import type { Bot } from "./state.js";
import { createState } from "./state.js";
import type { Telegram } from "./telegram.js";
import { createUpdateQueue } from "./updates.js";
import type { Views } from "./views.js";
import { createViews } from "./views.js";
import { createWebhook } from "./webhook.js";

export interface TelegramEmulatorOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  readonly host?: string;
  /** Epoch ms. Rules about time follow it; long polls and waits run on real time. */
  readonly now?: () => number;
  readonly botToken?: string;
  /** What differs from a bot without privacy mode and without topics in private chats. */
  readonly bot?: Partial<Bot>;
  /** False: sends as fast as one likes. */
  readonly paceLimits?: boolean;
  /** The first wait, in ms, before a failed webhook delivery is repeated; it doubles each time, up to the longest. */
  readonly webhookRetryMs?: number;
  readonly webhookLongestRetryMs?: number;
}

export interface ChangeEvent {
  /** Where something looks different now. */
  readonly chat: number;
}

export interface TelegramEmulator extends People, Groups, Views {
  /** For telegraf's `apiRoot`. */
  readonly apiUrl: string;
  readonly url: string;
  readonly botToken: string;
  readonly bot: Bot;
  /** Who owns the groups and does in them what needs an owner. */
  readonly owner: number;
  /** Every call, the refused ones too, in the order of their answers. */
  readonly calls: readonly Call[];
  /** Whether a `getUpdates` waits at this moment: the bot listens. */
  isPolled(): boolean;
  /** Updates that the bot has not confirmed yet. */
  unconfirmed(): number;
  onChange(listener: (change: ChangeEvent) => void): () => void;
  fail(order: FaultOrder): Fault;
  /** Every answer takes so many ms longer. */
  latency(ms: number): void;
  /** Connections break until it is up again. */
  down(is: boolean): void;
  /** The token is refused from now on. Returns the new one. */
  revokeToken(): string;
  close(): Promise<void>;
}

const DEFAULT_TOKEN = "710000001:AAEmulatedTokenForTheSandboxOnly00000";

export async function createTelegramEmulator(options: TelegramEmulatorOptions = {}): Promise<TelegramEmulator> {
  const { now = Date.now, host = "127.0.0.1", botToken = DEFAULT_TOKEN } = options;
  const bot = botOf(botToken, options.bot);
  const state = createState(bot, botToken);
  const updates = createUpdateQueue(now);
  const listeners = new Set<(change: ChangeEvent) => void>();
  const webhook = createWebhook(updates, {
    now,
    retryMs: options.webhookRetryMs ?? 1000,
    longestRetryMs: options.webhookLongestRetryMs ?? 60_000,
    execute: (method, params) => void front.execute(method, params),
  });
  const telegram: Telegram = {
    state,
    now,
    updates,
    webhook,
    changed: (chat) => listeners.forEach((listener) => listener({ chat: chat.id })),
  };
  const faults = createFaults();
  const front = createFront(telegram, faults, options.paceLimits === false ? NO_PACE : createPace(now));
  const people = createPeople(telegram);
  const owner = people.addUser({ id: 1_000_000, firstName: "Olivia", lastName: "Owner" });

  const server = createServer((request, response) => front.handle(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://${host}:${port}`;

  return {
    ...people,
    ...createGroups(telegram, owner),
    ...createViews(state),
    apiUrl: url,
    url,
    botToken,
    bot,
    owner,
    calls: front.calls,
    isPolled: () => updates.isPolled(),
    unconfirmed: () => updates.size(),
    fail: (order) => faults.fail(order),
    latency: (ms) => front.latency(ms),
    down(is) {
      front.down(is);
      if (is) server.closeAllConnections();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    revokeToken() {
      state.token = `${bot.id}:AARevoked${++state.serial}`;
      webhook.set(undefined);
      updates.interrupt(new ApiError(401, "Unauthorized"));
      return state.token;
    },
    async close() {
      webhook.stop();
      updates.interrupt(conflict("terminated by the end of the emulator"));
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

const NO_PACE = { check: () => {}, spend: () => {} };

/** The part of a token before the colon is the bot's id. */
function botOf(token: string, given: Partial<Bot> = {}): Bot {
  return {
    id: Number.parseInt(token, 10) || 710_000_001,
    firstName: "SMS",
    username: "pbx_bridge_bot",
    readsAllGroupMessages: true,
    topicsInPrivateChats: false,
    ...given,
  };
}
