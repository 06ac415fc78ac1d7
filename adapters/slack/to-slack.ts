/** Posts and buttons of the bridge as Slack messages. Pure. Foreign text goes out verbatim and is interpreted nowhere. */
import type { KnownBlock, RichTextElement, RichTextQuote, RichTextSection } from "@slack/types";
import { parsePhoneNumberFromString } from "libphonenumber-js/min";
import type { Choice, Post, Speaker } from "../../src/message.js";
import { haveOwnTimes } from "../../src/own-times.js";

/** What `chat.postMessage` takes besides the place. */
export interface Message {
  readonly text: string;
  readonly blocks: KnownBlock[];
  readonly username?: string;
  readonly icon_emoji?: string;
}

/** Nothing in the fallback text is interpreted, and no link is followed. */
export const verbatim = {
  mrkdwn: false,
  parse: "none",
  link_names: false,
  unfurl_links: false,
  unfurl_media: false,
} as const;

/** `now`: epoch ms. Texts that are late or far apart are shown with their own time. */
export function messageOf(post: Post, now: number): Message {
  // Some alone would look as if the others had come with the one before them.
  const times = haveOwnTimes(post, now).includes(true);
  return {
    text: fallbackOf(post, times),
    blocks: [{ type: "rich_text", elements: body(post, times) }, ...buttons(post.choices ?? [])],
    ...identity(post.speaker),
  };
}

/** For notifications and screen readers. */
const fallbackOf = ({ note, texts }: Post, times: boolean): string =>
  (note === true ? "📝 " : "") +
  texts.map(({ text, at }) => `${times ? `${timeInUtc(at)}: ` : ""}${escaped(shownText(text))}`).join("\n\n");

/** The only three characters that mean something in the text of a message; there is no escape for others. */
export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/* The text */

function body(post: Post, times: boolean): (RichTextSection | RichTextQuote)[] {
  return post.texts.flatMap(({ text, at }, index) => [
    ...(times ? [section([...gap(index), dateOf(at)])] : index === 0 ? [] : [section([separator])]),
    paragraphOf(text, post.note === true),
  ]);
}

function paragraphOf(text: string, note: boolean): RichTextSection | RichTextQuote {
  const words: RichTextElement = { ...plain(shownText(text)), ...(text.trim() === "" ? { style: italic } : {}) };
  if (!note) return section([words]);
  return { type: "rich_text_quote", elements: [{ type: "emoji", name: "memo" }, plain(" "), words] };
}

const italic = { italic: true } as const;
const plain = (text: string) => ({ type: "text", text }) as const;
const section = (elements: RichTextElement[]): RichTextSection => ({ type: "rich_text_section", elements });
const gap = (index: number): RichTextElement[] => (index === 0 ? [] : [plain("\n")]);
const separator = plain("———");

/** Slack refuses an empty element, and an empty SMS is worth knowing of. Half of a surrogate pair is no character. */
const shownText = (text: string): string => (text.trim() === "" ? "(no text)" : wellFormed(text));

const wellFormed = (text: string): string => text.replaceAll(/\p{Surrogate}/gu, "\uFFFD");

/** In each reader's own time zone; the fallback is for clients that cannot. */
const dateOf = (at: number): RichTextElement => ({
  type: "date",
  timestamp: Math.floor(at / 1000),
  format: "{date_short_pretty} {time}",
  fallback: timeInUtc(at),
  style: { bold: true },
});

const timeInUtc = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;

/* The buttons */

function buttons(choices: readonly Choice[]): KnownBlock[] {
  if (choices.length === 0) return [];
  return [
    {
      type: "actions",
      elements: choices.map(({ action, subject, label }) => ({
        type: "button",
        action_id: `${action}:${subject}`,
        text: { type: "plain_text", text: label.slice(0, labelLimit), emoji: false },
        style: action === "discard" ? "danger" : "primary",
      })),
    },
  ];
}

const labelLimit = 75;

/** A message as Slack gives it back. */
export interface Shown {
  readonly text?: string | undefined;
  readonly blocks?: readonly unknown[] | undefined;
}

/** A notice of the bridge's, as Slack would give it back. */
export const noticeSaying = (text: string): Shown => ({
  text: escaped(text),
  blocks: [{ type: "rich_text", elements: [section([plain(text)])] }],
});

/** The same message with a sentence in the place of its buttons. What Slack gave back is escaped already. */
export function settledMessage(shown: Shown, outcome: string): { text: string; blocks: KnownBlock[] } {
  const kept = (shown.blocks ?? []).filter((block): block is KnownBlock => isBlock(block) && block.type !== "actions");
  return {
    text: fallbackForUpdate([shown.text ?? "", escaped(outcome)].filter(Boolean).join("\n")),
    // Rich text, because Slack lets rich text give way to nothing else.
    blocks: [...kept, { type: "rich_text", elements: [section([{ ...plain(outcome), style: italic }])] }],
  };
}

/** Whether an earlier attempt, whose answer was lost perhaps, has left the outcome there. */
export const isSettled = ({ text = "", blocks = [] }: Shown, outcome: string): boolean =>
  text.endsWith(escaped(outcome)) && !blocks.some((block) => isBlock(block) && block.type === "actions");

const isBlock = (block: unknown): block is { type: string } =>
  typeof block === "object" && block !== null && "type" in block && typeof block.type === "string";

/** An update takes 4,000 characters of fallback text where a post takes 40,000. All of it stands in the blocks. */
function fallbackForUpdate(text: string): string {
  const limit = 3900;
  return text.length <= limit ? text : `${text.slice(0, limit).replace(/&[a-z]{0,3}$|[\uD800-\uDBFF]$/, "")}…`;
}

/* Who speaks */

function identity({ kind, name }: Speaker): Pick<Message, "username" | "icon_emoji"> {
  const username = nameShown(name);
  const identities: Record<Speaker["kind"], Pick<Message, "username" | "icon_emoji">> = {
    contact: { username, icon_emoji: pictureOf(name) },
    colleague: { username, icon_emoji: ":bust_in_silhouette:" },
    phone: { username: `${username} · desk phone or PBX app`, icon_emoji: ":telephone_receiver:" },
    bridge: {},
  };
  return identities[kind];
}

/**
 * A name on one line, of a length that Slack shows, without signs that turn the direction of what follows; a number spaced as
 * people read it.
 */
export function nameShown(name: string): string {
  const number = /^\+\d{7,15}$/.test(name) ? parsePhoneNumberFromString(name) : undefined;
  const line = wellFormed(name)
    .replaceAll(/\p{Bidi_Control}/gu, "")
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();
  const shown = number?.formatInternational() ?? line;
  return Array.from(shown === "" ? "unknown" : shown)
    .slice(0, 60)
    .join("");
}

const colours = ["blue", "orange", "yellow", "green", "purple", "brown"] as const;
const pictures: readonly string[] = [
  ":red_circle:",
  ...colours.map((colour) => `:large_${colour}_circle:`),
  ":large_red_square:",
  ...colours.map((colour) => `:large_${colour}_square:`),
];

/** The same for the same contact, always. */
function pictureOf(name: string): string {
  const digest = Array.from(name).reduce((hash, char) => (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) >>> 0, 7);
  return pictures[digest % pictures.length] ?? ":large_blue_circle:";
}
