/** A thread that had to be opened anew begins with what was said last. The PBX keeps the texts; we do not. */
import { BRIDGE } from "../bridge.js";
import { Stopping } from "../errors.js";
import type { Conversation, Post } from "../message.js";
import type { PbxMessage } from "../pbx/types.js";
import { isOf, type Parts } from "./parts.js";
import { within } from "./within.js";

const LAST_TEXTS = 5;
const LOOK_BACK_MS = 14 * 24 * 3_600_000;
const TEXT_UNITS = 280;
/** One page of the PBX's list. */
const LOOK_THROUGH = 100;
/** The text that waits below is worth more than what went before. */
const PATIENCE_MS = 3000;

/**
 * `toCome`: the texts that follow right below and need no repetition. Without the PBX's list the thread opens with a line that says so.
 * Rejects with `Stopping` only.
 */
export async function recapOf(
  { pbx, clock, logger }: Parts,
  conversation: Conversation,
  toCome: readonly string[],
): Promise<Post> {
  const now = clock.now();
  const intro = "The earlier thread is gone; this one takes its place.";
  try {
    const asked = { since: now - LOOK_BACK_MS, order: "newest-first", limit: LOOK_THROUGH } as const;
    const listed = await within(PATIENCE_MS, clock, (over) =>
      pbx.messages.list(conversation.extension, { ...asked, over }),
    );
    const earlier = without(
      listed.filter((each) => isOf(conversation, each)),
      toCome,
    );
    const last = earlier.slice(0, LAST_TEXTS).toReversed();
    const lines = last.map((each) => lineOf(each, conversation));
    return notice(lines.length === 0 ? intro : `${intro} The last texts:\n${lines.join("\n")}`, now);
  } catch (error) {
    if (error instanceof Stopping) throw error;
    logger.warn({ err: error }, "no recap: the PBX did not give its list of messages");
    return notice(`${intro} The PBX did not give the earlier texts; they are in its own list.`, now);
  }
}

/** Each text to come takes away the newest equal one, and no more: the same words may have been said before. */
function without(newestFirst: readonly PbxMessage[], toCome: readonly string[]): readonly PbxMessage[] {
  const left = toCome.map((text) => text.trim());
  return newestFirst.filter(({ text }) => {
    const at = left.indexOf(text.trim());
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function lineOf({ direction, text, at }: PbxMessage, { line }: Conversation): string {
  const time = at === undefined ? "" : `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC `;
  const short = text.length > TEXT_UNITS ? `${Array.from(text).slice(0, TEXT_UNITS).join("")}…` : text;
  // Or a line of theirs could look like one of ours.
  const inset = short.replaceAll(LINE_BREAK, "\n    ");
  return `${time}${direction === "in" ? "→ in" : `← ${line}`}: ${inset}`;
}

/** Whatever a platform may show as one. */
const LINE_BREAK = /\r\n?|[\n\v\f\u0085\u2028\u2029]/g;

function notice(text: string, at: number): Post {
  return { speaker: BRIDGE, texts: [{ text, at }] };
}
