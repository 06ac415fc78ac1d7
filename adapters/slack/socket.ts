/**
 * Socket Mode: Slack's deliveries over a WebSocket that the bridge opens. Each connection is a new client of the SDK, and
 * reconnecting is done here: the SDK's own reconnecting ends the process by an unhandled rejection when a token was
 * revoked meanwhile, and waits five seconds at every routine refresh.
 */
import { SocketModeClient } from "@slack/socket-mode";
import type { WebClientOptions } from "@slack/web-api";
import { ConfigError, RetryLater } from "../../src/errors.js";
import { faultPoint } from "../../src/fault-point.js";
import type { Logger } from "../../src/log.js";
import { accessProblem, classify } from "./errors.js";
import { createPulse } from "./pulse.js";
import type { Connection, Take } from "./receiver.js";
import { droppedFrame } from "./wire.js";

export interface SocketOptions {
  readonly appToken: string;
  /** Made anew for each connection, because the SDK writes into it. */
  readonly clientOptions: () => WebClientOptions;
  /** How long Slack may take to say hello, and how long to close. */
  readonly timeoutMs: number;
}

export interface SocketDeps {
  readonly logger: Logger;
  readonly now: () => number;
  /** Called when a connection is there again after a while without one. */
  readonly gap: () => void;
  /** Resolves after `ms`, or at once when aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

interface Link {
  readonly client: SocketModeClient;
  readonly since: number;
  /** Resolves when the connection is no more. */
  readonly ended: Promise<void>;
  /** From now on deliveries are taken; those that came before first. */
  readonly admit: () => void;
}

export function createSocketConnection(options: SocketOptions, deps: SocketDeps): Connection {
  const { logger } = deps;
  let stopping = new AbortController();
  let current: Link | undefined;
  let keeping: Promise<void> = Promise.resolve();
  let trouble: string | undefined = "not started yet";
  const pulse = createPulse(deps.now, renewalMs);

  const open = async (take: Take): Promise<Link> => {
    const { signal } = stopping;
    const link = await connect(take, options, deps);
    if (signal.aborted) {
      await closed(link);
      throw new RetryLater("The bridge stopped while Slack was connecting.");
    }
    trouble = undefined;
    current = link;
    return link;
  };

  /** Tries until it is connected again; undefined when stopped meanwhile. */
  const reopen = async (take: Take, firstWaitMs: number): Promise<Link | undefined> => {
    for (let waitMs = firstWaitMs; ; waitMs = nextWait(waitMs)) {
      await deps.sleep(waitMs, stopping.signal);
      if (stopping.signal.aborted) return undefined;
      try {
        return await open(take);
      } catch (error) {
        const reason = reasonOf(error);
        trouble = reason.message;
        logger.warn({ reason: reason.message }, "Slack is not connected; trying again");
        if (reason instanceof RetryLater && reason.afterMs !== undefined) waitMs = Math.max(waitMs, reason.afterMs);
      }
    }
  };

  const keep = async (take: Take, first: Link): Promise<void> => {
    for (let link: Link | undefined = first; link !== undefined;) {
      await link.ended;
      if (stopping.signal.aborted) return;
      trouble = "the connection was closed and is being renewed";
      const lostAt = deps.now();
      // A routine refresh is renewed at once; a connection that does not last is not to be hammered.
      link = await reopen(take, deps.now() - link.since > steadyMs ? 0 : shortestWaitMs);
      // Who stood still notices the end of a connection hours after it, perhaps. Either way: a clock that was set meanwhile must not hide
      // a gap.
      const away = pulse.stoodStill() || Math.abs(deps.now() - lostAt) > renewalMs;
      if (link !== undefined && away) deps.gap();
      link?.admit();
    }
  };

  return {
    async connect(take) {
      stopping = new AbortController();
      const first = await open(take).catch((error: unknown) => {
        const problem = accessProblem(error);
        throw problem === undefined ? reasonOf(error) : new ConfigError([`slack.appToken: ${problem}`]);
      });
      first.admit();
      pulse.start();
      keeping = keep(take, first);
    },
    async disconnect() {
      stopping.abort();
      pulse.stop();
      trouble = "stopped";
      // The SDK waits half a minute for a peer that does not answer the farewell.
      if (current !== undefined) await within(options.timeoutMs, closed(current)).catch(() => {});
      await within(options.timeoutMs, keeping).catch(() => {});
    },
    unwell: () => trouble,
  };
}

/** A routine renewal takes less; what could not be delivered in so short a time Slack delivers again. */
const renewalMs = 5000;
const steadyMs = 10_000;
const shortestWaitMs = 1000;
const longestWaitMs = 30_000;
const nextWait = (waitMs: number): number => Math.min(Math.max(waitMs * 2, shortestWaitMs), longestWaitMs);

async function closed({ client, ended }: Link): Promise<void> {
  await Promise.race([client.disconnect(), ended]);
}

/** Resolves at Slack's hello. */
async function connect(take: Take, options: SocketOptions, deps: SocketDeps): Promise<Link> {
  const clientOptions = options.clientOptions();
  const client = new SocketModeClient({
    appToken: options.appToken,
    autoReconnectEnabled: false,
    clientOptions,
    ...(clientOptions.logger === undefined ? {} : { logger: clientOptions.logger }),
  });
  const ended = new Promise<void>((resolve) => client.once("disconnected", () => resolve()));
  surviveMalformedFrames(client, deps.logger);
  let admit = (): void => {};
  // What comes with the greeting waits until it is known whether there was a gap.
  const admitted = new Promise<void>((resolve) => (admit = resolve));
  client.on("slack_event", (delivery: Delivery) => void admitted.then(() => handle(delivery, take, deps.logger)));
  try {
    await within(options.timeoutMs * 2, client.start());
  } catch (error) {
    void client.disconnect();
    throw error;
  }
  return { client, since: deps.now(), ended, admit };
}

interface Delivery {
  readonly body: Record<string, unknown>;
  readonly ack: (answer?: unknown) => Promise<void>;
  readonly retry_num?: number;
}

async function handle({ body, ack, retry_num }: Delivery, take: Take, logger: Logger): Promise<void> {
  let answer: unknown;
  try {
    answer = await take(body);
  } catch (error) {
    logger.warn({ err: error, retry: retry_num }, "an event of Slack's was not stored; Slack delivers it again");
    return;
  }
  // The connection it came by may have gone meanwhile: Slack delivers it again, and it is known then.
  await ack(answer).catch(() => logger.debug({}, "an event of Slack's was stored but not acknowledged"));
  faultPoint("slack.acknowledged");
}

/** The SDK reads frames in an async listener whose failures nobody catches: a frame of a form that it does not expect would end the process. */
function surviveMalformedFrames(client: SocketModeClient, logger: Logger): void {
  const listeners = client.listeners("ws_message");
  client.removeAllListeners("ws_message");
  client.on("ws_message", (frame: unknown, ...more: unknown[]) => {
    for (const listener of listeners) {
      Promise.resolve(listener.apply(client, [readable(frame), ...more])).catch((error: unknown) =>
        logger.warn({ err: error }, "Slack sent something that could not be read"),
      );
    }
  });
}

/** The SDK looks into every `events_api` frame for an event. `app_rate_limited` has none: under its own name it is handed on. */
function readable(frame: unknown): unknown {
  const raw = String(frame);
  if (!raw.includes("app_rate_limited")) return frame;
  const dropped = droppedFrame.safeParse(raw);
  return dropped.success ? JSON.stringify({ ...dropped.data, type: dropped.data.payload.type }) : frame;
}

function reasonOf(error: unknown): Error {
  const reason = classify(error, { method: "apps.connections.open", repeats: "same" });
  // When the socket closes before the hello, the SDK rejects with nothing at all.
  return reason instanceof Error ? reason : new RetryLater("Slack closed the connection before it was ready.");
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new RetryLater("Slack's connection took too long.")), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
