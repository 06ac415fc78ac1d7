/** The emulated Slack as the page shows it: the blocks of a message as segments with a style, never as markup. */
import { contactIn } from "./contacts.js";
import { characterOf } from "./slack/emoji.js";
import type { SeenMessage, WireMessage } from "./slack/types.js";
import { isRecord } from "./slack/params.js";
import type { World } from "./world.js";

export interface SlackSegment {
  readonly text: string;
  readonly style?: "bold" | "italic" | "link" | "mention";
}

export interface SlackParagraph {
  readonly kind: "text" | "quote" | "context";
  readonly segments: readonly SlackSegment[];
}

export interface SlackButton {
  readonly id: string;
  readonly label: string;
  readonly style: string;
}

export interface SlackMessageView {
  readonly ts: string;
  /** Epoch ms. */
  readonly at: number;
  readonly author: {
    readonly name: string;
    readonly icon: string;
    readonly kind: "person" | "bot";
    readonly id: string;
  };
  readonly paragraphs: readonly SlackParagraph[];
  /** The words alone. */
  readonly text: string;
  readonly buttons: readonly SlackButton[];
  readonly reactions: readonly { readonly emoji: string; readonly count: number; readonly byBot: boolean }[];
  readonly edited: boolean;
  readonly gone: boolean;
}

export interface SlackThreadView {
  readonly contact?: string;
  readonly root: SlackMessageView;
  readonly replies: readonly SlackMessageView[];
}

export interface SlackView {
  readonly channel: string;
  readonly people: readonly { readonly id: string; readonly name: string }[];
  readonly threads: readonly SlackThreadView[];
}

/** As in the app's manifest. */
const BOT_NAME = "SMS";
const MOST_THREADS = 60;
const MOST_REPLIES = 200;

export function slackView({ slack, channel }: World, people: SlackView["people"]): SlackView {
  const known = [...people, { id: slack.bot.userId, name: BOT_NAME }];
  const nameOf = (id: string): string => known.find((one) => one.id === id)?.name ?? "Somebody";
  const shown = (message: SeenMessage): SlackMessageView => messageView(message, nameOf, slack.bot.userId);
  const threads = slack
    .messages(channel)
    .slice(-MOST_THREADS)
    .map((root): SlackThreadView => {
      const view = shown(root);
      const contact = view.author.kind === "bot" ? contactIn(firstLine(view)) : undefined;
      const replies = slack.replies(channel, root.ts).slice(-MOST_REPLIES).map(shown);
      return { ...(contact === undefined ? {} : { contact: contact.number }), root: view, replies };
    });
  return { channel: slack.channels().find(({ id }) => id === channel)?.name ?? channel, people, threads };
}

/** The line of a card that names the contact. */
function firstLine({ text }: SlackMessageView): string {
  return text.split("\n", 1)[0] ?? "";
}

function messageView(message: SeenMessage, nameOf: (id: string) => string, bot: string): SlackMessageView {
  const paragraphs = paragraphsOf(message, nameOf);
  const byBot = message.bot_id !== undefined;
  const user = message.user ?? "";
  const reactions = (message.reactions ?? []).map(({ name, count, users }) => ({
    emoji: characterOf(name) ?? `:${name}:`,
    count,
    byBot: users.includes(bot),
  }));
  return {
    ts: message.ts,
    at: Math.round(Number(message.ts) * 1000),
    author: {
      id: user,
      name: byBot ? (message.username ?? BOT_NAME) : nameOf(user),
      icon: iconOf(message),
      kind: byBot ? "bot" : "person",
    },
    paragraphs,
    text: paragraphs.map(({ segments }) => segments.map(({ text }) => text).join("")).join("\n"),
    buttons: (message.blocks ?? []).flatMap(buttonsOf),
    reactions,
    edited: message.edited !== undefined,
    gone: message.subtype === "tombstone",
  };
}

function iconOf({ icons }: WireMessage): string {
  const name = (icons?.emoji ?? "").replaceAll(":", "");
  return CIRCLES[name] ?? characterOf(name) ?? "";
}

/** Pictures of contacts that the emulator's own table may lack. */
const CIRCLES: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ["large_orange_circle", "🟠"],
    ["large_yellow_circle", "🟡"],
    ["large_green_circle", "🟢"],
    ["large_blue_circle", "🔵"],
    ["large_purple_circle", "🟣"],
    ["large_brown_circle", "🟤"],
    ["large_red_square", "🟥"],
    ["large_orange_square", "🟧"],
    ["large_yellow_square", "🟨"],
    ["large_green_square", "🟩"],
    ["large_blue_square", "🟦"],
    ["large_purple_square", "🟪"],
    ["large_brown_square", "🟫"],
  ].map(([name = "", character = ""]) => [name, character]),
);

function paragraphsOf({ text, blocks }: SeenMessage, nameOf: (id: string) => string): SlackParagraph[] {
  const shown = (blocks ?? []).flatMap((block) => paragraphsIn(block, nameOf));
  if (shown.length > 0) return shown;
  return text === "" ? [] : [{ kind: "text", segments: [{ text: unescaped(text) }] }];
}

function paragraphsIn(block: Readonly<Record<string, unknown>>, nameOf: (id: string) => string): SlackParagraph[] {
  switch (block.type) {
    case "rich_text":
      return records(block.elements).map((element) => ({
        kind: element.type === "rich_text_quote" ? "quote" : "text",
        segments: records(element.elements).map((leaf) => segment(leaf, nameOf)),
      }));
    case "context":
      return [{ kind: "context", segments: records(block.elements).map((one) => ({ text: field(one, "text") })) }];
    case "section":
    case "header":
      return [{ kind: "text", segments: [{ text: isRecord(block.text) ? field(block.text, "text") : "" }] }];
    default:
      return [];
  }
}

function segment(leaf: Record<string, unknown>, nameOf: (id: string) => string): SlackSegment {
  switch (leaf.type) {
    case "emoji":
      return { text: characterOf(field(leaf, "name")) ?? `:${field(leaf, "name")}:` };
    case "link":
      return { text: field(leaf, "text") === "" ? field(leaf, "url") : field(leaf, "text"), style: "link" };
    case "user":
      return { text: `@${nameOf(field(leaf, "user_id"))}`, style: "mention" };
    case "broadcast":
      return { text: `@${field(leaf, "range")}`, style: "mention" };
    case "channel":
      return { text: `#${field(leaf, "channel_id")}`, style: "mention" };
    case "date":
      return { text: timeOfDay(leaf.timestamp), style: "bold" };
    default:
      return { text: field(leaf, "text"), ...styleOf(leaf.style) };
  }
}

function styleOf(style: unknown): Pick<SlackSegment, "style"> {
  if (!isRecord(style)) return {};
  if (style.bold === true) return { style: "bold" };
  return style.italic === true ? { style: "italic" } : {};
}

function buttonsOf(block: Readonly<Record<string, unknown>>): SlackButton[] {
  if (block.type !== "actions") return [];
  return records(block.elements).flatMap((element) =>
    element.type === "button" && isRecord(element.text)
      ? [{ id: field(element, "action_id"), label: field(element.text, "text"), style: field(element, "style") }]
      : [],
  );
}

/** Slack shows dates in the reader's own time zone, which in the sandbox is this computer's; as the page and the bridge write them. */
function timeOfDay(seconds: unknown): string {
  return new Date(Number(seconds) * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function field(record: Record<string, unknown>, name: string): string {
  const value = record[name];
  return typeof value === "string" ? value : "";
}

function unescaped(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
