/**
 * Text with entities, as Telegram takes it: offsets and lengths in UTF-16 units, text verbatim
 * (core.telegram.org/bots/api#messageentity). Text of others is never run through a markup.
 */
import type { MessageEntity } from "telegraf/types";

export interface Words {
  readonly text: string;
  readonly entities: MessageEntity[];
}

/** A piece of a message. */
export interface Piece {
  readonly text: string;
  readonly style?: "bold" | "italic";
}

interface Range {
  readonly from: number;
  readonly to: number;
}

export function assemble(pieces: readonly Piece[]): Words {
  const whole = pieces.map((piece) => ({ ...piece, text: wellFormed(piece.text) }));
  const text = whole.map((piece) => piece.text).join("");
  const covers = tappable(text);
  const entities: MessageEntity[] = covers.map((range) => entity("code", range));
  let from = 0;
  for (const piece of whole) {
    const to = from + piece.text.length;
    const { style } = piece;
    if (style) entities.push(...without({ from, to }, covers).map((range) => entity(style, range)));
    from = to;
  }
  return { text, entities: entities.toSorted((a, b) => a.offset - b.offset) };
}

/** Telegram reads the first 100 entities of a message and drops the rest; well below that, words are covered one by one. */
const SINGLE_COVERS = 40;

/**
 * Where the text would mention a Telegram user or offer a command. Telegram turns `@name` into a mention by itself, in a bot's
 * message as well, and so a contact could ring a member of the team by texting their user name; and `/ban@somebot` into words that
 * run that command, in the name of whoever taps them. A zero-width character behind the first sign would prevent it, but
 * then the text is no longer what was texted (searching and copying it fail); a `code` entity over the word prevents it
 * too, since nothing is detected within code, and leaves every character in place. The word shows in another face: a small
 * price. `@` inside an e-mail address and `/` inside a path follow a letter or digit and mean nothing.
 * Telegram looks for them after it has removed carriage returns, some marks and direction signs, so these may hide inside.
 */
function tappable(text: string): readonly Range[] {
  const found = [...text.matchAll(MENTION_OR_COMMAND)].map(({ index, 0: word }) => ({
    from: index,
    to: index + word.length,
  }));
  const [first, last] = [found.at(0), found.at(-1)];
  if (found.length <= SINGLE_COVERS || !first || !last) return found;
  return [{ from: first.from, to: last.to }];
}

const MENTION_OR_COMMAND = (() => {
  const removed = String.raw`\r\u2028\u2029\p{Cf}\p{M}`;
  const name = `[A-Za-z0-9_${removed}]+`;
  const command = `(?<![A-Za-z0-9_/<>])/[${removed}]*[A-Za-z0-9_]${name.replace("+", "*")}(?:@${name})?`;
  return new RegExp(`(?<![A-Za-z0-9])@${name}|${command}`, "gu");
})();

/** Code can hold no other entity, so a style ends before it and goes on behind it. */
function without(range: Range, holes: readonly Range[]): readonly Range[] {
  const left: Range[] = [];
  let { from } = range;
  for (const hole of holes) {
    if (hole.to <= from || hole.from >= range.to) continue;
    left.push({ from, to: hole.from });
    from = hole.to;
  }
  left.push({ from, to: range.to });
  return left.filter((part) => part.to > part.from);
}

function entity(type: "bold" | "italic" | "code", { from, to }: Range): MessageEntity {
  return { type, offset: from, length: to - from };
}

/** Half of a surrogate pair cannot be written as UTF-8: Telegram would refuse the whole message. */
function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, "\uFFFD");
}

/**
 * At most `limit` UTF-16 units on one line, cut between characters, without signs that turn the direction of what follows. For
 * names only: texts are never cut.
 */
export function clip(name: string, limit: number): string {
  const line = name
    .replaceAll(/\p{Bidi_Control}/gu, "")
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();
  if (line.length <= limit) return line;
  const cut = line.slice(0, limit - 1);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}
