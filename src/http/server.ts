/**
 * The bridge's one HTTP server: the PBX's events, the platforms' webhooks, health and metrics. It parses nothing by
 * itself and decides nothing: bytes go to the room that knows them, and their answer goes back.
 */
import type { Socket } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import type { Webhook } from "../adapter.js";
import type { Logger } from "../log.js";
import { createAddressSet } from "./addresses.js";
import { answerFailures } from "./failures.js";
import { intake, type IntakeDeps } from "./intake.js";
import { status, type StatusDeps } from "./status.js";
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

export interface ServerDeps extends IntakeDeps, StatusDeps {
  readonly webhooks: readonly Webhook[];
  readonly log: Logger;
}

export interface Server {
  /** Resolves once requests are taken. */
  listen(): Promise<{ readonly port: number }>;
  /** Takes no new connections, finishes what is under way, ends idle connections. */
  close(): Promise<void>;
}

const usualPatience: Patience = { headersMs: 10_000, requestMs: 30_000, keepAliveMs: 75_000, closeMs: 5_000 };

export function createServer(options: ServerOptions, deps: ServerDeps): Server {
  const patience = { ...usualPatience, ...options.patience };
  const app = createApp(options, patience);
  const connections = watchConnections(app);
  // Bodies stay bytes: signatures are computed over them, and each sender has a format of its own.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  answerFailures(app, deps.log);
  intake(app, options, deps);
  webhooks(app, deps.webhooks);
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
    forceCloseConnections: "idle",
    requestTimeout: patience.requestMs,
    keepAliveTimeout: patience.keepAliveMs,
    // The two limits above are only looked at so often.
    http: { headersTimeout: patience.headersMs, connectionsCheckingInterval: Math.min(patience.headersMs, 5_000) },
  });
}

async function close(app: FastifyInstance, connections: ReadonlySet<Socket>, closeMs: number): Promise<void> {
  const sweep = setInterval(() => endIdle(app, connections), 50);
  const cutOff = setTimeout(() => app.server.closeAllConnections(), closeMs);
  try {
    await app.close();
  } finally {
    clearInterval(sweep);
    clearTimeout(cutOff);
  }
}

/** Looked for again and again: a connection that is busy now stays open for a next request once it is done. */
function endIdle(app: FastifyInstance, connections: ReadonlySet<Socket>): void {
  app.server.closeIdleConnections();
  // Node does not count a connection as idle that never sent anything; browsers open such ones in advance.
  for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
}

/** The connections that are open at any time. */
function watchConnections(app: FastifyInstance): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  app.server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  return open;
}
