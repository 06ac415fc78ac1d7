/** The adapter on the emulator, in either mode, with an inbox that remembers. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createSlackAdapter, type SlackAdapter, type SlackOptions } from "../../../adapters/slack/index.js";
import type { ChatEvent } from "../../../src/adapter.js";
import { createSlackEmulator, type SlackEmulator } from "../../../src/sandbox/slack/index.js";
import { quiet } from "./quiet.js";

export const modes = ["socket", "http"] as const;

export interface Stage {
  readonly slack: SlackEmulator;
  readonly adapter: SlackAdapter;
  /** What was stored, oldest first. */
  readonly events: readonly ChatEvent[];
  /** The chats of which the adapter told that the bot may do more there. */
  readonly mended: readonly string[];
  /** How often the adapter told that something may have been missed. */
  readonly gaps: () => number;
  /** From now on nothing can be stored, or all is well again. */
  breakStore(failure: Error | undefined): void;
  close(): Promise<void>;
}

export async function setStage(mode: (typeof modes)[number], options: Partial<SlackOptions> = {}): Promise<Stage> {
  const slack = await createSlackEmulator({ ackWithinMs: 400, retryDelaysMs: [0, 20, 20, 20] });
  const { apiUrl, botToken, appToken, signingSecret } = slack;
  const entrance = mode === "socket" ? { appToken } : { signingSecret };
  const adapter = createSlackAdapter(
    { botToken, ...entrance, apiUrl, command: "/sms", timeoutMs: 1000, ...options },
    { logger: quiet, now: Date.now, sleep: async () => {} },
  );
  const events: ChatEvent[] = [];
  let failure: Error | undefined;
  const accept = async (event: ChatEvent): Promise<void> => {
    if (failure !== undefined) throw failure;
    events.push(event);
  };
  const server = await serve(adapter);
  if (mode === "http") slack.sendEventsTo(server.url);
  const mended: string[] = [];
  let gaps = 0;
  await adapter.start({ accept, gap: () => void (gaps += 1), mended: ({ chat }) => void mended.push(chat) });
  return {
    gaps: () => gaps,
    mended,
    slack,
    adapter,
    events,
    breakStore: (next) => {
      failure = next;
    },
    async close() {
      await adapter.stop();
      await slack.close();
      await server.close();
    },
  };
}

/** As the bridge's own server hands requests to an adapter. */
async function serve({ webhooks = [] }: SlackAdapter): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const webhook = webhooks.find(({ path }) => path === request.url);
      void webhook?.handle({ headers: request.headers, body: Buffer.concat(chunks) }).then((answer) => {
        response.writeHead(answer.status, answer.headers).end(answer.body);
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
