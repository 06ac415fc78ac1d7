/** The emoji that a bot may react with (Bot API, `ReactionTypeEmoji`), and the `reaction` parameter. */
import type { ReactionTypeEmoji } from "@grammyjs/types";
import { badRequest } from "./errors.js";
import type { Params } from "./params.js";
import { isRecord, nestedOf } from "./params.js";

const LISTED =
  "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡";
const EMOJI: ReadonlySet<string> = new Set(LISTED.split(" "));

/** Telegram stores reactions without the variation selector that keyboards add (❤️ is ❤). */
export function isReaction(emoji: string): emoji is ReactionTypeEmoji["emoji"] {
  return EMOJI.has(emoji);
}

/** The new reactions of a bot: none or one. */
export function readReactions(params: Params): readonly ReactionTypeEmoji["emoji"][] {
  const list = nestedOf(params, "reaction", "can't parse reaction types JSON object") ?? [];
  if (!Array.isArray(list)) throw badRequest("expected an Array of ReactionType");
  const emoji = list.map((item: unknown) => readReaction(item));
  if (emoji.length > 1) throw badRequest("REACTIONS_TOO_MANY");
  return emoji;
}

function readReaction(value: unknown): ReactionTypeEmoji["emoji"] {
  const refuse = (why: string) => badRequest(`can't parse ReactionType: ${why}`);
  if (!isRecord(value)) throw refuse("expected an Object");
  if (value.type !== "emoji") throw refuse("invalid reaction type specified");
  const emoji = String(value.emoji).replaceAll("\uFE0F", "");
  if (!isReaction(emoji)) throw badRequest("REACTION_INVALID");
  return emoji;
}
