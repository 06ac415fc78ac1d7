/** The text of a message and its entities: what Telegram refuses, what it cleans away before it stores a text. */
import type { MessageEntity } from "@grammyjs/types";
import { badRequest } from "./errors.js";
import type { Params } from "./params.js";
import { isRecord } from "./params.js";

export interface Formatted {
  readonly text: string;
  readonly entities: readonly MessageEntity[];
}

/** UTF-16 units, counted after markup is parsed. */
const LONGEST_TEXT = 4096;

/** What a bot may set. The types that Telegram finds by itself (url, mention …) are accepted and ignored. */
const SETTABLE = [
  "bold",
  "italic",
  "underline",
  "strikethrough",
  "spoiler",
  "blockquote",
  "expandable_blockquote",
  "code",
] as const;
/** Carriage return, line and paragraph separators, direction overrides, and combining marks that stack up. */
const VANISHING: ReadonlySet<string> = new Set(
  [0x0d, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x0333, 0x033f, 0x030a].map((code) =>
    String.fromCodePoint(code),
  ),
);
const FOUND_BY_TELEGRAM = ["mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"];

/** Reads the `entities` parameter. Anything but an array counts as none, as on Telegram's server. */
export function readEntities(value: unknown): readonly MessageEntity[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => readEntity(item));
}

function readEntity(value: unknown): MessageEntity[] {
  const refuse = (why: string) => badRequest(`can't parse MessageEntity: ${why}`);
  if (!isRecord(value)) throw refuse("expected an Object");
  const offset = requiredInteger(value, "offset", refuse);
  const length = requiredInteger(value, "length", refuse);
  const { type } = value;
  if (typeof type !== "string") throw refuse(`Can't find field "type"`);
  const settable = SETTABLE.find((name) => name === type);
  if (settable !== undefined) return [{ type: settable, offset, length }];
  if (FOUND_BY_TELEGRAM.includes(type)) return [];
  switch (type) {
    case "pre":
      return [{ type, offset, length, ...(typeof value.language === "string" ? { language: value.language } : {}) }];
    case "text_link":
      return [{ type, offset, length, url: linkOf(value.url) }];
    case "custom_emoji":
      return [{ type, offset, length, custom_emoji_id: String(value.custom_emoji_id) }];
    default:
      throw refuse("Unsupported type specified");
  }
}

function requiredInteger(value: Params, name: string, refuse: (why: string) => Error): number {
  const number = Number(value[name]);
  if (value[name] === undefined) throw refuse(`Can't find field "${name}"`);
  if (!Number.isInteger(number)) throw refuse(`Field "${name}" must be of type Number`);
  return number;
}

function linkOf(url: unknown): string {
  if (typeof url !== "string") throw badRequest(`can't parse MessageEntity: Can't find field "url"`);
  if (!URL.canParse(url.includes(":") ? url : `http://${url}`)) {
    throw badRequest(`entity URL '${url}' is invalid: Wrong HTTP URL`);
  }
  return url;
}

/** Checks the entities against the text, cleans and trims it, and checks its length. */
export function fitText(raw: Formatted): Formatted {
  for (const entity of raw.entities) checkRange(raw.text, entity);
  const entities = raw.entities.filter((entity) => entity.length > 0).toSorted(outerFirst);
  const fitted = trim(clean({ text: raw.text, entities }));
  if (fitted.text === "") throw badRequest("text must be non-empty");
  if (fitted.text.length > LONGEST_TEXT) throw badRequest("message is too long");
  return fitted;
}

export function outerFirst(a: MessageEntity, b: MessageEntity): number {
  return a.offset - b.offset || b.length - a.length;
}

function checkRange(text: string, { offset, length }: MessageEntity): void {
  if (offset < 0 || offset > 1_000_000) throw badRequest(`receive an entity with incorrect offset ${offset}`);
  if (length < 0 || length > 1_000_000) throw badRequest(`receive an entity with incorrect length ${length}`);
  if (length === 0) return;
  const end = offset + length;
  if (offset > text.length) {
    throw badRequest(`entity begins after the end of the text at UTF-16 offset ${offset}`);
  }
  if (end > text.length) {
    throw badRequest(
      `entity beginning at UTF-16 offset ${offset} ends after the end of the text at UTF-16 offset ${end}`,
    );
  }
  if (splitsPair(text, offset)) {
    const byte = Buffer.byteLength(text.slice(0, offset + 1));
    throw badRequest(`entity begins in a middle of a UTF-16 symbol at byte offset ${byte}`);
  }
  if (splitsPair(text, end)) {
    const byte = Buffer.byteLength(text.slice(0, end + 1));
    throw badRequest(
      `entity beginning at UTF-16 offset ${offset} ends in a middle of a UTF-16 symbol at byte offset ${byte}`,
    );
  }
}

function splitsPair(text: string, at: number): boolean {
  return /[\uD800-\uDBFF]/.test(text[at - 1] ?? "") && /[\uDC00-\uDFFF]/.test(text[at] ?? "");
}

/** Control characters become spaces, some characters vanish. */
function clean({ text, entities }: Formatted): Formatted {
  const kept = [0];
  let result = "";
  for (const unit of text.split("")) {
    if (VANISHING.has(unit)) {
      kept.push(result.length);
      continue;
    }
    result += unit < " " && unit !== "\n" ? " " : unit;
    kept.push(result.length);
  }
  return { text: result, entities: moveEntities(entities, (at) => kept[at] ?? result.length) };
}

/** Trailing blanks go always, leading blanks only up to the first entity: Telegram's own rule. */
function trim({ text, entities }: Formatted): Formatted {
  const end = text.trimEnd().length;
  const kept = entities.filter((entity) => text.slice(entity.offset, entity.offset + entity.length).trim() !== "");
  const blanks = /^[ \n]*/.exec(text)?.[0].length ?? 0;
  const start = Math.min(blanks, kept[0]?.offset ?? end);
  return { text: text.slice(start, end), entities: moveEntities(kept, (at) => Math.min(at, end) - start) };
}

function moveEntities(entities: readonly MessageEntity[], move: (at: number) => number): readonly MessageEntity[] {
  return entities.flatMap((entity) => {
    const offset = move(entity.offset);
    const length = move(entity.offset + entity.length) - offset;
    return length > 0 ? [{ ...entity, offset, length }] : [];
  });
}
