/** A text the way Telegram's clients show it: cut into segments, each with its styles. */
import type { MessageEntity } from "@grammyjs/types";
import { detectEntities } from "./detect.js";

export interface Segment {
  readonly text: string;
  /** Types of the entities that the sender gave: `bold`, `italic`, `text_link` … */
  readonly styles: readonly MessageEntity["type"][];
  /** Types of the entities that Telegram finds by itself: `url`, `mention`, `bot_command`, `phone_number` … */
  readonly detected: readonly MessageEntity["type"][];
  /** Where a `text_link` leads. */
  readonly link?: string;
}

export function renderText(text: string, given: readonly MessageEntity[]): readonly Segment[] {
  const found = detectEntities(text, given);
  const edges = [0, text.length, ...[...given, ...found].flatMap(({ offset, length }) => [offset, offset + length])];
  const cuts = [...new Set(edges)].toSorted((a, b) => a - b);
  return cuts.slice(0, -1).map((from, index) => {
    const inside = (entity: MessageEntity) => entity.offset <= from && from < entity.offset + entity.length;
    const links = given.filter((entity) => entity.type === "text_link").filter(inside);
    return {
      text: text.slice(from, cuts[index + 1]),
      styles: given.filter(inside).map((entity) => entity.type),
      detected: found.filter(inside).map((entity) => entity.type),
      ...(links[0] === undefined ? {} : { link: links[0].url }),
    };
  });
}
