/**
 * A Slack of which every answer and frame is in the test's hands: for failures at a chosen moment, and for what a
 * well-behaved Slack never does.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

export type Args = Readonly<Record<string, unknown>>;

/** An answer's fields, an error's name, an HTTP status with headers, or none: `hang`, or `reset` the connection. */
export type Answer = object | string | Failure;
interface Failure {
  readonly status: number;
  readonly headers?: Record<string, string>;
}

export interface ScriptedSlack {
  readonly apiUrl: string;
  /** What a method answers next, in order; then its usual answer. */
  next(method: string, ...answers: (Answer | ((args: Args) => Answer))[]): void;
  readonly calls: readonly { readonly method: string; readonly args: Args }[];
  callsOf(method: string): readonly Args[];
  hello: boolean;
  /** Comes in one piece with the hello. */
  withHello: readonly object[];
  readonly connections: readonly WebSocket[];
  /** What came back over the WebSocket. */
  readonly frames: readonly { envelope_id: string; payload: unknown }[];
  send(frame: unknown): void;
  close(): Promise<void>;
}

export async function startScriptedSlack(): Promise<ScriptedSlack> {
  const connections: WebSocket[] = [];
  const frames: { envelope_id: string; payload: unknown }[] = [];
  const calls: { method: string; args: Args }[] = [];
  const scripts = new Map<string, (Answer | ((args: Args) => Answer))[]>();
  let posts = 0;

  const usual = (method: string, args: Args): Answer => {
    switch (method) {
      case "apps.connections.open":
        return { url: `ws://127.0.0.1:${port()}/link` };
      case "auth.test":
        return { team_id: "T1", team: "Acme", user_id: "UBOT", user: "sms", bot_id: "B1" };
      case "chat.postMessage": {
        posts += 1;
        const ts = `1800000000.${String(posts).padStart(6, "0")}`;
        return { channel: args["channel"], ts, message: { ...args, ts, bot_id: "B1" } };
      }
      default:
        return {};
    }
  };

  const http = createServer((request, response) => void serve(request, response));
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const method = (request.url ?? "").split("/").at(-1) ?? "";
    const args = argsIn(body);
    calls.push({ method, args });
    const script = scripts.get(method)?.shift() ?? usual(method, args);
    answer(response, typeof script === "function" ? script(args) : script);
  };
  const sockets = new WebSocketServer({ server: http });
  sockets.on("connection", (socket) => {
    connections.push(socket);
    socket.on("message", (data: Buffer) => frames.push(JSON.parse(data.toString("utf8"))));
    if (!slack.hello) return;
    socket.send(JSON.stringify({ type: "hello", num_connections: 1 }));
    for (const frame of slack.withHello) socket.send(JSON.stringify(frame));
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const port = (): number => (http.address() as AddressInfo).port;

  const slack: ScriptedSlack = {
    apiUrl: `http://127.0.0.1:${port()}/api/`,
    next: (method, ...answers) => void scripts.set(method, [...(scripts.get(method) ?? []), ...answers]),
    calls,
    callsOf: (method) => calls.filter((call) => call.method === method).map(({ args }) => args),
    hello: true,
    withHello: [],
    connections,
    frames,
    send: (frame) => connections.at(-1)?.send(typeof frame === "string" ? frame : JSON.stringify(frame)),
    async close() {
      for (const socket of connections) socket.terminate();
      sockets.close();
      http.closeAllConnections();
      http.close();
      await once(http, "close");
    },
  };
  return slack;
}

/** The SDK sends a form whose nested values are JSON. */
function argsIn(body: string): Args {
  const parsed = (value: string): unknown => (/^[[{]/.test(value) ? JSON.parse(value) : value);
  return Object.fromEntries([...new URLSearchParams(body)].map(([name, value]) => [name, parsed(value)]));
}

const isFailure = (given: Answer): given is Failure =>
  typeof given === "object" && "status" in given && typeof given.status === "number";

function answer(response: ServerResponse, given: Answer): void {
  if (given === "hang") return;
  if (given === "reset") return void response.socket?.destroy();
  if (isFailure(given)) {
    response.writeHead(given.status, given.headers ?? {});
    response.end("not json");
    return;
  }
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(typeof given === "string" ? { ok: false, error: given } : { ok: true, ...given }));
}
