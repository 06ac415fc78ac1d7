/** The simulated PBX's HTTP side: tokens, faults, latency, and a server that can go down and come back on its port. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createFaults } from "./faults.js";
import type { createOauth } from "./oauth.js";
import type { ApiAnswer, ApiRequest } from "./request.js";
import type { ApiCall, Fault } from "./types.js";

const maxBodyBytes = 256 * 1024;

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  readonly now: () => number;
  readonly oauth: ReturnType<typeof createOauth>;
  readonly api: (request: ApiRequest) => ApiAnswer;
  readonly onCall: () => void;
}

type Recorded = { -readonly [Key in keyof ApiCall]: ApiCall[Key] };

export async function createPbxServer(options: ServerOptions) {
  const faults = createFaults();
  const calls: Recorded[] = [];
  let latencyMs = 0;
  let limit = Infinity;
  let busy = 0;

  const answerTo = (request: ApiRequest, authorization: string | undefined): ApiAnswer => {
    if (request.path === "/oauth/token") return options.oauth.token(request);
    if (!request.path.startsWith("/api/ver1.0/")) return { status: 404, body: { message: "Not found" } };
    if (!options.oauth.allows(authorization)) return { status: 401, body: { message: "Unauthorized" } };
    return options.api({ ...request, path: request.path.slice("/api/ver1.0".length) });
  };

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const method = incoming.method ?? "GET";
    const path = incoming.url ?? "/";
    const call: Recorded = { method, path, at: options.now() };
    calls.push(call);
    options.onCall();
    response.on("finish", () => {
      call.status = response.statusCode;
      options.onCall();
    });
    const body = await bodyOf(incoming);
    if (latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, latencyMs));
    const url = new URL(path, "http://pbx");
    const contentType = incoming.headers["content-type"] ?? "";
    const request = { method, path: url.pathname, query: url.searchParams, contentType, body: body ?? "" };
    const carryOut = () => answerTo(request, incoming.headers.authorization);
    const fault = faults.meet(method, path);
    if (fault !== undefined) spoil(fault, response, carryOut);
    else if (body === undefined) write(response, { status: 413, body: { message: "Too large" } });
    else if (busy > limit) write(response, { status: 429, body: { message: "Too many concurrent requests" } });
    else write(response, carryOut());
  };

  const listener = (incoming: IncomingMessage, response: ServerResponse): void => {
    busy += 1;
    response.on("close", () => {
      busy -= 1;
      options.onCall();
    });
    // Only a caller that leaves, or a bug, gets here; a test sees the bug as a broken connection and a 500.
    handle(incoming, response).catch(() => {
      if (response.headersSent || response.destroyed) response.destroy();
      else write(response, { status: 500, body: { message: "Simulator failed" } });
    });
  };

  let server = await listen(listener, options.host, options.port);
  const { port } = server.address() as AddressInfo;
  let isUp = true;

  return {
    url: `http://${options.host}:${port}`,
    calls: (): readonly ApiCall[] => calls.map((call) => ({ ...call })),
    fail: (fault: Fault) => faults.add(fault),
    latency(ms: number): void {
      latencyMs = ms;
    },
    limitConcurrency(most: number): void {
      limit = most;
    },
    async down(isDown: boolean): Promise<void> {
      if (isDown !== isUp) return;
      isUp = !isDown;
      if (isDown) await closed(server);
      else server = await listen(listener, options.host, port);
    },
    async close(): Promise<void> {
      if (isUp) await closed(server);
      isUp = false;
    },
  };
}

function spoil(fault: Fault, response: ServerResponse, carryOut: () => ApiAnswer): void {
  switch (fault.kind) {
    case "rate-limit": {
      const wait = fault.retryAfter;
      if (wait !== undefined) response.setHeader("Retry-After", String(wait));
      return write(response, { status: 429, body: { message: "Too many requests" } });
    }
    case "status": {
      if (fault.effect === true) carryOut();
      response.writeHead(fault.code, { "Content-Type": "application/json" });
      response.end(fault.body ?? JSON.stringify({ message: `Simulated ${fault.code}` }));
      return;
    }
    case "hang":
      if (fault.effect === true) carryOut();
      return;
    case "reset before effect":
      response.socket?.resetAndDestroy();
      return;
    case "reset after effect":
      carryOut();
      response.socket?.resetAndDestroy();
      return;
    case "garbage":
      if (fault.effect !== false) carryOut();
      response.writeHead(200, { "Content-Type": "text/html" }).end("<html><body>Welcome to the PBX</body></html>");
      return;
    case "truncated": {
      const whole = JSON.stringify(carryOut().body ?? {});
      response.writeHead(200, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(whole) + 16 });
      response.write(whole.slice(0, Math.floor(whole.length / 2)), () => response.socket?.destroy());
    }
  }
}

function write(response: ServerResponse, { status, body }: ApiAnswer): void {
  if (body === undefined) {
    response.writeHead(status).end();
    return;
  }
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

/** Undefined when it is too long. */
async function bodyOf(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBodyBytes) chunks.push(chunk);
  }
  return size > maxBodyBytes ? undefined : Buffer.concat(chunks).toString("utf8");
}

function listen(listener: (incoming: IncomingMessage, response: ServerResponse) => void, host: string, port: number) {
  const server = createServer(listener);
  return new Promise<Server>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(server));
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
