/**
 * The page's own server, on loopback: the files of the page, `GET /events` (server-sent events: each part of the state when it
 * changes, all of them at first), `POST /actions` (one thing that a person does, as JSON; 204, or 4xx with `{"message"}`).
 */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "../log.js";
import { Impossible, readAction, type Action } from "./page-actions.js";
import { GUARDING_HEADERS, refusal } from "./page-guard.js";

export interface PageServerOptions {
  /** 0: any that is free. */
  readonly port: number;
}

export interface PageServerDeps {
  /** The parts of the state as JSON, by name. */
  parts(): ReadonlyMap<string, string>;
  /** Rejects with `Impossible` when it cannot be done. */
  act(action: Action): Promise<void>;
  readonly logger: Logger;
}

export interface PageServer {
  readonly url: string;
  /** Sends a part to everybody who looks. `json`: on one line. */
  push(part: string, json: string): void;
  close(): Promise<void>;
}

const TYPES = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
} as const;
const FILES: ReadonlyMap<string, string> = new Map([
  ["index.html", TYPES.html],
  ["icon.svg", TYPES.svg],
  ...["style", "phone", "chats", "slack", "telegram", "strip", "narrow"].map(
    (name) => [`${name}.css`, TYPES.css] as const,
  ),
  ...["app", "draw", "phone", "slack", "telegram", "strip"].map((name) => [`${name}.js`, TYPES.js] as const),
]);
const MOST_BYTES = 64 * 1024;
/** Proxies and browsers drop a connection on which nothing happens. */
const HEARTBEAT_MS = 20_000;

/** Rejects when the port is taken. */
export async function createPageServer({ port }: PageServerOptions, deps: PageServerDeps): Promise<PageServer> {
  const watchers = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (error instanceof Impossible) return answer(response, 409, { message: error.message });
      deps.logger.error({ err: error }, "the sandbox's page could not be served");
      return answer(response, 500, { message: "The sandbox itself failed." });
    });
  });
  await listen(server, port);
  const actual = (server.address() as AddressInfo).port;
  const beat = setInterval(() => watchers.forEach((watcher) => watcher.write(":\n\n")), HEARTBEAT_MS);

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refused = refusal(request, actual);
    if (refused !== undefined) return answer(response, 403, { message: refused });
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (request.method === "POST" && pathname === "/actions") return take(request, response);
    if (request.method !== "GET") return answer(response, 405, { message: "GET the page or POST an action." });
    return pathname === "/events" ? watch(response) : file(response, pathname.slice(1) || "index.html");
  }

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    if (body === undefined) return answer(response, 413, { message: "That is too long." });
    await deps.act(readAction(body));
    response.writeHead(204, GUARDING_HEADERS).end();
  }

  function watch(response: ServerResponse): void {
    response.writeHead(200, { ...GUARDING_HEADERS, "Content-Type": "text/event-stream" });
    for (const [part, json] of deps.parts()) response.write(eventOf(part, json));
    watchers.add(response);
    response.once("close", () => watchers.delete(response));
  }

  return {
    url: `http://localhost:${actual}/`,
    push: (part, json) => watchers.forEach((watcher) => watcher.write(eventOf(part, json))),
    async close() {
      clearInterval(beat);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function file(response: ServerResponse, name: string): Promise<void> {
  const type = FILES.get(name);
  if (type === undefined) return answer(response, 404, { message: "There is nothing of this name." });
  const content = await readFile(new URL(`./page/${name}`, import.meta.url));
  response.writeHead(200, { ...GUARDING_HEADERS, "Content-Type": type }).end(content);
}

function answer(response: ServerResponse, status: number, body: { readonly message: string }): void {
  response.writeHead(status, { ...GUARDING_HEADERS, "Content-Type": "application/json" }).end(JSON.stringify(body));
}

function eventOf(part: string, json: string): string {
  return `event: ${part}\ndata: ${json}\n\n`;
}

/** Undefined when it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MOST_BYTES) chunks.push(chunk);
  }
  return size > MOST_BYTES ? undefined : Buffer.concat(chunks).toString("utf8");
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
}
