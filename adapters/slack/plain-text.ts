/**
 * What a person typed, as the plain text of an SMS: what the eye sees in Slack, without markup. Slack sends the text
 * twice: as `rich_text` blocks, where markup is told apart for certain, and as `text` in its own markup ("mrkdwn").
 */
import type { EmojiNames } from "./emoji.js";
import type { RichNode } from "./wire.js";

/** What ids and short names stand for, as far as it is known at the moment. */
export interface Names {
  readonly person: (id: string) => string | undefined;
  readonly emoji: EmojiNames;
}

export interface Typed {
  readonly text?: string | undefined;
  readonly blocks?: readonly RichNode[] | undefined;
}

export function plainText(typed: Typed, names: Names): string {
  const source = typed.text ?? "";
  const rich = (typed.blocks ?? []).filter((block) => block.type === "rich_text");
  const see: Sight = { names, labels: labelsIn(source), escaped: escapedAsIn(source) };
  const text = rich.map((block) => paragraphs(block.elements ?? [], see)).join("\n");
  const whole = rich.every((block) => isReadable(block, see)) || source.trim() === "";
  return tidy(text.trim() === "" || !whole ? fromMrkdwn(source, see) : text);
}

/** The ids of the people named in it. */
export function peopleIn(typed: Typed): readonly string[] {
  const inText = [...(typed.text ?? "").matchAll(/<@([A-Z0-9]+)(?:\|[^<>]*)?>/g)].flatMap(([, id]) => id ?? []);
  const inBlocks = (node: RichNode): readonly string[] => [
    ...(node.type === "user" && node.user_id !== undefined ? [node.user_id] : []),
    ...(node.elements ?? []).flatMap(inBlocks),
  ];
  return [...new Set([...inText, ...(typed.blocks ?? []).flatMap(inBlocks)])];
}

interface Sight {
  readonly names: Names;
  /** Names that the text itself gives for channels, groups and people. */
  readonly labels: ReadonlyMap<string, string>;
  /** Whether a block's words are escaped like `text`. */
  readonly escaped: (words: string) => boolean;
}

/* rich_text blocks */

/** Some elements have no words, such as canvases, and Slack may add kinds: what they stand for only `text` says. */
const isReadable = (node: RichNode, see: Sight): boolean =>
  node.elements?.every((each) => isReadable(each, see)) ?? (node.text !== undefined || element(node, see) !== "");

function paragraphs(nodes: readonly RichNode[], see: Sight): string {
  return nodes
    .map((node) => paragraph(node, see))
    .reduce((text, next) => (text === "" || text.endsWith("\n") ? text + next : `${text}\n${next}`), "");
}

function paragraph(node: RichNode, see: Sight): string {
  const elements = node.elements ?? [];
  switch (node.type) {
    case "rich_text_list":
      return elements.map((item, index) => listItem(node, index, inline(item.elements ?? [], see))).join("\n");
    case "rich_text_quote":
      return inline(elements, see)
        .replace(/\n$/, "")
        .split("\n")
        .map((line) => `> ${line}`)
        .join("\n");
    default:
      return inline(elements, see);
  }
}

function listItem(list: RichNode, index: number, text: string): string {
  const bullet = list.style === "ordered" ? `${(list.offset ?? 0) + index + 1}.` : "•";
  return `${"  ".repeat(list.indent ?? 0)}${bullet} ${text}`;
}

const inline = (nodes: readonly RichNode[], see: Sight): string => nodes.map((node) => element(node, see)).join("");

function element(node: RichNode, see: Sight): string {
  switch (node.type) {
    case "text":
      return see.escaped(node.text ?? "") ? decoded(node.text ?? "") : (node.text ?? "");
    case "link":
      return link(node.url ?? "", node.text);
    case "emoji":
      return emojiOf(node, see.names.emoji);
    case "user":
      return personNamed(node.user_id ?? "", see);
    case "channel":
      return labelled(node.channel_id ?? "", "#channel", see);
    case "usergroup":
      return labelled(node.usergroup_id ?? "", "@group", see);
    case "broadcast":
      return `@${node.range ?? "channel"}`;
    default:
      return node.text ?? node.fallback ?? node.value ?? inline(node.elements ?? [], see);
  }
}

function emojiOf(node: RichNode, emoji: EmojiNames): string {
  const [name = "", tone] = (node.name ?? "").split("::skin-tone-");
  const tones = node.skin_tone === undefined ? (tone ?? "").split("-").filter(Boolean).map(Number) : [node.skin_tone];
  return emoji(name, tones) ?? fromHex(node.unicode) ?? `:${name}:`;
}

/** Slack writes an emoji's code points in hexadecimal, joined by hyphens. */
function fromHex(codes: string | undefined): string | undefined {
  if (codes === undefined || !/^[0-9a-f]{1,5}(-[0-9a-f]{1,5})*$/i.test(codes)) return undefined;
  return String.fromCodePoint(...codes.split("-").map((code) => Math.min(Number.parseInt(code, 16), 0x10ffff)));
}

/**
 * Slack is not consistent about whether the words of blocks are escaped like those of `text`. Where it matters, `text`
 * tells: it is always escaped.
 */
const escapedAsIn =
  (source: string) =>
  (words: string): boolean =>
    /&(amp|lt|gt);/.test(words) && !source.includes(encoded(words)) && source.includes(words);

/* mrkdwn */

/** A character of private use around a number: stands for a piece that is finished while the text around it is worked on. */
const held = /\uE000(\d+)\uE000/g;

function fromMrkdwn(source: string, see: Sight): string {
  const pieces: string[] = [];
  const hold = (piece: string): string => `\uE000${pieces.push(piece) - 1}\uE000`;
  const tokens = (text: string): string =>
    text.replaceAll(/<([^<>\n]+)>/g, (_, inner: string) => hold(token(inner, see)));
  const code = (_: string, block?: string, span?: string): string => hold(decoded(tokens(block ?? span ?? "")));
  const text = tokens(source.replaceAll("\uE000", "").replaceAll(/```([^`]+)```|`([^`\n]+)`/g, code))
    .replaceAll(emojiToken, (whole, name: string) => hold(emojiNamed(name, see.names.emoji) ?? whole))
    .replaceAll(/^&gt; ?/gm, "> ");
  // A piece holds only pieces that were finished before it, whatever a name in it looks like.
  const fill = (from: string, before: number): string =>
    from.replaceAll(held, (_, index: string) =>
      Number(index) < before ? fill(pieces[Number(index)] ?? "", Number(index)) : "",
    );
  return fill(decoded(withoutMarkers(text)), pieces.length);
}

const emojiToken = /:([a-z0-9_+'-]+(?:::skin-tone-[2-6](?:-[2-6])?)?):/g;

/** `name` may carry its skin tone: `wave::skin-tone-3`. */
function emojiNamed(name: string, emoji: EmojiNames): string | undefined {
  const [base = "", tone = ""] = name.split("::skin-tone-");
  return emoji(base, tone.split("-").filter(Boolean).map(Number));
}

/**
 * A marker opens at the beginning of a word and closes at the end of one, on the same line; `snake_case` and `2 * 3 * 4`
 * have none. Markers can be within one another.
 */
function withoutMarkers(text: string): string {
  const edge = String.raw`[\s\p{P}\p{S}\uE000]`;
  return ["*", "_", "~"].reduce((rest, marker) => {
    const m = marker === "*" ? String.raw`\*` : marker;
    const pair = new RegExp(`(?<=^|${edge})${m}(?![\\s${m}])([^\\n${m}]*[^\\s${m}])${m}(?=$|${edge})`, "gmu");
    return rest.replaceAll(pair, "$1");
  }, text);
}

/** What stands between `<` and `>`. */
function token(inner: string, see: Sight): string {
  const at = inner.indexOf("|");
  const target = at < 0 ? inner : inner.slice(0, at);
  const label = at < 0 ? undefined : decoded(inner.slice(at + 1));
  if (target.startsWith("@")) return personNamed(target.slice(1), see);
  if (target.startsWith("#")) return labelled(target.slice(1), "#channel", see);
  if (target.startsWith("!subteam^")) return labelled(target.slice("!subteam^".length), "@group", see);
  if (target.startsWith("!date^")) return label ?? "";
  if (target.startsWith("!")) return `@${target.slice(1)}`;
  return link(decoded(target), label);
}

function labelsIn(source: string): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  for (const [, sign, id, label] of source.matchAll(/<(@|#|!subteam\^)([A-Z0-9]+)\|([^<>]+)>/g)) {
    if (id === undefined || label === undefined) continue;
    const prefix = sign === "#" ? "#" : "@";
    labels.set(id, prefix + decoded(label).replace(/^[@#]/, ""));
  }
  return labels;
}

/* Both */

function personNamed(id: string, see: Sight): string {
  const name = see.names.person(id);
  return name === undefined ? labelled(id, "@someone", see) : `@${name}`;
}

const labelled = (id: string, otherwise: string, see: Sight): string => see.labels.get(id) ?? otherwise;

/** Slack makes links of addresses, hosts and numbers that people type; those come back as they were typed. */
function link(url: string, label: string | undefined): string {
  const target = url.replace(/^(mailto|tel):/i, "");
  if (label === undefined || label === "") return target;
  return bare(label) === bare(target) ? label : `${label} (${target})`;
}

const bare = (url: string): string =>
  url
    .replace(/^(mailto:|tel:|https?:\/\/)/i, "")
    .replace(/\/$/, "")
    .replaceAll(/^\+?[\d\s().-]+$/g, (number) => number.replaceAll(/[^\d]/g, ""))
    .toLowerCase();

const decoded = (text: string): string => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

const encoded = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** No-break spaces come from Slack's composer and would turn a short SMS into a long one. */
const tidy = (text: string): string =>
  text
    .replaceAll("\u00a0", " ")
    .replaceAll(/\r\n?/g, "\n")
    .split("\n")
    // Not by a regular expression: one that looks for spaces before a line's end takes quadratic time on many spaces.
    .map((line) => line.trimEnd())
    .join("\n")
    .trim();
