import { createServer } from "node:net";

/** Below the ports that systems give to outgoing connections: one of these may take any other that nobody listens on just now. */
const [FIRST, COUNT] = [10_000, 2000];

/** Of this machine's loopback. It stays ours for as long as nobody else asks for just this one, also while nobody listens on it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) return port;
  }
}

export function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
