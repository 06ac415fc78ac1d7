/**
 * The bridge's one HTTP server: the PBX's events, the platforms' webhooks, health and metrics. It parses nothing by
 * itself and decides nothing: bytes go to the room that knows them, and their answer goes back.
 */
import Fastify, { type FastifyInstance } from "fastify";
import type { Webhook } from "../adapter.js";
import type { Logger } from "../log.js";
import { createAddressSet } from "./addresses.js";
import { watchConnections, type Connections } from "./connections.js";
import { answerBadUrl, answerFailures } from "./failures.js";
import { intake, type IntakeDeps } from "./intake.js";
import { status, type StatusDeps } from "./status.js";
import { createStrangers, usualLimits, type StrangerLimits } from "./strangers.js";
import { webhooks } from "./webhooks.js";

export interface ServerOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** The last part of the event URL; at most 200 characters. */
  readonly secret: string;
  /** Who may send events: addresses and CIDR ranges; empty: anybody who knows the secret. */
  readonly allowFrom: readonly string[];
  /** Reverse proxies whose X-Forwarded-For counts: addresses and CIDR ranges. */
  readonly trustProxy: readonly string[];
  readonly patience?: Partial<Patience>;
  readonly strangers?: StrangerLimits;
  /** Open connections. */
  readonly mostConnections?: number;
}

/** How long somebody may take, in milliseconds. */
export interface Patience {
  /** To send a request's head. */
  readonly headersMs: number;
  /** To send a whole request. */
  readonly requestMs: number;
  /** To begin the next request on the same connection; more than usual proxies wait, so that it is they who hang up. */
  readonly keepAliveMs: number;
  /** To finish what is under way when we close; whoever is not done by then is cut off. */
  readonly closeMs: number;
}

export interface ServerDeps extends Omit<IntakeDeps, "strangers">, StatusDeps {
  readonly webhooks: readonly Webhook[];
  /** Epoch ms. */
  now(): number;
  readonly log: Logger;
}

export interface Server {
  /** Resolves once requests are taken. */
  listen(): Promise<{ readonly port: number }>;
  /** Takes no new connections, finishes what is under way, ends idle connections. */
  close(): Promise<void>;
}

/** What Fastify is to take every body for: it would refuse a type that is none, such as `json`. Rooms read the sender's own of `raw`. */
const OPAQUE = "application/octet-stream";

const usualPatience: Patience = { headersMs: 10_000, requestMs: 30_000, keepAliveMs: 75_000, closeMs: 5_000 };

/** Each costs some kilobytes and a file descriptor, of which calls to the outside and the database need some too. */
const usuallyMostConnections = 2000;

export function createServer(options: ServerOptions, deps: ServerDeps): Server {
  const patience = { ...usualPatience, ...options.patience };
  const app = createApp(options, patience);
  const connections = watchConnections(app.server, options.mostConnections ?? usuallyMostConnections);
  const strangers = createStrangers(options.strangers ?? usualLimits, deps.now);
  // Bodies stay bytes: signatures are computed over them, and each sender has a format of its own.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(OPAQUE, { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  answerFailures(app, deps.log);
  app.addHook("onRequest", (request, _reply, done) => {
    request.headers = { "content-type": OPAQUE };
    done();
  });
  intake(app, options, { ...deps, strangers });
  webhooks(app, deps.webhooks, { ...deps, strangers });
  status(app, deps);
  return {
    async listen() {
      await app.listen({ host: options.host, port: options.port });
      const address = app.server.address();
      return { port: typeof address === "object" && address !== null ? address.port : options.port };
    },
    close: () => close(app, connections, patience.closeMs),
  };
}

function createApp(options: ServerOptions, patience: Patience): FastifyInstance {
  const trusted = createAddressSet(options.trustProxy);
  return Fastify({
    logger: false,
    trustProxy: options.trustProxy.length > 0 ? (address: string): boolean => trusted(address) : false,
    // A secret is longer than the router's usual limit of 100.
    routerOptions: { maxParamLength: 400 },
    exposeHeadRoutes: false,
    frameworkErrors: (_error, _request, reply) => {
      answerBadUrl(reply);
    },
    forceCloseConnections: "idle",
    requestTimeout: patience.requestMs,
    keepAliveTimeout: patience.keepAliveMs,
    // The two limits above are only looked at so often.
    http: { headersTimeout: patience.headersMs, connectionsCheckingInterval: Math.min(patience.headersMs, 5_000) },
  });
}

async function close(app: FastifyInstance, connections: Connections, closeMs: number): Promise<void> {
  // Looked for again and again: a connection that is busy now stays open for a next request once it is done.
  const sweep = setInterval(connections.endIdle, 50);
  const cutOff = setTimeout(() => app.server.closeAllConnections(), closeMs);
  try {
    await app.close();
  } finally {
    clearInterval(sweep);
    clearTimeout(cutOff);
  }
}
