/** What Slack's client makes of the words that a person types: escaped text with link tokens, and the same as rich text. */
import { EMOTICONS, canonicalName, nameOf } from "./emoji.js";
import { isRecord } from "./params.js";
import type { Block } from "./types.js";

/** Who and what can be mentioned by name; answers with an id. */
export interface Names {
  user(name: string): string | undefined;
  channel(name: string): string | undefined;
}

interface Piece {
  readonly wire: string;
  readonly elements: readonly Block[];
}

const URL = String.raw`https?:\/\/[^\s<>]*[^\s<>.,;:!?'")\]]`;
const MAIL = String.raw`[\w.+-]+@[\w-]+(?:\.[\w-]+)+`;
const HOST = String.raw`(?<![\w@.\/-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|example|de|uk|dev|app)\b(?:\/[^\s<>]*[^\s<>.,;:!?'")])?`;
const PHONE = String.raw`(?<![\w+])\+?\d[\d ().-]{8,}\d(?!\w)`;
const MENTION = String.raw`(?<!\w)[@#][\p{L}\d_.-]*[\p{L}\d_]`;
const SHORT_NAME = String.raw`:[a-z0-9_+-]+:(?::skin-tone-[2-6]:)?`;
const EMOTICON = String.raw`(?<!\S)(?::-?\)|;\)|:D|:\(|<3)(?!\S)`;
const EMOJI = String.raw`\p{RI}\p{RI}|\p{Extended_Pictographic}\u{FE0F}?[\u{1F3FB}-\u{1F3FF}]?`;
const STYLED = String.raw`(?<![\p{L}\d*_~\x60])([*_~\x60])(?=\S)(?!\1)[^\n]*?\S\1(?![\p{L}\d])`;
const TOKENS = new RegExp([URL, MAIL, HOST, PHONE, MENTION, SHORT_NAME, EMOTICON, EMOJI, STYLED].join("|"), "giu");

/** The composer makes these of words between the signs. */
const STYLES: Readonly<Record<string, string>> = { "*": "bold", _: "italic", "~": "strike", "`": "code" };

export function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

export function typed(text: string, names: Names): { text: string; blocks: Block[] } {
  const pieces = piecesOf(text, names);
  const section = { type: "rich_text_section", elements: pieces.flatMap(({ elements }) => elements) };
  return { text: pieces.map(({ wire }) => wire).join(""), blocks: [{ type: "rich_text", elements: [section] }] };
}

function piecesOf(text: string, names: Names): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const found of text.matchAll(TOKENS)) {
    const piece = found[1] === undefined ? token(found[0], names) : styled(found[0], found[1], names);
    if (piece === undefined) continue;
    pieces.push(...plain(text.slice(end, found.index)), piece);
    end = found.index + found[0].length;
  }
  return [...pieces, ...plain(text.slice(end))];
}

/** On the wire the signs stay; in rich text each element carries the style instead. */
function styled(word: string, sign: string, names: Names): Piece {
  const inner = word.slice(1, -1);
  const pieces = sign === "`" ? plain(inner) : piecesOf(inner, names);
  const elements = pieces.flatMap((piece) => piece.elements);
  return {
    wire: sign + pieces.map(({ wire }) => wire).join("") + sign,
    elements: elements.map((element) => ({ ...element, style: { ...styleOf(element), [STYLES[sign] ?? ""]: true } })),
  };
}

const styleOf = ({ style }: Block): object => (isRecord(style) ? style : {});

function plain(text: string): Piece[] {
  return text === "" ? [] : [{ wire: escapeText(text), elements: [{ type: "text", text }] }];
}

function token(word: string, names: Names): Piece | undefined {
  const emoticon = Object.hasOwn(EMOTICONS, word) ? EMOTICONS[word] : undefined;
  if (emoticon !== undefined) return emoji(emoticon);
  if (word.startsWith(":")) return emoji(canonicalName(word.slice(1, -1)));
  if (word.startsWith("@")) return mention(word.slice(1), names);
  if (word.startsWith("#")) return channelMention(word.slice(1), names);
  if (/^https?:/i.test(word)) return { wire: `<${escapeText(word)}>`, elements: [{ type: "link", url: word }] };
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
  return { wire: tone === undefined ? `:${base}:` : `:${base}::skin-tone-${tone}:`, elements: [element] };
}

function link(url: string, text: string): Piece {
  return { wire: `<${escapeText(url)}|${escapeText(text)}>`, elements: [{ type: "link", url, text }] };
}

function mention(name: string, names: Names): Piece | undefined {
  if (["here", "channel", "everyone"].includes(name))
    return { wire: `<!${name}>`, elements: [{ type: "broadcast", range: name }] };
  const id = names.user(name);
  return id === undefined ? undefined : { wire: `<@${id}>`, elements: [{ type: "user", user_id: id }] };
}

function channelMention(name: string, names: Names): Piece | undefined {
  const id = names.channel(name);
  return id === undefined ? undefined : { wire: `<#${id}|${name}>`, elements: [{ type: "channel", channel_id: id }] };
}
