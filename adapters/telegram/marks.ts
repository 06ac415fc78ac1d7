/** Delivery state as the bot's reaction on a person's own message. A bot has one reaction per message: a new one replaces the old. */
import type { TelegramEmoji } from "telegraf/types";
import type { MarksPosts } from "../../src/adapter.js";
import type { Logger } from "../../src/log.js";
import type { Mark } from "../../src/message.js";
import type { Api } from "./api.js";
import type { Attempt } from "./attempt.js";
import { TelegramFailure } from "./errors.js";
import { numberAlike, readPostId } from "./ids.js";

/** From Telegram's fixed list (core.telegram.org/bots/api#reactiontypeemoji). */
export const REACTIONS: Readonly<Record<Mark, TelegramEmoji>> = {
  waiting: "👀",
  sent: "👌",
  failed: "👎",
  note: "✍",
  ignored: "🤷",
};

export function createMarks(deps: { api: Api; attempt: Attempt; logger: Logger }): MarksPosts {
  const { api, attempt, logger } = deps;
  return {
    mark: (post, mark) => {
      const ref = readPostId(post);
      return attempt(ref.chat, async (room) => {
        // Messages of the group before it moved, or of another bot, are out of reach, and others have the same numbers.
        if (!numberAlike(room, ref)) return;
        const reaction = [{ type: "emoji" as const, emoji: REACTIONS[mark] }];
        try {
          await api.call("setMessageReaction", { chat_id: room.actual, message_id: ref.message, reaction });
        } catch (error) {
          if (!unmarkable(error)) throw error;
          logger.debug({ post, mark, why: error.message }, "telegram: a message could not be marked");
        }
      });
    },
  };
}

/** The message was deleted, or the group allows fewer reactions. No repetition helps, and nobody waits for it. */
function unmarkable(error: unknown): error is TelegramFailure {
  if (!(error instanceof TelegramFailure)) return false;
  return error.reason === "reaction-refused" || error.reason === "message-gone" || error.reason === "unchanged";
}
