/** A bare Socket Mode endpoint of which every frame is in the test's hands: for what a well-behaved Slack never does. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

export interface SocketServer {
  readonly apiUrl: string;
  /** What `apps.connections.open` answers next: an error's name, an HTTP status, or the usual. */
  opens: (string | number)[];
  /** How often a connection was asked for. */
  readonly asked: () => number;
  hello: boolean;
  readonly connections: readonly WebSocket[];
  readonly frames: readonly { envelope_id: string; payload: unknown }[];
  send(frame: unknown): void;
  close(): Promise<void>;
}

export async function startSocketServer(): Promise<SocketServer> {
  const connections: WebSocket[] = [];
  const frames: { envelope_id: string; payload: unknown }[] = [];
  let asked = 0;
  const http = createServer((request, response) => {
    request.resume();
    if (!request.url?.endsWith("/apps.connections.open")) {
      response.end(JSON.stringify({ ok: true, team_id: "T1", user_id: "UBOT", bot_id: "B1" }));
      return;
    }
    asked += 1;
    const next = server.opens.shift();
    if (typeof next === "number") response.statusCode = next;
    const url = `ws://127.0.0.1:${port()}/link`;
    response.end(JSON.stringify(typeof next === "string" ? { ok: false, error: next } : { ok: true, url }));
  });
  const sockets = new WebSocketServer({ server: http });
  sockets.on("connection", (socket) => {
    connections.push(socket);
    socket.on("message", (data: Buffer) => frames.push(JSON.parse(data.toString("utf8"))));
    if (server.hello) socket.send(JSON.stringify({ type: "hello", num_connections: 1 }));
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const port = (): number => (http.address() as AddressInfo).port;

  const server: SocketServer = {
    apiUrl: `http://127.0.0.1:${port()}/api/`,
    opens: [],
    asked: () => asked,
    hello: true,
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
  return server;
}
