/** What the app has to receive: wrapped as Slack wraps it, and delivered again until it is acknowledged or given up. */
import { setMaxListeners } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import type { Channel, SlackEvent } from "./types.js";
import type { Workspace } from "./workspace.js";

export type Kind = "events_api" | "interactive" | "slash_commands";

export interface Delivery {
  readonly kind: Kind;
  readonly payload: Readonly<Record<string, unknown>>;
  /** 0 for the first time. */
  attempt: number;
  /** Why it is tried again; empty the first time. */
  reason: string;
  acknowledged: boolean;
}

export type Outcome =
  /** `response`: what came with the acknowledgement. */
  | { readonly is: "acknowledged"; readonly response?: unknown }
  | { readonly is: "failed"; readonly reason: string }
  /** The connection went away before the answer: tried again once there is a new one. */
  | { readonly is: "cut off"; readonly reason: string }
  /** The app asked not to be told again. */
  | { readonly is: "refused"; readonly reason: string };

export interface Transport {
  /** Resolves once it is acknowledged or has failed. An interaction that reaches nobody fails at once. */
  deliver(delivery: Delivery, signal: AbortSignal): Promise<Outcome>;
}

export interface Deliveries {
  tell(event: SlackEvent, channel: Channel | undefined): void;
  /** Interactions and commands are delivered once. Resolves to the answer; undefined: the person sees that the app failed. */
  ask(kind: "interactive" | "slash_commands", payload: Readonly<Record<string, unknown>>): Promise<Answer | undefined>;
  /** Delivered or waiting, and not acknowledged. */
  unacknowledged(): readonly Delivery[];
  /** Given up after all repetitions, or on the app's word. */
  lost(): readonly Delivery[];
  /** Waits between repetitions, in ms. */
  retryAfter(delaysMs: readonly number[]): void;
  /** So many acknowledgements are lost on the way: what was received comes again. */
  loseAcks(times: number): void;
  /** While it is so, nothing that happens is told at all. */
  forgets(is: boolean): void;
  /** Held back: events wait, interactions fail. */
  hold(is: boolean): void;
  close(): void;
}

export interface Answer {
  readonly response?: unknown;
}

/** The three repetitions of the Events API: at once, after a minute, after five (docs.slack.dev/apis/events-api). */
export const RETRY_DELAYS_MS = [0, 60_000, 300_000];

/** The app that is told, and the way to it. */
export interface Listening {
  readonly workspace: Workspace;
  /** The bot events that it asked for, by the names that they have in an app's settings: `message.groups`. */
  readonly subscribed: ReadonlySet<string>;
  readonly transport: () => Transport;
}

export function createDeliveries(
  { workspace, subscribed, transport }: Listening,
  changed: () => void,
  delaysMs: readonly number[] = RETRY_DELAYS_MS,
): Deliveries {
  const stopping = new AbortController();
  const open = new Set<Delivery>();
  const lost: Delivery[] = [];
  let delays = delaysMs;
  let acksToLose = 0;
  let forgetful = false;
  let held: { readonly until: Promise<void>; readonly release: () => void } | undefined;
  // Everything that waits listens for the end.
  setMaxListeners(0, stopping.signal);

  async function attempt(delivery: Delivery): Promise<Outcome> {
    await held?.until;
    stopping.signal.throwIfAborted();
    const outcome = await transport().deliver(delivery, stopping.signal);
    if (outcome.is !== "acknowledged" || acksToLose === 0) return outcome;
    acksToLose -= 1;
    delivery.acknowledged = false;
    return { is: "failed", reason: "timeout" };
  }

  async function repeat(delivery: Delivery): Promise<void> {
    for (let failures = 0; ; delivery.attempt += 1) {
      const outcome = await attempt(delivery);
      if (outcome.is === "acknowledged") break;
      delivery.reason = outcome.reason;
      if (outcome.is === "cut off") continue;
      const delay = outcome.is === "refused" ? undefined : delays[failures];
      if (delay === undefined) return void lost.push(delivery);
      failures += 1;
      await wait(delay, undefined, { signal: stopping.signal });
      if (delivery.acknowledged) break;
    }
    delivery.acknowledged = true;
  }

  async function send(kind: Kind, payload: Delivery["payload"]): Promise<void> {
    const delivery: Delivery = { kind, payload, attempt: 0, reason: "", acknowledged: false };
    open.add(delivery);
    await repeat(delivery).catch(ifStopped(stopping.signal));
    open.delete(delivery);
  }

  return {
    tell(event, channel) {
      changed();
      const reaches = channel === undefined || channel.members.has(workspace.bot.userId);
      if (!reaches || forgetful) return;
      const mentions = isMention(workspace, event) ? [{ ...event, type: "app_mention" }] : [];
      for (const each of [event, ...mentions])
        if (subscribed.has(subscriptionOf(each, channel)))
          void send("events_api", eventCallback(workspace, each, channel));
    },
    async ask(kind, payload) {
      if (held !== undefined) return undefined;
      const delivery: Delivery = { kind, payload, attempt: 0, reason: "", acknowledged: false };
      const outcome = await transport().deliver(delivery, stopping.signal).catch(ifStopped(stopping.signal));
      return outcome?.is === "acknowledged" ? outcome : undefined;
    },
    unacknowledged: () => [...open].filter(({ acknowledged }) => !acknowledged),
    lost: () => lost,
    retryAfter: (next) => void (delays = next),
    loseAcks: (times) => void (acksToLose = times),
    forgets: (is) => void (forgetful = is),
    hold(is) {
      held?.release();
      held = is ? gate() : undefined;
    },
    close() {
      stopping.abort();
      held?.release();
    },
  };
}

function gate(): { until: Promise<void>; release: () => void } {
  let release = () => {};
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { until, release: () => release() };
}

function ifStopped(signal: AbortSignal): (error: unknown) => undefined {
  return (error) => {
    if (!signal.aborted) throw error;
  };
}

function eventCallback(workspace: Workspace, event: SlackEvent, channel: Channel | undefined): Delivery["payload"] {
  const { team, bot } = workspace;
  const authorization = { enterprise_id: null, team_id: team.id, user_id: bot.userId, is_bot: true };
  return {
    token: "verification-token",
    team_id: team.id,
    context_team_id: team.id,
    context_enterprise_id: null,
    api_app_id: bot.appId,
    event,
    type: "event_callback",
    event_id: workspace.nextId("Ev"),
    event_time: Math.floor(workspace.now() / 1000),
    authorizations: [{ ...authorization, is_enterprise_install: false }],
    is_ext_shared_channel: channel?.extShared ?? false,
  };
}

/** Messages are subscribed to by the kind of their channel (docs.slack.dev/reference/events/message). */
function subscriptionOf({ type }: SlackEvent, channel: Channel | undefined): string {
  if (type !== "message" || channel === undefined) return type;
  const kinds = { public: "message.channels", private: "message.groups", im: "message.im" } as const;
  return kinds[channel.kind];
}

function isMention(workspace: Workspace, event: SlackEvent): boolean {
  if (event.type !== "message" || typeof event.text !== "string" || event.bot_id !== undefined) return false;
  return event.hidden !== true && new RegExp(`<@${workspace.bot.userId}(\\|[^>]*)?>`).test(event.text);
}
