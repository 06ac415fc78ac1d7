/** A post in Telegram's terms. Pure. */
import type { InlineKeyboardMarkup } from "telegraf/types";
import { GiveUp } from "../../src/errors.js";
import type { Choice, Post } from "../../src/message.js";
import { haveOwnTimes } from "../../src/own-times.js";
import { assemble, clip, type Piece, type Words } from "./words.js";

/** Of 4,096 UTF-16 units that a message may have (core.telegram.org/bots/api#sendmessage), so much is for texts, the rest for names and times. */
export const TEXT_LIMIT = 3800;
const MESSAGE_LIMIT = 4096;
const ENTITY_LIMIT = 100;

/** In a topic of its own everything is between the team and one contact; in a chain many conversations share the chat. */
export type Setting = { readonly kind: "topic" } | { readonly kind: "chain"; readonly line: string | undefined };

export interface Clock {
  /** Epoch ms. */
  now(): number;
  /** A time for people, such as `14:05`. */
  show(at: number): string;
}

/**
 * Texts, however many, as one message. Times and then blank lines between texts go when the message would be too long;
 * texts of at most `TEXT_LIMIT` units, counted with a blank line between two, always fit.
 */
export function renderPost(post: Post, setting: Setting, clock: Clock): Words {
  for (const { times, gap } of [
    { times: true, gap: "\n\n" },
    { times: false, gap: "\n\n" },
    { times: false, gap: "\n" },
  ]) {
    const words = assemble([
      ...repeated(post),
      ...header(post, setting),
      ...body(post, times ? clock : undefined, gap),
    ]);
    if (words.text.length <= MESSAGE_LIMIT && words.entities.length <= ENTITY_LIMIT) return words;
  }
  throw new GiveUp("These texts are too long for one Telegram message.");
}

/** In italics, as no text of a contact is: nobody takes it for the contact's words. */
function repeated({ repeat }: Post): readonly Piece[] {
  return repeat === true ? [{ text: "(maybe a repeat)", style: "italic" }, { text: "\n" }] : [];
}

/** Who speaks stands in bold above the words: the contact's number, a colleague's name. Notices have none, and are in italics. */
function header(post: Post, setting: Setting): readonly Piece[] {
  const { speaker } = post;
  if (speaker.kind === "bridge") return post.note ? [{ text: "📝 " }] : [];
  const name = clip(speaker.name, 120);
  return [{ text: post.note ? "📝 " : "" }, { text: name, style: "bold" }, { text: `${afterName(post, setting)}\n` }];
}

/** A phone speaks in the name of its line; the others do not, and in a chain the line is worth knowing. */
function afterName({ speaker }: Post, setting: Setting): string {
  if (speaker.kind === "phone") return " · desk phone or PBX app";
  return setting.kind === "chain" && setting.line !== undefined ? ` · ${clip(setting.line, 120)}` : "";
}

function body(post: Post, clock: Clock | undefined, gap: string): readonly Piece[] {
  const own = clock === undefined ? [] : haveOwnTimes(post, clock.now());
  return post.texts.flatMap(({ text, at }, index) => {
    const pieces: Piece[] = index === 0 ? [] : [{ text: gap }];
    if (clock !== undefined && own[index] === true)
      pieces.push({ text: clock.show(at), style: "italic" }, { text: "\n" });
    return [...pieces, shown(text, post)];
  });
}

/** Telegram refuses a message without anything to see. */
function shown(text: string, { speaker }: Post): Piece {
  if (!/[^\s\p{C}\p{Z}\p{M}\u115F\u1160\u2800\u3164]/u.test(text)) return { text: "(a blank text)", style: "italic" };
  return speaker.kind === "bridge" ? { text, style: "italic" } : { text };
}

/** A post whose buttons were used: what it said, and below that what came of it. */
export function renderSettled(said: string, outcome: string): Words {
  return assemble([{ text: said, style: "italic" }, { text: "\n" }, { text: outcome, style: "bold" }]);
}

/** Buttons in one row. Callback data may have 64 bytes; action, colon and subject have at most 48. */
export function keyboard(choices: readonly Choice[] | undefined): InlineKeyboardMarkup | undefined {
  if (!choices || choices.length === 0) return undefined;
  const buttons = choices.map(({ action, subject, label }) => ({ text: label, callback_data: `${action}:${subject}` }));
  return { inline_keyboard: [buttons] };
}
