/** Telegram: a topic per conversation in a forum group, a chain of replies in any other chat. */
import type {
  ChatAdapter,
  ChecksSetup,
  ErasesThreads,
  KnowsTwins,
  Inbox,
  MarksPosts,
  ReceivesWebhooks,
  SettlesChoices,
  ShowsCards,
  TellsHealth,
} from "../../src/adapter.js";
import { ConfigError, GiveUp } from "../../src/errors.js";
import type { Logger } from "../../src/log.js";
import { createApi } from "./api.js";
import { createAttempt } from "./attempt.js";
import { createChats, type Memory } from "./chats.js";
import { connect, type Hook } from "./connection.js";
import { createErasing } from "./erase.js";
import { createHealth } from "./health.js";
import { isChatId } from "./ids.js";
import { createMarks } from "./marks.js";
import { paceOf } from "./pace.js";
import { type Sleep, sleep as realSleep } from "./patience.js";
import { createPoller, type Poller } from "./poller.js";
import { createReceiver, type Receiver } from "./receive.js";
import { bestEffort } from "./sending.js";
import { checkSetup } from "./setup.js";
import { createThreads } from "./threads.js";
import { type Clock, TEXT_LIMIT } from "./to-telegram.js";
import { createTopics } from "./topics.js";
import { createWebhook } from "./webhook.js";

export type { Memory } from "./chats.js";

export interface TelegramOptions {
  readonly botToken: string;
  /** With it Telegram calls `webhookUrl`; without it updates are polled. 1–256 of A–Z a–z 0–9 _ -. */
  readonly webhookSecret?: string;
  /** The whole address, ending in /telegram/webhook; needed with `webhookSecret`. */
  readonly webhookUrl?: string;
  /** Root of the Bot API server. */
  readonly apiUrl?: string;
  /** Telegram user ids that may use the bot in private chats. */
  readonly allowedUsers: readonly number[];
  /** The chats that lines' texts go to, as the config names them; other groups are ignored. Absent: none is. */
  readonly places?: readonly string[];
  /** How long a call may take, in ms; a poll so much longer than `pollSeconds`. */
  readonly timeoutMs?: number;
  /** How long Telegram may hold a poll open, at most 50. */
  readonly pollSeconds?: number;
}

export interface TelegramDeps {
  readonly logger: Logger;
  readonly now: () => number;
  readonly sleep?: Sleep;
  /** A durable store of this adapter's own: the offset of the updates, moved groups, lines of chains. */
  readonly memory: Memory;
}

export type TelegramAdapter = ChatAdapter &
  MarksPosts &
  ShowsCards &
  SettlesChoices &
  KnowsTwins &
  ErasesThreads &
  TellsHealth &
  ChecksSetup &
  Partial<ReceivesWebhooks>;

export function createTelegramAdapter(options: TelegramOptions, deps: TelegramDeps): TelegramAdapter {
  const { logger, now, memory, sleep = realSleep } = deps;
  const hook = hookOf(options);
  const places = options.places && new Set(options.places);
  const { botToken, apiUrl, timeoutMs = 15_000, pollSeconds = 50 } = options;
  const api = createApi({ botToken, timeoutMs, ...(apiUrl === undefined ? {} : { apiUrl }) });
  const health = createHealth(logger, [["connection", "Not connected to Telegram yet."]]);
  const chats = createChats(botOf(botToken), places, { api, memory, now });
  const attempt = createAttempt({ chats, health });
  const topics = createTopics(memory);
  const threads = createThreads({ topics, api, attempt, chats, logger, clock: clockOf(now) });
  const stopped = new AbortController();
  let receiver: Receiver | undefined;
  let poller: Poller | undefined;

  async function start(inbox: Inbox): Promise<void> {
    const me = await connect(hook, stopped.signal, { api, chats, health, sleep });
    if (!me || stopped.signal.aborted) return;
    await bestEffort(logger, "remember the bot and its chats", chats.begin);
    const context = {
      allowedUsers: new Set(options.allowedUsers),
      isPlace: (chat: string) => places?.has(chat) ?? true,
      wasPlace: chats.wasPlace,
      username: me.username,
      bot: me.id,
    };
    const { take } = (receiver = createReceiver(context, { inbox, api, chats, health, topics, logger, now }));
    logger.info({ bot: me.username, way: hook ? "webhook" : "polling" }, "telegram: connected");
    if (hook) return;
    const bookmark = chats.own("offset");
    poller = createPoller(
      { bookmark, pollSeconds, graceMs: timeoutMs },
      { api, memory, health, logger, now, sleep, take },
    );
    poller.start();
  }

  return {
    platform: "telegram",
    textLimit: TEXT_LIMIT,
    pace: paceOf,
    start,
    async open(conversation, place, card, key) {
      if (!isChatId(place.chat)) throw new GiveUp(`${place.chat} is no Telegram chat id. /id in the chat tells it.`);
      return await threads.open(conversation, place, card, key);
    },
    send: threads.send,
    twinOf: threads.twinOf,
    showCard: threads.showCard,
    settle: threads.settle,
    ...createMarks({ api, attempt, logger }),
    ...createErasing({ api, attempt }),
    unwell: health.unwell,
    check: (asked) => checkSetup({ allowedUsers: options.allowedUsers, webhookUrl: hook?.url }, asked, { api, chats }),
    ...(hook
      ? {
          webhooks: [
            createWebhook(hook, { logger, taker: () => (stopped.signal.aborted ? undefined : receiver?.take) }),
          ],
        }
      : {}),
    async stop() {
      stopped.abort();
      await poller?.stop();
      await receiver?.settled();
      api.close();
    },
  };
}

/** A token begins with its bot's id (core.telegram.org/bots/features#generating-an-authentication-token). */
function botOf(token: string): number {
  return Number.parseInt(token, 10);
}

function hookOf({ webhookSecret: secret, webhookUrl: url }: TelegramOptions): Hook {
  if (secret === undefined) return undefined;
  if (url === undefined) {
    throw new ConfigError([
      "telegram.webhookSecret: Telegram cannot call a server without an address; set server.publicUrl",
    ]);
  }
  if (!/^[A-Za-z0-9_-]{1,256}$/.test(secret)) {
    throw new ConfigError(["telegram.webhookSecret: use 1 to 256 characters of A-Z a-z 0-9 _ -"]);
  }
  return { url, secret };
}

/** Times in the server's own time zone, with the day, since a late text may be of yesterday. */
function clockOf(now: () => number): Clock {
  const make = () => new Intl.DateTimeFormat("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit" });
  // Made when first needed: a process's first format takes a twentieth of its start.
  let format: Intl.DateTimeFormat | undefined;
  return { now, show: (at) => (format ??= make()).format(at) };
}
