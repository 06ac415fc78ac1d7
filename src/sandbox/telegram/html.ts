/**
 * `parse_mode: "HTML"`, as strict as Telegram: an unknown, unbalanced or unclosed tag rejects the whole message.
 * Error texts and byte offsets follow tdlib's `MessageEntity.cpp`.
 */
import type { MessageEntity } from "@grammyjs/types";
import type { Formatted } from "./entities.js";
import { outerFirst } from "./entities.js";
import { badRequest } from "./errors.js";

type Kind = MessageEntity.CommonMessageEntity["type"];

const STYLES = new Map<string, Kind>([
  ["b", "bold"],
  ["strong", "bold"],
  ["i", "italic"],
  ["em", "italic"],
  ["u", "underline"],
  ["ins", "underline"],
  ["s", "strikethrough"],
  ["strike", "strikethrough"],
  ["del", "strikethrough"],
  ["tg-spoiler", "spoiler"],
  ["span", "spoiler"],
  ["code", "code"],
  ["blockquote", "blockquote"],
]);
const OTHER_TAGS = ["a", "pre", "tg-emoji"];
const NAMED = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
]);

interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly end: number;
}

export function parseHtml(source: string): Formatted {
  const entities: MessageEntity[] = [];
  const open: (Tag & { readonly from: number })[] = [];
  let text = "";
  let at = 0;
  while (at < source.length) {
    if (source.startsWith("</", at)) {
      const closing = closingTag(source, at, open.at(-1)?.name);
      const tag = open.pop();
      if (tag !== undefined) entities.push(...entityOf(tag, text));
      at = closing;
    } else if (source[at] === "<") {
      const tag = openingTag(source, at);
      open.push({ ...tag, from: text.length });
      at = tag.end;
    } else {
      const reference = characterReference(source, at);
      text += reference?.character ?? source[at] ?? "";
      at = reference?.end ?? at + 1;
    }
  }
  const last = open.at(-1);
  if (last !== undefined) throw refuse(`Can't find end tag corresponding to start tag "${last.name}"`);
  return { text, entities: entities.toSorted(outerFirst) };
}

function refuse(why: string): Error {
  return badRequest(`can't parse entities: ${why}`);
}

function byteAt(source: string, at: number): string {
  return `at byte offset ${Buffer.byteLength(source.slice(0, at))}`;
}

function match(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  const sticky = new RegExp(pattern, "iy");
  sticky.lastIndex = at;
  return sticky.exec(source);
}

function characterReference(source: string, at: number): { character: string; end: number } | undefined {
  const found = match(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));?/, source, at);
  if (found === null) return undefined;
  const [whole, decimal, hex, name] = found;
  const end = at + whole.length;
  if (name !== undefined) {
    const character = NAMED.get(name);
    return character === undefined ? undefined : { character, end };
  }
  const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
  return code > 0 && code < 0x10_ff_ff ? { character: String.fromCodePoint(code), end } : undefined;
}

function openingTag(source: string, at: number): Tag {
  const name = (match(/<([^\s>]*)/, source, at)?.[1] ?? "").toLowerCase();
  let end = at + 1 + name.length;
  if (end >= source.length) throw refuse(`Unclosed start tag ${byteAt(source, at)}`);
  if (!STYLES.has(name) && !OTHER_TAGS.includes(name)) {
    throw refuse(`Unsupported start tag "${name}" ${byteAt(source, at)}`);
  }
  const attributes = new Map<string, string>();
  while (match(/\s*>/, source, end) === null) {
    const found = match(/\s*([^\s=>/"']+)(?:\s*=\s*("[^"]*"|'[^']*'|[a-z0-9.-]*(?=[\s>])))?/, source, end);
    if (found === null) throw brokenTag(source, at, end, name);
    attributes.set((found[1] ?? "").toLowerCase(), decoded((found[2] ?? "").replaceAll(/^["']|["']$/g, "")));
    end += found[0].length;
  }
  if (name === "span" && attributes.get("class") !== "tg-spoiler") {
    throw refuse(`Tag "span" must have class "tg-spoiler" ${byteAt(source, at)}`);
  }
  return { name, attributes, end: source.indexOf(">", end) + 1 };
}

function brokenTag(source: string, at: number, end: number, name: string): Error {
  return /^\s*$/.test(source.slice(end)) || !source.includes(">", end)
    ? refuse(`Unclosed start tag "${name}" ${byteAt(source, at)}`)
    : refuse(`Empty attribute name in the tag "${name}" ${byteAt(source, at)}`);
}

function decoded(value: string): string {
  return value.replaceAll(/&[^;\s]+;/g, (reference) => characterReference(reference, 0)?.character ?? reference);
}

function closingTag(source: string, at: number, expected: string | undefined): number {
  if (expected === undefined) throw refuse(`Unexpected end tag ${byteAt(source, at)}`);
  const found = match(/<\/([^\s>]*)\s*>/, source, at);
  if (found === null) throw refuse(`Unclosed end tag ${byteAt(source, at)}`);
  const name = (found[1] ?? "").toLowerCase();
  if (name !== "" && name !== expected) {
    throw refuse(`Unmatched end tag ${byteAt(source, at)}, expected "</${expected}>", found "</${name}>"`);
  }
  return at + found[0].length;
}

function entityOf(tag: Tag & { readonly from: number }, text: string): MessageEntity[] {
  const offset = tag.from;
  const length = text.length - offset;
  if (length === 0) return [];
  const style = STYLES.get(tag.name);
  if (tag.name === "blockquote" && tag.attributes.has("expandable")) {
    return [{ type: "expandable_blockquote", offset, length }];
  }
  if (style !== undefined) return [{ type: style, offset, length }];
  if (tag.name === "pre") return [{ type: "pre", offset, length }];
  if (tag.name === "tg-emoji") return [customEmoji(tag, offset, length)];
  const url = tag.attributes.get("href") ?? text.slice(offset);
  return URL.canParse(url) ? [{ type: "text_link", offset, length, url }] : [];
}

function customEmoji(tag: Tag, offset: number, length: number): MessageEntity {
  const id = tag.attributes.get("emoji-id") ?? "";
  if (!/^[1-9]\d*$/.test(id)) throw badRequest("invalid custom emoji identifier specified");
  return { type: "custom_emoji", offset, length, custom_emoji_id: id };
}
