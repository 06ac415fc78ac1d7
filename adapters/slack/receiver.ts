/**
 * Bolt's receiver, in our own hands. Bolt's receivers tell Slack "received" before a listener has run, so that a crash
 * loses the event; this one says so when all listeners are done, which is when the event is stored.
 */
import type { App, Receiver } from "@slack/bolt";
import { RetryLater } from "../../src/errors.js";
import { faultPoint } from "../../src/fault-point.js";

/** What Slack delivered, and what to answer it: for a slash command, a message; mostly nothing. Rejects if not stored. */
export type Take = (body: Record<string, unknown>) => Promise<unknown>;

/** The way that Slack's deliveries come in. */
export interface Connection {
  /** Resolves once connected; keeps connected by itself from then on. */
  connect(take: Take): Promise<void>;
  disconnect(): Promise<void>;
  /** Why nothing comes in at the moment; undefined: all is well. */
  unwell(): string | undefined;
}

export interface SlackReceiver extends Receiver {
  readonly take: Take;
}

/** `dropped`: called when Slack tells that it had more to tell than it delivers in an hour, and has dropped the rest. */
export function createReceiver(connection: Connection, dropped: () => void): SlackReceiver {
  let app: App | undefined;
  let open = false;
  const underWay = new Set<Promise<unknown>>();

  const process = async (to: App, body: Record<string, unknown>): Promise<unknown> => {
    let answer: unknown;
    const ack = async (response?: unknown): Promise<void> => {
      answer = response;
    };
    await to.processEvent({ body, ack });
    faultPoint("slack.stored");
    return answer;
  };

  const take: Take = async (body) => {
    if (app === undefined || !open) throw new RetryLater("The bridge takes no events from Slack at the moment.");
    if (body["type"] === "app_rate_limited") dropped();
    const work = process(app, body);
    underWay.add(work);
    return work.finally(() => underWay.delete(work));
  };

  return {
    take,
    init: (of) => {
      app = of;
    },
    async start() {
      open = true;
      await connection.connect(take);
    },
    async stop() {
      open = false;
      await Promise.allSettled(underWay);
      // One more turn, in which the finished ones are acknowledged.
      await new Promise((resolve) => setImmediate(resolve));
      await connection.disconnect();
    },
  };
}
