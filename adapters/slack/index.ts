/** Slack: a channel per line, a thread per conversation, by Bolt in Socket Mode or HTTP mode. */
import { setTimeout } from "node:timers/promises";
import type { FetchFunction } from "@slack/web-api";
import type {
  ChatAdapter,
  ChatEvent,
  ChecksSetup,
  ErasesThreads,
  FindsAttempts,
  Inbox,
  KnowsPeople,
  MarksPosts,
  Pace,
  ReadsMissed,
  ReceivesWebhooks,
  SettlesChoices,
  ShowsCards,
  TellsHealth,
  Work,
} from "../../src/adapter.js";
import { ConfigError, RetryLater } from "../../src/errors.js";
import type { Logger } from "../../src/log.js";
import type { Place } from "../../src/message.js";
import { clientOptions, createApi, type SlackApi, sdkLogger } from "./api.js";
import { createAttempts } from "./attempts.js";
import { createBolt } from "./bolt.js";
import { commandAnswer } from "./commands.js";
import { createEmojiNames } from "./emoji.js";
import { createHttp } from "./fetch.js";
import { createGaps } from "./gaps.js";
import { createErasing } from "./erase.js";
import { notSlacks } from "./errors.js";
import { fromSlack, type Home, joinedIn, peopleMentioned, pressedIn, type Reader } from "./from-slack.js";
import { platform } from "./ids.js";
import { createMarks } from "./marks.js";
import { createMissed } from "./missed.js";
import { createPeople } from "./people.js";
import { createPosts } from "./posts.js";
import { createReceiver } from "./receiver.js";
import { checkSetup } from "./setup.js";
import { createSocketConnection } from "./socket.js";
import { createWebhook, createWebhookConnection } from "./webhook.js";

/** One of `appToken` (Socket Mode) and `signingSecret` (HTTP mode) must be there; with both, it is Socket Mode. */
export interface SlackOptions {
  readonly botToken: string;
  readonly appToken?: string | undefined;
  readonly signingSecret?: string | undefined;
  /** Slack's own address unless given. */
  readonly apiUrl?: string | undefined;
  /** The slash command, `/sms`. */
  readonly command: string;
  /** What begins a note; only shown to people here. `//` */
  readonly notePrefix?: string | undefined;
  /** Whether texts of guests in the workspace, and of people of other organisations, may leave the team. No. */
  readonly allowGuests?: boolean | undefined;
  readonly allowOutsiders?: boolean | undefined;
  /** For each call of Slack's API. 15 s. */
  readonly timeoutMs?: number | undefined;
}

export interface SlackDeps {
  readonly logger: Logger;
  /** Epoch ms. */
  readonly now: () => number;
  /** Instead of node-fetch over kept-alive connections. */
  readonly fetch?: FetchFunction | undefined;
  /** Between attempts to connect again; resolves after `ms`, or at once when aborted. A timer unless given. */
  readonly sleep?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined;
}

export type SlackAdapter = ChatAdapter &
  MarksPosts &
  ShowsCards &
  KnowsPeople &
  FindsAttempts &
  ReadsMissed &
  SettlesChoices &
  ErasesThreads &
  TellsHealth &
  ChecksSetup &
  Partial<ReceivesWebhooks>;

const defaultTimeoutMs = 15_000;
/** Slack wants its answer within 3 s; names are worth a part of it. */
const patienceForNamesMs = 1000;

export function createSlackAdapter(options: SlackOptions, deps: SlackDeps): SlackAdapter {
  const { logger, now, sleep = pause } = deps;
  const { allowGuests = false, allowOutsiders = false, notePrefix = "//", timeoutMs = defaultTimeoutMs } = options;
  const http = createHttp();
  const sdkOptions = () =>
    clientOptions({ apiUrl: options.apiUrl, timeoutMs }, deps.fetch ?? http.fetch, sdkLogger(logger));
  const api = createApi(options.botToken, sdkOptions());
  let home: Home | undefined;
  let inbox: Inbox | undefined;

  const people = createPeople({ api, now, home: () => home, allowGuests, allowOutsiders });
  const attempts = createAttempts(api);
  const posts = createPosts({ api, attempts, logger, now, notePrefix });
  const mark = createMarks({ api, now, bot: () => home?.botUser ?? "" });
  const names: Reader["names"] = { person: (id) => people.known(id)?.name, emoji: createEmojiNames() };

  /** Who waits for names holds up those behind, so that texts are stored in the order in which they came. */
  let turn = Promise.resolve();

  const read = (body: unknown): ChatEvent | undefined =>
    home === undefined ? undefined : fromSlack(body, { home, allowOutsiders, names });

  /** Resolves once what happened is stored. */
  const accept = async (body: unknown): Promise<void> => {
    if (home === undefined || inbox === undefined) throw new RetryLater("The bridge takes no events from Slack yet.");
    const known = people.meet(peopleMentioned(body), patienceForNamesMs);
    turn = turn.then(async () => known);
    await turn;
    const event = read(body);
    if (event === undefined) return;
    attempts.saw(event.at);
    await inbox.accept(event);
  };

  const missed = createMissed({
    api,
    async read(body) {
      await people.meet(peopleMentioned(body), patienceForNamesMs);
      return read(body);
    },
  });
  const gap = (why?: "routine"): void => inbox?.gap?.(why);
  const gaps = createGaps(gap, now);
  const dropped = (): void => {
    logger.warn({}, "Slack had more to tell than it delivers in an hour; what it dropped is read from the threads");
    gaps.missed();
  };

  const joined = async (body: unknown): Promise<void> => {
    const place = home === undefined ? undefined : joinedIn(body, home);
    if (place === undefined) return;
    api.letIn(place.chat);
    // Slack tells nobody of what was written while the bot was not there. That goes before what waits.
    gap();
    inbox?.mended?.(place);
  };

  const press = async (body: unknown): Promise<void> => {
    const pressed = pressedIn(body);
    if (pressed !== undefined) posts.remember(...pressed);
    await accept(body);
  };

  const { appToken, signingSecret, command } = options;
  const connection =
    appToken === undefined
      ? createWebhookConnection(() => gap("routine"))
      : createSocketConnection({ appToken, clientOptions: sdkOptions, timeoutMs }, { logger, now, sleep, gap });
  const receiver = createReceiver(connection, dropped);
  const unwell = (): string | undefined => connection.unwell() ?? api.refusal() ?? api.closedChannels();
  const app = createBolt(
    { receiver, command, clientOptions: sdkOptions(), logger: sdkLogger(logger) },
    { event: accept, joined, press, command: () => commandAnswer(unwell(), notePrefix) },
  );

  const adapter: SlackAdapter = {
    platform,
    textLimit: 3000,
    pace,
    async start(to) {
      if (appToken === undefined && signingSecret === undefined)
        throw new ConfigError(["slack: give an appToken (Socket Mode) or a signingSecret (HTTP mode)."]);
      inbox = to;
      home = await whoWeAre(api);
      await app.start();
      logger.info({ team: home.team, mode: appToken === undefined ? "http" : "socket" }, "Slack is connected");
    },
    async stop() {
      await app.stop();
      gaps.stop();
      http.close();
    },
    open: (_, place, card, key) => posts.open(place, card, key),
    send: posts.send,
    showCard: posts.showCard,
    settle: posts.settle,
    findPost: attempts.findPost,
    findThread: attempts.findThread,
    eraseThread: createErasing({ api }),
    missed,
    mark,
    person: people.person,
    unwell,
    check: (places) => checkSetup(places, { api, appToken, clientOptions: sdkOptions }),
  };
  if (appToken !== undefined || signingSecret === undefined) return adapter;
  return { ...adapter, webhooks: [createWebhook(signingSecret, receiver.take, { logger, now, gap: gaps.missed })] };
}

const pause = async (ms: number, signal: AbortSignal): Promise<void> =>
  setTimeout(ms, undefined, { signal }).catch(() => {});

async function whoWeAre(api: SlackApi): Promise<Home> {
  try {
    const answer = await api.call("auth.test", "same", (web) => web.auth.test());
    const { team_id: team, user_id: botUser, enterprise_id: enterprise } = answer;
    // Without them nobody is told apart from the bot, and no colleague from a stranger.
    if (!team || !botUser) throw notSlacks({ method: "auth.test", repeats: "same" });
    return { team, enterprise, botUser };
  } catch (error) {
    const problem = api.refusal();
    throw problem === undefined ? error : new ConfigError([`slack.botToken: ${problem}`]);
  }
}

/**
 * Slack takes about one post a second and channel, with short bursts, and some hundreds a minute in a workspace;
 * reactions and updates are limited by method, at 50 a minute. https://docs.slack.dev/apis/web-api/rate-limits
 *
 * Slack counts arrivals, and on the way two calls may come closer together than they left. Of a channel's burst of 5 one is kept
 * back for that: the first call may have to open a connection, and behind a full burst the next one would be told to wait, and
 * everybody with it. The other rates keep a margin of 5 % below what is allowed.
 */
function pace({ chat }: Place, work: Work): Pace {
  const rate = (key: string, limit: number, perMs: number) => ({ kind: "bucket", key, limit, perMs }) as const;
  const post = `${platform}:${chat}`;
  const paces: Record<Work, Pace> = {
    post: { target: post, concurrency: 3, rates: [rate(post, 4, 1010), rate("slack:workspace", 50, 210)] },
    mark: { target: "slack:marks", concurrency: 4, rates: [rate("slack:marks", 20, 1260)] },
    card: { target: "slack:cards", concurrency: 2, rates: [rate("slack:cards", 10, 1260)] },
  };
  return paces[work];
}
