/**
 * An emulator of Slack: a real HTTP server that speaks the Web API, Socket Mode and signed request URLs, and refuses what Slack
 * refuses. The sandbox shows it to newcomers; the tests use it as Slack.
 */
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Deliveries, Transport } from "./deliveries.js";
import { createDeliveries } from "./deliveries.js";
import type { Fault, FaultOrder } from "./faults.js";
import { createFaults } from "./faults.js";
import type { Interactions } from "./interactions.js";
import { createInteractions, respond } from "./interactions.js";
import { createBuckets } from "./limits.js";
import { chatMethods } from "./methods/chat.js";
import { conversationMethods } from "./methods/conversations.js";
import { peopleMethods } from "./methods/people.js";
import { reactionMethods } from "./methods/reactions.js";
import { isRecord } from "./params.js";
import type { People } from "./people.js";
import { createPeople, findChannel, findUser } from "./people.js";
import { createPosts } from "./posts.js";
import { createRequestUrl } from "./request-url.js";
import { live, notified, rendered } from "./seen.js";
import { createFront } from "./server.js";
import type { Front } from "./server.js";
import type { DisconnectReason, Envelope, SocketMode } from "./socket-mode.js";
import { createSocketMode } from "./socket-mode.js";
import type { OpenView } from "./triggers.js";
import { createTriggers } from "./triggers.js";
import type { Call, Channel, SlackEvent } from "./types.js";
import { createWorkspace } from "./workspace.js";

export interface SlackEmulatorOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  readonly host?: string;
  /** Epoch ms. Message ids, limits and expiry follow it; waits run on real time. */
  readonly now?: () => number;
  readonly botToken?: string;
  readonly appToken?: string;
  /** What signs requests in HTTP mode. */
  readonly signingSecret?: string;
  /** HTTP mode: where events, interactions and commands go. Without it they wait for Socket Mode. */
  readonly eventsUrl?: string;
  /** Enforces the rate limits of `limits.ts`; default false. */
  readonly paceLimits?: boolean;
  /** The bot token's scopes; default: all that the bridge can use, without `chat:write.public`. */
  readonly scopes?: readonly string[];
  /** The bot events that the app subscribes to; it is told of no others. Default: those of the bridge's manifests. */
  readonly subscriptions?: readonly string[];
  /** Most messages in one answer of history and replies; apps sold outside Slack's marketplace get 15. Default 999. */
  readonly historyLimit?: number;
  /** How long an acknowledgement may take; default 3000 ms. */
  readonly ackWithinMs?: number;
  /** Waits before repetitions of what was not acknowledged; default as Slack: at once, 1 min, 5 min. */
  readonly retryDelaysMs?: readonly number[];
  readonly fetch?: typeof globalThis.fetch;
}

export interface SlackEmulator
  extends People, Interactions, Pick<Deliveries, "retryAfter" | "loseAcks" | "lost" | "unacknowledged"> {
  /** For the web client's `slackApiUrl`. */
  readonly apiUrl: string;
  readonly url: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly team: { readonly id: string };
  readonly bot: { readonly userId: string; readonly botId: string; readonly appId: string };
  /** Every call, the refused ones too, in the order of their arrival. */
  readonly calls: readonly Call[];
  /** Modals that the app opened, the newest last. */
  readonly views: readonly OpenView[];
  /** What a person sees of a message; whom it notifies; which mentions and links in it are live. */
  readonly rendered: typeof rendered;
  readonly notified: typeof notified;
  readonly live: typeof live;
  onChange(listener: () => void): () => void;
  fail(order: FaultOrder): Fault;
  /** Every answer takes so many ms longer. */
  latency(ms: number): void;
  /** History and replies show a message only so many ms after it was posted. */
  listsLate(ms: number): void;
  /** What happens from now on is told to nobody, as after hours in which the app was not to be reached. */
  forgets(is: boolean): void;
  /** Connections break, sockets close, and nothing is delivered until it is up again. */
  down(is: boolean): void;
  /** The bot token is refused from now on. Returns the new one. */
  revokeToken(): string;
  /** Switches to HTTP mode, or moves it. */
  sendEventsTo(url: string): void;
  /** Slack's challenge before it accepts a request URL. */
  verifiesUrl(): Promise<boolean>;
  /** Socket Mode: how many connections there are. */
  connections(): number;
  disconnect(reason: DisconnectReason): void;
  dropSockets(): void;
  /** Socket Mode: what was sent and not acknowledged. */
  unackedEnvelopes(): readonly Envelope[];
  close(): Promise<void>;
}

const SCOPES =
  "chat:write chat:write.customize channels:history groups:history im:history channels:read groups:read im:read channels:join users:read files:read files:write reactions:read reactions:write commands app_mentions:read";

/** As in `adapters/slack/manifest.*.yaml`. */
export const SUBSCRIPTIONS: readonly string[] = [
  "app_mention",
  "member_joined_channel",
  "message.channels",
  "message.groups",
];

export async function createSlackEmulator(options: SlackEmulatorOptions = {}): Promise<SlackEmulator> {
  const { now = Date.now, host = "127.0.0.1", signingSecret = "sandbox-signing-secret" } = options;
  const { ackWithinMs = 3000, scopes = SCOPES.split(" ") } = options;
  const tokens = {
    bot: options.botToken ?? "xoxb-sandbox-1",
    app: options.appToken ?? "xapp-sandbox-1",
    revoked: new Set<string>(),
  };
  const listeners = new Set<() => void>();
  const changed = () => listeners.forEach((listener) => listener());
  const server = createServer();
  const url = `${await listen(server, options.port ?? 0, host)}/`;

  const workspace = createWorkspace(now);
  const sockets = createSocketMode({ appId: workspace.bot.appId, ackWithinMs, changed });
  let eventsUrl = options.eventsUrl;
  const request = (to: string) =>
    createRequestUrl({ url: to, signingSecret, ackWithinMs, now, fetch: options.fetch ?? globalThis.fetch });
  const transport = (): Transport => (eventsUrl === undefined ? sockets : request(eventsUrl));
  const subscribed = new Set(options.subscriptions ?? SUBSCRIPTIONS);
  const listening = { workspace, subscribed, transport };
  const deliveries = createDeliveries(listening, changed, options.retryDelaysMs);
  const tell = (event: SlackEvent, channel: Channel) => deliveries.tell(event, channel);
  const posts = createPosts(workspace, tell);
  const triggers = createTriggers(workspace);
  const people = createPeople({ workspace, posts, tell, changed });
  const responseUrl = (key: string) => `${url}response/${key}`;
  const answering = { workspace, posts, deliveries, triggers, responseUrl, changed };
  const faults = createFaults();
  let lagMs = 0;
  const isListed = (ts: string) => lagMs === 0 || Number(ts) * 1000 + lagMs <= now();
  const methodDeps = { isListed, workspace, posts, scopes, historyLimit: options.historyLimit ?? 999, url };
  const front = createFront({
    methods: {
      ...chatMethods(methodDeps),
      ...reactionMethods(methodDeps),
      ...conversationMethods(methodDeps),
      ...peopleMethods(methodDeps, triggers),
    },
    connect: () => ({ url: `${url.replace(/^http/, "ws").replace(/\/$/, "")}${sockets.ticket()}` }),
    respond: (key, params) => respond(answering, triggers.origin(key), params),
    tokens,
    scopes,
    buckets: options.paceLimits === true ? createBuckets(now) : undefined,
    faults,
    now,
    changed,
  });
  serve(server, front, sockets);

  return {
    ...people,
    ...createInteractions({
      ...answering,
      people: { channel: (id) => findChannel(workspace, id), user: (id) => findUser(workspace, id) },
    }),
    apiUrl: `${url}api/`,
    url,
    get botToken() {
      return tokens.bot;
    },
    appToken: tokens.app,
    signingSecret,
    team: workspace.team,
    bot: workspace.bot,
    calls: front.calls,
    views: triggers.views,
    rendered,
    notified,
    live,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    fail: (order) => faults.fail(order),
    latency: (ms) => front.latency(ms),
    listsLate: (ms) => void (lagMs = ms),
    forgets: deliveries.forgets,
    down(is) {
      front.down(is);
      deliveries.hold(is);
      if (!is) return;
      sockets.drop();
      server.closeAllConnections();
    },
    revokeToken() {
      tokens.revoked.add(tokens.bot);
      tokens.bot = `xoxb-sandbox-${tokens.revoked.size + 1}`;
      deliveries.tell({ type: "tokens_revoked", tokens: { oauth: [], bot: [workspace.bot.userId] } }, undefined);
      return tokens.bot;
    },
    sendEventsTo: (to) => void (eventsUrl = to),
    verifiesUrl: () => challenge(transport()),
    retryAfter: deliveries.retryAfter,
    loseAcks: deliveries.loseAcks,
    lost: deliveries.lost,
    unacknowledged: deliveries.unacknowledged,
    connections: () => sockets.connections(),
    disconnect: (reason) => sockets.disconnect(reason),
    dropSockets: () => sockets.drop(),
    unackedEnvelopes: () => sockets.unacknowledged(),
    async close() {
      deliveries.close();
      sockets.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, port: number, host: string): Promise<string> {
  // A kept connection that ends just as a request leaves would look like a fault nobody ordered.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve());
  });
  return `http://${host}:${(server.address() as AddressInfo).port}`;
}

function serve(server: Server, front: Front, sockets: SocketMode): void {
  server.on("request", (request, response) => {
    // Only a bug of the emulator itself comes here: it must not pass for one of Slack's faults.
    front.handle(request, response).catch((error: unknown) => {
      response.writeHead(500).end(`The emulator failed: ${error instanceof Error ? error.stack : String(error)}`);
    });
  });
  server.on("connection", (socket) => {
    if (front.isDown()) socket.resetAndDestroy();
  });
  server.on("upgrade", (request, socket, head) => {
    if (front.isDown()) socket.destroy();
    else sockets.upgrade(request, socket, head);
  });
}

async function challenge(transport: Transport): Promise<boolean> {
  const word = "a-challenge-to-repeat";
  const payload = { token: "verification-token", type: "url_verification", challenge: word };
  const delivery = { kind: "events_api" as const, payload, attempt: 0, reason: "", acknowledged: false };
  const outcome = await transport.deliver(delivery, new AbortController().signal);
  if (outcome.is !== "acknowledged") return false;
  return outcome.response === word || (isRecord(outcome.response) && outcome.response.challenge === word);
}
