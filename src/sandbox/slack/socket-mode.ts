/** Slack's end of Socket Mode: tickets, greetings, envelopes and their acknowledgements. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { WebSocketServer } from "ws";
import type { Delivery, Outcome, Transport } from "./deliveries.js";
import { isRecord } from "./params.js";

/** More are turned away (docs.slack.dev/apis/events-api/using-socket-mode). */
const MAX_CONNECTIONS = 10;
const PING_MS = 10_000;

export type DisconnectReason = "warning" | "refresh_requested" | "link_disabled" | "too_many_websockets";

export interface Envelope {
  readonly envelope_id: string;
  readonly type: string;
  readonly payload: unknown;
  readonly accepts_response_payload: boolean;
  readonly retry_attempt?: number;
  readonly retry_reason?: string;
}

export interface SocketMode extends Transport {
  /** A path to connect to, good for one connection. */
  ticket(): string;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  connections(): number;
  /** Asks every connection to come again; the app closes them. */
  disconnect(reason: DisconnectReason): void;
  /** Breaks every connection without a word. */
  drop(): void;
  /** Envelopes that were sent and not acknowledged, oldest first. */
  unacknowledged(): readonly Envelope[];
  close(): void;
}

interface Sent {
  readonly envelope: Envelope;
  readonly delivery: Delivery;
  readonly socket: WebSocket;
  settle(outcome: Outcome): void;
}

export function createSocketMode(options: { appId: string; ackWithinMs: number; changed: () => void }): SocketMode {
  const server = new WebSocketServer({ noServer: true });
  const tickets = new Set<string>();
  const sent = new Map<string, Sent>();
  const waiting = new Set<() => void>();
  const sockets = new Set<WebSocket>();
  const pinging = setInterval(() => sockets.forEach((socket) => socket.ping()), PING_MS).unref();
  let turn = 0;

  function welcome(socket: WebSocket): void {
    if (sockets.size >= MAX_CONNECTIONS) return turnAway(socket, "too_many_websockets");
    sockets.add(socket);
    socket.on("message", (data: Buffer) => acknowledge(data.toString()));
    socket.on("close", () => leave(socket));
    // A broken connection is followed by `close`, which is where it is dealt with.
    socket.on("error", () => {});
    const debug_info = { host: "sandbox", build_number: 1, approximate_connection_time: 18_060 };
    const connection_info = { app_id: options.appId };
    socket.send(JSON.stringify({ type: "hello", num_connections: sockets.size, debug_info, connection_info }));
    for (const go of waiting) go();
    waiting.clear();
    options.changed();
  }

  function turnAway(socket: WebSocket, reason: DisconnectReason): void {
    socket.send(JSON.stringify({ type: "disconnect", reason, debug_info: { host: "sandbox" } }));
    socket.close();
  }

  function leave(socket: WebSocket): void {
    sockets.delete(socket);
    for (const one of sent.values())
      if (one.socket === socket) one.settle({ is: "cut off", reason: "connection_closed" });
    options.changed();
  }

  /** An acknowledgement that comes late still counts: nothing is repeated after it. */
  function acknowledge(text: string): void {
    const answer = parse(text);
    const one = isRecord(answer) ? sent.get(String(answer.envelope_id)) : undefined;
    if (one === undefined || !isRecord(answer)) return;
    sent.delete(one.envelope.envelope_id);
    one.delivery.acknowledged = true;
    const response = one.envelope.accepts_response_payload ? answer.payload : undefined;
    one.settle({ is: "acknowledged", response });
    options.changed();
  }

  async function connected(signal: AbortSignal): Promise<WebSocket> {
    for (;;) {
      const usable = [...sockets].filter((socket) => socket.readyState === socket.OPEN);
      const socket = usable[(turn += 1) % Math.max(usable.length, 1)];
      if (socket !== undefined) return socket;
      await new Promise<void>((resolve, reject) => {
        waiting.add(resolve);
        signal.addEventListener("abort", () => reject(new Error("the emulator was closed")), { once: true });
      });
    }
  }

  async function deliver(delivery: Delivery, signal: AbortSignal): Promise<Outcome> {
    if (sockets.size === 0 && delivery.kind !== "events_api") return { is: "failed", reason: "not connected" };
    const socket = await connected(signal);
    const envelope = wrap(delivery);
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle({ is: "failed", reason: "timeout" }), options.ackWithinMs);
      const settle = (outcome: Outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      };
      forgetEarlier(delivery);
      sent.set(envelope.envelope_id, { envelope, delivery, socket, settle });
      socket.send(JSON.stringify(envelope));
    });
  }

  function forgetEarlier(delivery: Delivery): void {
    for (const [id, one] of sent) if (one.delivery === delivery) sent.delete(id);
  }

  return {
    deliver,
    ticket() {
      const ticket = randomUUID();
      tickets.add(ticket);
      return `/link/?ticket=${ticket}&app_id=${options.appId}`;
    },
    upgrade(request, socket, head) {
      const ticket = new URL(request.url ?? "/", "http://localhost").searchParams.get("ticket") ?? "";
      if (tickets.delete(ticket)) server.handleUpgrade(request, socket, head, welcome);
      else socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
    },
    connections: () => sockets.size,
    disconnect: (reason) => {
      const notice = JSON.stringify({ type: "disconnect", reason, debug_info: { host: "sandbox" } });
      for (const socket of sockets) socket.send(notice);
    },
    drop: () => sockets.forEach((socket) => socket.terminate()),
    unacknowledged: () => [...sent.values()].map(({ envelope }) => envelope),
    close() {
      clearInterval(pinging);
      for (const socket of sockets) socket.terminate();
      for (const { settle } of sent.values()) settle({ is: "refused", reason: "closed" });
      server.close();
    },
  };
}

function wrap({ kind, payload, attempt, reason }: Delivery): Envelope {
  const envelope = { envelope_id: randomUUID(), payload, type: kind, accepts_response_payload: kind !== "events_api" };
  return kind === "events_api" ? { ...envelope, retry_attempt: attempt, retry_reason: reason } : envelope;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
