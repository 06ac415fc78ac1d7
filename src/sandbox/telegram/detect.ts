/**
 * The entities that Telegram finds in a text by itself and shows as links. Rules simplified from Telegram's: enough to tell
 * where a contact's words would turn into a link, a command or a mention.
 */
import type { MessageEntity } from "@grammyjs/types";
import { outerFirst } from "./entities.js";

type Found = "url" | "email" | "mention" | "bot_command" | "phone_number" | "hashtag";

/** Earlier patterns win where two overlap. */
const PATTERNS: readonly (readonly [Found, RegExp])[] = [
  ["email", /(?<![\w.@+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}/gi],
  ["url", /(?<![\w@.-])(?:(?:https?|ftp):\/\/[^\s<>"]+[^\s<>".,!?;:)\]'»]|tg:\/\/[^\s<>"]+)/gi],
  [
    "url",
    /(?<![\w@./-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|ru|de|uk|co|me|info|app|dev|ly|us)(?![\w-])(?:\/[^\s<>"]*[\w/=&-])?/gi,
  ],
  ["mention", /(?<![\w@/.])@[a-z]\w{2,31}(?!\w)/gi],
  ["bot_command", /(?<![\w/<>@])\/[a-z0-9_]{1,64}(?:@\w{3,32})?(?![\w/<>])/gi],
  ["phone_number", /(?<![\w+])(?:\+\d[\d ().-]{6,18}\d|\(\d{3}\) ?\d{3}-\d{4}|\d{3}-\d{3}-\d{4})(?!\w)/g],
  ["hashtag", /(?<![\w&#])#(?=\w*[a-z_])\w{1,256}/gi],
];

/** Nothing is looked for inside these. */
const OPAQUE = ["code", "pre", "text_link", "text_mention", "custom_emoji"];

export function detectEntities(text: string, given: readonly MessageEntity[] = []): readonly MessageEntity[] {
  const taken: MessageEntity[] = given.filter((entity) => OPAQUE.includes(entity.type));
  const found: MessageEntity[] = [];
  for (const [type, pattern] of PATTERNS) {
    for (const match of text.matchAll(pattern)) {
      const entity: MessageEntity = { type, offset: match.index, length: match[0].length };
      if (taken.some((other) => overlap(entity, other))) continue;
      taken.push(entity);
      found.push(entity);
    }
  }
  return found.toSorted(outerFirst);
}

export function overlap(a: MessageEntity, b: MessageEntity): boolean {
  return a.offset < b.offset + b.length && b.offset < a.offset + a.length;
}

/** Given and found entities as they stand in a message on the wire. */
export function withDetected(text: string, given: readonly MessageEntity[]): MessageEntity[] {
  return [...given, ...detectEntities(text, given)].toSorted(outerFirst);
}
