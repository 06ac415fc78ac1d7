/** What the bench's own servers share: bytes of a request read, a port of the system's choice, an end on SIGTERM. */
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { sayReady } from "./child.js";

export function listen(listener: RequestListener): void {
  const server = createServer({ keepAliveTimeout: 75_000 }, listener);
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    sayReady(typeof address === "object" && address !== null ? address.port : 0);
  });
  process.once("SIGTERM", () => process.exit(0));
}

export function bodyOf(request: IncomingMessage, then: (body: string) => void): void {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => then(Buffer.concat(parts).toString()));
}
