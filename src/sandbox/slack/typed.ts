/** What Slack's client makes of the words that a person types: escaped text with link tokens, and the same as rich text. */
import { EMOTICONS, canonicalName, nameOf } from "./emoji.js";
import type { Block } from "./types.js";

/** Who and what can be mentioned by name; answers with an id. */
export interface Names {
  user(name: string): string | undefined;
  channel(name: string): string | undefined;
}

interface Piece {
  readonly wire: string;
  readonly element: Block;
}

const URL = String.raw`https?:\/\/[^\s<>]*[^\s<>.,;:!?'")\]]`;
const MAIL = String.raw`[\w.+-]+@[\w-]+(?:\.[\w-]+)+`;
const HOST = String.raw`(?<![\w@.\/-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|example|de|uk|dev|app)\b(?:\/[^\s<>]*[^\s<>.,;:!?'")])?`;
const PHONE = String.raw`(?<![\w+])\+?\d[\d ().-]{8,}\d(?!\w)`;
const MENTION = String.raw`(?<!\w)[@#][\p{L}\d_.-]*[\p{L}\d_]`;
const SHORT_NAME = String.raw`:[a-z0-9_+-]+:(?::skin-tone-[2-6]:)?`;
const EMOTICON = String.raw`(?<!\S)(?::-?\)|;\)|:D|:\(|<3)(?!\S)`;
const EMOJI = String.raw`\p{RI}\p{RI}|\p{Extended_Pictographic}\u{FE0F}?[\u{1F3FB}-\u{1F3FF}]?`;
const TOKENS = new RegExp([URL, MAIL, HOST, PHONE, MENTION, SHORT_NAME, EMOTICON, EMOJI].join("|"), "giu");

export function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

export function typed(text: string, names: Names): { text: string; blocks: Block[] } {
  const pieces: Piece[] = [];
  let end = 0;
  for (const found of text.matchAll(TOKENS)) {
    const piece = token(found[0], names);
    if (piece === undefined) continue;
    pieces.push(...plain(text.slice(end, found.index)), piece);
    end = found.index + found[0].length;
  }
  pieces.push(...plain(text.slice(end)));
  const section = { type: "rich_text_section", elements: pieces.map(({ element }) => element) };
  return { text: pieces.map(({ wire }) => wire).join(""), blocks: [{ type: "rich_text", elements: [section] }] };
}

function plain(text: string): Piece[] {
  return text === "" ? [] : [{ wire: escapeText(text), element: { type: "text", text } }];
}

function token(word: string, names: Names): Piece | undefined {
  const emoticon = Object.hasOwn(EMOTICONS, word) ? EMOTICONS[word] : undefined;
  if (emoticon !== undefined) return emoji(emoticon);
  if (word.startsWith(":")) return emoji(canonicalName(word.slice(1, -1)));
  if (word.startsWith("@")) return mention(word.slice(1), names);
  if (word.startsWith("#")) return channelMention(word.slice(1), names);
  if (/^https?:/i.test(word)) return { wire: `<${escapeText(word)}>`, element: { type: "link", url: word } };
  if (word.includes("@")) return link(`mailto:${word}`, word);
  if (/^\+?\d[\d ().-]+$/.test(word)) return link(`tel:${word.replace(/[^\d+]/g, "")}`, word);
  if (/^[\w-]+\./.test(word)) return link(`http://${word}`, word);
  return emoji(nameOf(word));
}

function emoji(name: string | undefined): Piece | undefined {
  if (name === undefined) return undefined;
  const tone = /::skin-tone-(\d)$/.exec(name)?.[1];
  const [base = ""] = name.split("::");
  const element = { type: "emoji", name: base, ...(tone === undefined ? {} : { skin_tone: Number(tone) }) };
  return { wire: tone === undefined ? `:${base}:` : `:${base}::skin-tone-${tone}:`, element };
}

function link(url: string, text: string): Piece {
  return { wire: `<${escapeText(url)}|${escapeText(text)}>`, element: { type: "link", url, text } };
}

function mention(name: string, names: Names): Piece | undefined {
  if (["here", "channel", "everyone"].includes(name))
    return { wire: `<!${name}>`, element: { type: "broadcast", range: name } };
  const id = names.user(name);
  return id === undefined ? undefined : { wire: `<@${id}>`, element: { type: "user", user_id: id } };
}

function channelMention(name: string, names: Names): Piece | undefined {
  const id = names.channel(name);
  return id === undefined ? undefined : { wire: `<#${id}|${name}>`, element: { type: "channel", channel_id: id } };
}
