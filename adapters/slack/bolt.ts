/** Bolt, set up to do nothing behind our back: it tells kinds of deliveries apart and calls the listeners. */
import { App, type Receiver } from "@slack/bolt";
import type { Logger as SdkLogger, WebClientOptions } from "@slack/web-api";

export interface Listeners {
  /** Rejects when an event could not be stored. */
  readonly event: (body: unknown) => Promise<void>;
  /** Somebody came into a channel. */
  readonly joined: (body: unknown) => Promise<void>;
  readonly press: (body: unknown) => Promise<void>;
  /** What a person who uses the command is answered. */
  readonly command: () => { readonly response_type: "ephemeral"; readonly text: string };
}

export interface BoltOptions {
  readonly receiver: Receiver;
  /** The slash command. */
  readonly command: string;
  readonly clientOptions: WebClientOptions;
  readonly logger: SdkLogger;
}

export function createBolt({ receiver, command, clientOptions, logger }: BoltOptions, listeners: Listeners): App {
  const app = new App({
    receiver,
    // The token is checked in the adapter's `start`, where a failure can be told apart; listeners use none of Bolt's clients.
    authorize: async () => ({}),
    tokenVerificationEnabled: false,
    convoStore: false,
    // Own words are told apart in `from-slack`, edits and deletions included, which Bolt's filter lets through.
    ignoreSelf: false,
    clientOptions,
    logger,
  });
  // What a listener throws must reach the receiver: it is what keeps Slack from hearing "received".
  app.error(async (error) => {
    throw error;
  });
  app.event("message", async ({ body }) => listeners.event(body));
  app.event("app_mention", async ({ body }) => listeners.event(body));
  app.event("member_joined_channel", async ({ body }) => listeners.joined(body));
  app.action(/^(retry|send|discard):/, async ({ body }) => listeners.press(body));
  app.command(command, async ({ ack }) => ack(listeners.command()));
  return app;
}
