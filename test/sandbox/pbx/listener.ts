import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface Heard {
  readonly method: string;
  readonly type: string | undefined;
  readonly fields: Record<string, string>;
}

/** Somebody who subscribed to events, and answers them as told: with these statuses, then with 200. */
export async function startListener(statuses: number[] = []) {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const raw = request.method === "GET" ? (request.url?.split("?")[1] ?? "") : body;
      const fields = Object.fromEntries(new URLSearchParams(raw));
      heard.push({ method: request.method ?? "", type: request.headers["content-type"], fields });
      response.writeHead(statuses.shift() ?? 200).end();
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`, heard };
}
