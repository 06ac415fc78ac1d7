/** A server as the bridge's own: hands a platform's requests to its adapter as they came. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Webhook } from "../../../src/adapter.js";

export interface HookServer {
  /** Without a slash at the end. */
  readonly url: string;
  /** From now on these get the requests. */
  serves(webhooks: readonly Webhook[]): void;
  /** The next answer never arrives. */
  losesAnswer(): void;
  close(): Promise<void>;
}

export async function createHookServer(): Promise<HookServer> {
  let hooks: readonly Webhook[] = [];
  let losing = false;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const hook = hooks.find(({ path }) => path === request.url);
      const answering = hook?.handle({ headers: request.headers, body: Buffer.concat(chunks) });
      void Promise.resolve(answering).then((answer) => {
        if (losing) {
          losing = false;
          return response.destroy();
        }
        return response.writeHead(answer?.status ?? 404, { ...answer?.headers, connection: "close" }).end(answer?.body);
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serves: (next) => void (hooks = next),
    losesAnswer: () => void (losing = true),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
