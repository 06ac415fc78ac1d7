/** The server's open connections: how many there may be, and how they end. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

export interface Connections {
  /** Ends those that are between two requests or never sent anything. */
  endIdle(): void;
}

/**
 * Beyond `most` a newcomer takes the place of the oldest connection that nobody waits for an answer on. So whoever opens connections
 * and says little on them ends their own, and keeps nobody out.
 */
export function watchConnections(server: Server, most: number): Connections {
  /** Oldest first. */
  const open = new Set<Socket>();
  const answering = new WeakMap<Socket, IncomingMessage>();

  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    if (open.size > most) oldestUnless(open, (other) => answering.get(other)?.complete === true)?.destroy();
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request;
    answering.set(socket, request);
    response.once("close", () => answering.delete(socket));
  });
  return {
    endIdle() {
      server.closeIdleConnections();
      // Node does not count a connection as idle that never sent anything; browsers open such ones in advance.
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy();
    },
  };
}

function oldestUnless(open: ReadonlySet<Socket>, busy: (socket: Socket) => boolean): Socket | undefined {
  for (const socket of open) if (!busy(socket) && !socket.destroyed) return socket;
  return undefined;
}
