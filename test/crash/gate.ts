/**
 * Stands between two parts and lets everything through, until it is told that a certain call shall be somebody's last: then it
 * has them killed as the call comes, when it has taken effect but is not answered, or once it is answered.
 */
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export const MOMENTS = ["comes", "took effect", "is answered"] as const;
export type Moment = (typeof MOMENTS)[number];

/** `call`: looked for in the method and path, such as `POST /api/chat.postMessage`. `pass`: the nth such call. */
export interface Order {
  readonly call: RegExp;
  readonly moment: Moment;
  readonly pass: number;
  readonly kill: () => void;
}

export interface Gate {
  readonly url: string;
  /** Until it was carried out, or another takes its place; undefined: nobody is killed. */
  order(order: Order | undefined): void;
  close(): Promise<void>;
}

/** `target`: scheme, host and port. */
export async function createGate(target: string): Promise<Gate> {
  let current: Order | undefined;
  let passes = 0;

  /** The order that this call meets. */
  const meet = (call: string): Order | undefined => {
    if (current?.call.test(call) !== true) return undefined;
    passes += 1;
    return passes < current.pass ? undefined : current;
  };
  /** A call that broke off by itself before that carries out nothing: the next one may. */
  const carryOut = (order: Order): void => {
    if (current === order) current = undefined;
    order.kill();
  };

  const pass = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bytesOf(incoming);
    const order = meet(`${incoming.method} ${incoming.url}`);
    if (order?.moment === "comes") {
      carryOut(order);
      response.destroy();
      return;
    }
    const { head, bytes } = await forward(target, incoming, body, response);
    if (order?.moment === "took effect") {
      carryOut(order);
      response.destroy();
      return;
    }
    response.writeHead(head.statusCode ?? 502, head.headers);
    response.end(bytes, () => order !== undefined && carryOut(order));
  };

  const server = createServer((incoming, response) => {
    // One of the two is gone: the other sees a broken connection, as without us.
    pass(incoming, response).catch(() => response.destroy());
  });
  // A kept connection that ends just as a call leaves would be a fault that nobody asked for.
  server.keepAliveTimeout = 60_000;
  return {
    url: await listen(server),
    order(next) {
      current = next;
      passes = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Ends when the caller leaves. */
function forward(
  target: string,
  { method = "GET", url = "/", headers }: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<{ head: IncomingMessage; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    const { "transfer-encoding": _chunked, ...rest } = headers;
    const outgoing = request(`${target}${url}`, {
      method,
      headers: {
        ...rest,
        ...(body.length === 0 ? {} : { "content-length": String(body.length) }),
        connection: "close",
      },
    });
    outgoing.on("response", (head) => {
      bytesOf(head).then((bytes) => resolve({ head: withoutHops(head), bytes }), reject);
    });
    outgoing.on("error", reject);
    response.once("close", () => {
      if (!response.writableFinished) outgoing.destroy();
    });
    outgoing.end(body);
  });
}

/** The body is sent on in one piece, over a connection of its own. */
function withoutHops(head: IncomingMessage): IncomingMessage {
  for (const name of ["connection", "keep-alive", "transfer-encoding", "content-length"]) delete head.headers[name];
  return head;
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
