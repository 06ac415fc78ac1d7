/**
 * Slack's names for things, as ids of the bridge and back. Slack identifies a message by its channel and its `ts`, a
 * decimal number that must stay a string: as a number it loses digits.
 */
import type { Opened } from "../../src/adapter.js";
import type { Place, PostId, ThreadId } from "../../src/message.js";

export const platform = "slack";

/** A message in a channel. Of a thread, its root. */
export interface Where {
  readonly channel: string;
  readonly ts: string;
}

export const placeOf = (channel: string): Place => ({ platform, chat: channel });

export const threadIdOf = ({ channel, ts }: Where): ThreadId => `${channel}:${ts}` as ThreadId;

export const postIdOf = ({ channel, ts }: Where): PostId => `${channel}:${ts}` as PostId;

/** Of the thread below this message, which shows the card. */
export const openedAt = (root: Where): Opened => ({ thread: threadIdOf(root), card: postIdOf(root) });

/** Throws on an id that this file did not build: that is a bug of the caller. */
export function whereOf(id: ThreadId | PostId): Where {
  const parts = /^([^:]+):(\d+\.\d+)$/.exec(id);
  const [, channel, ts] = parts ?? [];
  if (channel === undefined || ts === undefined) throw new Error("This is not the id of a Slack thread or post.");
  return { channel, ts };
}

/** Epoch ms of a `ts`. */
export const timeOf = (ts: string): number => Math.floor(Number(ts) * 1000);

/** The `ts` of a moment, for use as a bound. `at`: epoch ms. */
export const tsOf = (at: number): string => (Math.max(0, at) / 1000).toFixed(6);
