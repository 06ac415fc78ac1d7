/**
 * Telegram's limits, as sliding windows: a send a second in a chat, 20 sends, edits and topic openings a minute in a group,
 * 30 of them a second over all. Reactions are free. Telegram promises none of these numbers.
 */
import { tooManyRequests } from "./errors.js";

export interface Pace {
  /** Throws the 429 that Telegram would answer. */
  check(method: string, chatId: number): void;
  /** Counts a call that took effect. */
  spend(method: string, chatId: number): void;
}

interface Limit {
  readonly key: string;
  readonly most: number;
  readonly perMs: number;
}

const SENDS = ["sendmessage"];
const COUNTED = [...SENDS, "editmessagetext", "editmessagereplymarkup", "createforumtopic"];
/** A sender that keeps to one a second is not refused for the jitter of its network. */
const TOLERANCE_MS = 50;

function limitsOf(method: string, chatId: number): readonly Limit[] {
  if (!COUNTED.includes(method)) return [];
  return [
    { key: "all", most: 30, perMs: 1000 },
    ...(SENDS.includes(method) ? [{ key: `sends ${chatId}`, most: 1, perMs: 1000 }] : []),
    ...(chatId < 0 ? [{ key: `group ${chatId}`, most: 20, perMs: 60_000 }] : []),
  ];
}

export function createPace(now: () => number): Pace {
  const spent = new Map<string, readonly number[]>();

  function waitFor({ key, most, perMs }: Limit): number {
    const window = (spent.get(key) ?? []).filter((at) => at > now() - perMs + TOLERANCE_MS);
    spent.set(key, window);
    const oldest = window.at(-most);
    return oldest === undefined ? 0 : oldest + perMs - now();
  }

  return {
    check(method, chatId) {
      const waitMs = Math.max(0, ...limitsOf(method, chatId).map((limit) => waitFor(limit)));
      if (waitMs > 0) throw tooManyRequests(Math.ceil(waitMs / 1000));
    },
    spend(method, chatId) {
      for (const { key } of limitsOf(method, chatId)) spent.set(key, [...(spent.get(key) ?? []), now()]);
    },
  };
}
