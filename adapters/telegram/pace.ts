/**
 * What Telegram allows (core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this): about one message a second in
 * a chat, 20 a minute in a group, 30 a second over all. Sends, edits and the opening of topics share it (tdlib/td#2592);
 * reactions are not known to, so marks wait in a line of their own and hold up no text.
 */
import type { Pace, Rate, Work } from "../../src/adapter.js";
import type { Place } from "../../src/message.js";

/**
 * Telegram counts arrivals, and on the way two sends may come closer together than they left: each rate keeps a margin
 * below what is allowed, or an even stream would run into refusals that make everybody wait.
 */
const OVERALL: Rate = { kind: "bucket", key: "telegram", limit: 30, perMs: 35 };

export function paceOf({ chat }: Place, work: Work): Pace {
  const target = `telegram:${chat}`;
  if (work === "mark") {
    const key = `${target}:marks`;
    return { target: key, concurrency: 1, rates: [{ kind: "bucket", key, limit: 1, perMs: 300 }, OVERALL] };
  }
  const second: Rate = { kind: "bucket", key: `${target}:second`, limit: 1, perMs: 1050 };
  const minute: Rate = { kind: "window", key: `${target}:minute`, limit: 20, perMs: 60_500 };
  const group = chat.startsWith("-");
  return { target, concurrency: 1, rates: group ? [second, minute, OVERALL] : [second, OVERALL] };
}
