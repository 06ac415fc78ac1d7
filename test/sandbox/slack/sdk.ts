/** Bolt apps as people write them, connected to an emulator. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { App, HTTPReceiver, SocketModeReceiver } from "@slack/bolt";
import { SocketModeClient } from "@slack/socket-mode";
import { finallyDo, silent } from "./harness.js";
import type { SlackEmulator } from "../../../src/sandbox/slack/index.js";

/** Reconnects after 20 ms instead of Slack's five seconds. */
const PING_TIMEOUT_MS = 20;

export async function boltOverSocket(slack: SlackEmulator, prepare: (app: App) => void): Promise<App> {
  const receiver = new SocketModeReceiver({
    appToken: slack.appToken,
    logger: silent,
    installerOptions: { clientOptions: { slackApiUrl: slack.apiUrl } },
  });
  const app = boltApp(slack, receiver);
  prepare(app);
  await app.start();
  finallyDo(() => {
    forgetReconnecting(receiver.client);
    return app.stop();
  });
  return app;
}

/** Its request URL is where the emulator then sends. */
export async function boltOverHttp(slack: SlackEmulator, prepare: (app: App) => void): Promise<App> {
  const receiver = new HTTPReceiver({ signingSecret: slack.signingSecret, logger: silent });
  const app = boltApp(slack, receiver);
  prepare(app);
  slack.sendEventsTo(await listen((request, response) => receiver.requestListener(request, response)));
  return app;
}

function boltApp(slack: SlackEmulator, receiver: SocketModeReceiver | HTTPReceiver): App {
  const { userId: botUserId, botId } = slack.bot;
  const clientOptions = { slackApiUrl: slack.apiUrl };
  return new App({
    token: slack.botToken,
    botId,
    botUserId,
    receiver,
    clientOptions,
    logger: silent,
    convoStore: false,
  });
}

/** Starts a server on a free port and returns the URL for `/slack/events`. */
export async function listen(handle: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  finallyDo(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`;
}

export interface Received {
  readonly type: string;
  readonly body: Record<string, unknown> & { event?: Record<string, unknown>; event_id?: string };
  readonly retry_num?: number;
  readonly retry_reason?: string;
  ack(response?: object): Promise<void>;
}

/** A Socket Mode client that hands over everything it receives; acknowledging is up to `receive`. */
export async function socketClient(
  slack: SlackEmulator,
  receive: (event: Received) => void,
): Promise<SocketModeClient> {
  const client = new SocketModeClient({
    appToken: slack.appToken,
    logger: silent,
    clientPingTimeout: PING_TIMEOUT_MS,
    clientOptions: { slackApiUrl: slack.apiUrl },
  });
  client.on("slack_event", receive);
  await client.start();
  finallyDo(() => {
    forgetReconnecting(client);
    return client.disconnect();
  });
  return client;
}

/** A reconnection of the SDK's own that is under way when it is told to stop rejects with nothing, and nobody listens. */
function forgetReconnecting(client: SocketModeClient): void {
  client.removeAllListeners("disconnected");
}
