/**
 * What a person sees of a message, and whom it wakes. mrkdwn is applied as Slack applies it, so that text which was not meant as
 * markup shows up damaged here too; rich text and plain_text are shown as they stand.
 */
import { characterOf } from "./emoji.js";
import { isRecord } from "./params.js";
import type { TextSettings, WireMessage } from "./types.js";

type Seen = WireMessage & Partial<TextSettings>;

interface Part {
  readonly text: string;
  /** Control sequences that would be acted on, such as `<!channel>` or `<https://…|…>`. */
  readonly live: readonly string[];
}

const CONTROL = /<([^<>\n]+)>/g;

/** The words on the screen: those of the blocks, or the text of a message without blocks. */
export function rendered(message: Seen): string {
  const blocks = blockParts(message.blocks ?? []);
  return blocks.length > 0 ? blocks.map(({ text }) => text).join("\n") : textPart(message).text;
}

/** Every mention and link that Slack would make of the message, in its text (which notifications show) or its blocks. */
export function live(message: Seen): string[] {
  return [textPart(message), ...blockParts(message.blocks ?? [])].flatMap((part) => part.live);
}

/** Those of them that notify somebody: people, groups and everybody. */
export function notified(message: Seen): string[] {
  return live(message).filter((token) => /^<(@|!subteam|!here|!channel|!everyone)/.test(token));
}

function textPart({ text, mrkdwn = true, parse = "none" }: Seen): Part {
  const part = mrkdwnPart(text, mrkdwn);
  // Parsing by the server's own lights finds mentions and links that are not written as tokens.
  const bare =
    parse === "none" ? [] : [...text.matchAll(/(?<![\w<!])@(here|channel|everyone)\b/g)].map((m) => `<!${m[1]}>`);
  const links =
    parse === "none" ? [] : [...text.matchAll(/(?<![<\w|:])https?:\/\/[^\s<>|]+/g)].map(([url]) => `<${url}>`);
  return { text: part.text, live: [...part.live, ...bare, ...links] };
}

function mrkdwnPart(text: string, formatted: boolean): Part {
  const tokens = [...text.matchAll(CONTROL)].map(([whole]) => whole);
  const shown = text.replace(CONTROL, (_whole, inner: string) => label(inner));
  return { text: unescape(formatted ? unformat(shown) : shown), live: tokens };
}

/** The part after the bar; without one, what Slack would put there. */
function label(inner: string): string {
  const [target = "", words] = inner.split("|");
  if (words !== undefined && words !== "") return words;
  return target.replace(/^!subteam\^/, "@").replace(/^!/, "@");
}

function unescape(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** Marks vanish where they stand in pairs around words; known short names become pictures. */
function unformat(text: string): string {
  const marks = /(?<![\p{L}\d])([*_~`])(?=\S)([^\n]*?\S)\1(?![\p{L}\d])/gu;
  return text
    .replace(/```([\s\S]+?)```/g, "$1")
    .replace(marks, "$2")
    .replace(marks, "$2")
    .replace(/^&gt; ?/gm, "")
    .replace(/:([a-z0-9_+-]+(?:::skin-tone-[2-6])?):/g, (whole, name: string) => characterOf(name) ?? whole);
}

function blockParts(blocks: readonly unknown[]): Part[] {
  return blocks.flatMap((block) => (isRecord(block) ? blockPart(block) : []));
}

function blockPart(block: Record<string, unknown>): Part[] {
  switch (block.type) {
    case "section":
      return [block.text, ...list(block.fields), block.accessory].flatMap(textObject);
    case "header":
      return textObject(block.text);
    case "context":
    case "actions":
      return list(block.elements).flatMap(textObject);
    case "rich_text":
      return list(block.elements).map(richText);
    case "markdown":
      return typeof block.text === "string" ? [mrkdwnPart(block.text, true)] : [];
    default:
      return [];
  }
}

function textObject(value: unknown): Part[] {
  if (!isRecord(value)) return [];
  if (isRecord(value.text)) return textObject(value.text);
  if (typeof value.text !== "string") return [];
  if (value.type === "mrkdwn") return [mrkdwnPart(value.text, true)];
  return [{ text: value.emoji === false ? value.text : pictures(value.text), live: [] }];
}

function pictures(text: string): string {
  return text.replace(/:([a-z0-9_+-]+):/g, (whole, name: string) => characterOf(name) ?? whole);
}

function richText(element: unknown): Part {
  if (!isRecord(element)) return { text: "", live: [] };
  if (Array.isArray(element.elements)) {
    const parts = list(element.elements).map(richText);
    const joint = element.type === "rich_text_list" ? "\n" : "";
    return { text: parts.map(({ text }) => text).join(joint), live: parts.flatMap((part) => part.live) };
  }
  return richLeaf(element);
}

function richLeaf(element: Record<string, unknown>): Part {
  const field = (name: string) => (typeof element[name] === "string" ? element[name] : "");
  const token = (wire: string, text: string) => ({ text, live: [wire] });
  switch (element.type) {
    case "link":
      return token(`<${field("url")}>`, field("text") === "" ? field("url") : field("text"));
    case "emoji": {
      const tone = typeof element.skin_tone === "number" ? `::skin-tone-${element.skin_tone}` : "";
      return { text: characterOf(field("name") + tone) ?? `:${field("name")}${tone}:`, live: [] };
    }
    case "user":
      return token(`<@${field("user_id")}>`, `@${field("user_id")}`);
    case "usergroup":
      return token(`<!subteam^${field("usergroup_id")}>`, `@${field("usergroup_id")}`);
    case "broadcast":
      return token(`<!${field("range")}>`, `@${field("range")}`);
    case "channel":
      return token(`<#${field("channel_id")}>`, `#${field("channel_id")}`);
    default:
      return { text: field("text") === "" ? field("fallback") : field("text"), live: [] };
  }
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
