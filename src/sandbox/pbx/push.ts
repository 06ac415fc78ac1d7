/** Sends events to their subscribers, in order within a conversation, side by side otherwise. */
import { setMaxListeners } from "node:events";
import fetch from "node-fetch";
import { limited } from "../time-limit.js";
import type { EventRetries, PushedEvent, SimulatedSubscription } from "./types.js";

/** The bridge answers within milliseconds; a subscriber that hangs must not hold up the rest for good. */
const timeoutMs = 10_000;

type Attempt = PushedEvent["attempts"][number];

export type Push = ReturnType<typeof createPush>;

export function createPush(options: {
  readonly retries: EventRetries;
  readonly now: () => number;
  readonly onChange: () => void;
}) {
  const log: (Omit<PushedEvent, "attempts"> & { attempts: Attempt[] })[] = [];
  const ends = new Map<string, Promise<void>>();
  const outstanding = new Set<Promise<void>>();
  const closing = new AbortController();
  const pauses = new Set<() => void>();
  // Every call under way listens to it.
  setMaxListeners(0, closing.signal);

  /** Ends early when the PBX closes. */
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        pauses.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      pauses.add(end);
    });

  const track = (work: Promise<void>): Promise<void> => {
    outstanding.add(work);
    return work.finally(() => outstanding.delete(work));
  };
  const attempt = async (event: (typeof log)[number]): Promise<boolean> => {
    const at = options.now();
    const answer = await request(event, closing.signal);
    event.attempts.push({ at, ...answer });
    options.onChange();
    return answer.status !== undefined && answer.status < 300;
  };
  /** Later attempts hold up nobody unless told: what the PBX does is unknown, so the bridge must bear the wildest order. */
  const again = async (event: (typeof log)[number]): Promise<void> => {
    for (let turn = 0; turn < options.retries.times; turn++) {
      await pause(options.retries.waitMs);
      if (closing.signal.aborted || (await attempt(event))) return;
    }
  };
  const one = async (
    subscription: SimulatedSubscription,
    type: string,
    fields: Record<string, string>,
  ): Promise<void> => {
    const event = { type, url: subscription.url, method: subscription.method, fields, attempts: [] };
    log.push(event);
    if (closing.signal.aborted || (await attempt(event))) return;
    const repeated = track(again(event));
    if (options.retries.inTurn === true) await repeated;
  };

  return {
    log: (): readonly PushedEvent[] => log.map((event) => ({ ...event, attempts: [...event.attempts] })),
    /** After what was pushed for this conversation before. */
    later(conversation: string, work: () => Promise<void>): void {
      const end = (ends.get(conversation) ?? Promise.resolve()).then(work);
      ends.set(conversation, end);
      const forget = () => {
        if (ends.get(conversation) === end) ends.delete(conversation);
      };
      void track(end.then(forget));
    },
    one,
    /** Runs `work` unless closed before. */
    after(ms: number, work: () => void): void {
      const waited = pause(ms).then(() => {
        if (!closing.signal.aborted) work();
      });
      void track(waited);
    },
    async idle(): Promise<void> {
      while (outstanding.size > 0) await Promise.allSettled(outstanding);
    },
    async close(): Promise<void> {
      closing.abort();
      for (const end of pauses) end();
      await Promise.allSettled(outstanding);
    },
  };
}

async function request(event: PushedEvent, closing: AbortSignal): Promise<{ status?: number; error?: string }> {
  const form = new URLSearchParams(event.fields).toString();
  const url = event.method === "GET" ? `${event.url}${event.url.includes("?") ? "&" : "?"}${form}` : event.url;
  const post = { body: form, headers: { "Content-Type": "application/x-www-form-urlencoded" } };
  try {
    return await limited(timeoutMs, closing, async (signal) => {
      const response = await fetch(url, {
        method: event.method,
        redirect: "manual",
        signal,
        ...(event.method === "POST" ? post : {}),
      });
      await response.arrayBuffer();
      return { status: response.status };
    });
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
