/**
 * Slack's emoji short names as Unicode. Slack uses the names of the iamcal data set; `emoji.json` holds all of them,
 * made from `en/shortcodes/iamcal.json` and `en/data.json` of emojibase-data 17.0.0 (MIT licence, © Miles Johnson).
 */
import { readFileSync } from "node:fs";
import * as z from "zod";

/** The Unicode form of a short name, without its colons; undefined for a workspace's own emoji, which have none. */
export type EmojiNames = (name: string, tones?: readonly number[]) => string | undefined;

const table = z.record(z.string(), z.string());

/** The table is read at the first use. It is next to this file here and in the build alike. */
export function createEmojiNames(): EmojiNames {
  let names: ReadonlyMap<string, string> | undefined;
  return (name, tones = []) => {
    names ??= new Map(
      Object.entries(table.parse(JSON.parse(readFileSync(new URL("./emoji.json", import.meta.url), "utf8")))),
    );
    const emoji = names.get(name);
    return emoji === undefined ? undefined : withTones(emoji, tones);
  };
}

const handshake = "🤝";

/**
 * Puts skin tones (Slack's 2 to 6) behind the characters that take one; a second tone is for the second person. Pairs
 * that are one character have no form with two tones made this way: they get the first.
 */
function withTones(emoji: string, tones: readonly number[]): string {
  if (tones.length === 0) return emoji;
  const joined = emoji.includes("\u200d");
  let next = 0;
  return emoji.replaceAll(/(\p{Emoji_Modifier_Base})\uFE0F?/gu, (whole, base: string) => {
    // Between two people the handshake joins them and takes no tone of its own.
    if (joined && base === handshake) return whole;
    const tone = tones[Math.min(next, tones.length - 1)] ?? 2;
    next += 1;
    return base + String.fromCodePoint(0x1f3fb + Math.min(Math.max(tone, 2), 6) - 2);
  });
}
