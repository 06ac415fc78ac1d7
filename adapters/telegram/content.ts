/** What a message holds, in our words: its text, and whatever cannot travel as text. */
import type { WireMessage } from "./wire.js";

/**
 * The text or caption, verbatim but for links hidden behind words: their address follows the words, or it would be lost. What was
 * forwarded has none: others wrote it, perhaps for the team only, or another contact did.
 */
export function textOf(message: WireMessage): string {
  if (isForwarded(message)) return "";
  const text = message.text ?? message.caption ?? "";
  const links = entitiesOf(message).filter(({ type, url }) => type === "text_link" && url !== undefined);
  return links
    .toSorted((a, b) => b.offset + b.length - (a.offset + a.length))
    .reduce((words, { offset, length, url = "" }) => {
      const label = words.slice(offset, offset + length);
      const end = offset + length;
      return sameAddress(label, url) ? words : `${words.slice(0, end)} (${url})${words.slice(end)}`;
    }, text);
}

/** Of the text or caption. */
export function entitiesOf(message: WireMessage): NonNullable<WireMessage["entities"]> {
  return (message.text === undefined ? message.caption_entities : message.entities) ?? [];
}

function sameAddress(label: string, url: string): boolean {
  const bare = (address: string) => address.replace(/^https?:\/\//i, "").replace(/\/$/, "");
  return bare(label.trim()) === bare(url);
}

/** An animation comes with a `document` and a venue with a `location`, for old clients: the first that fits counts. */
const KINDS: readonly (readonly [keyof WireMessage, string])[] = [
  ["photo", "a photo"],
  ["live_photo", "a live photo"],
  ["animation", "an animation"],
  ["video", "a video"],
  ["video_note", "a video message"],
  ["voice", "a voice message"],
  ["audio", "an audio file"],
  ["document", "a file"],
  ["sticker", "a sticker"],
  ["venue", "a place"],
  ["location", "a location"],
  ["contact", "a contact card"],
  ["poll", "a poll"],
  ["checklist", "a checklist"],
  ["dice", "a dice"],
  ["game", "a game"],
  ["story", "a story"],
  ["invoice", "an invoice"],
  ["giveaway", "a giveaway"],
  ["paid_media", "paid media"],
  ["rich_message", "a formatted message"],
];

export function filesOf(message: WireMessage): readonly string[] {
  if (isForwarded(message)) return ["a forwarded message"];
  const kind = KINDS.find(([key]) => message[key] !== undefined);
  if (!kind) return [];
  const file = message.document ?? message.video ?? message.audio ?? message.animation;
  return [file?.file_name ?? kind[1]];
}

function isForwarded(message: WireMessage): boolean {
  return message.forward_origin !== undefined;
}
