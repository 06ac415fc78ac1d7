/** Telegram in the config: its section, and its chats in a line's `to`. */
import * as z from "zod";
import * as field from "../../src/config/fields.js";
import type { PlatformConfig, Written } from "../../src/config/platform.js";

const API = "https://api.telegram.org";
const EXAMPLE = "-1001234567890";

const section = field.section({
  botToken: botToken(),
  /** Webhook mode; absent: long polling. */
  webhookSecret: webhookSecret().exactOptional(),
  /** Without a slash at the end. */
  apiUrl: field.httpUrl("path", API).default(API),
  /** Ids of the people who may use the bot in private chats. */
  allowedUsers: z
    .array(field.wholeNumber(1, 999_999_999_999_999), { error: "must be a list of Telegram user ids: [123456789]" })
    .default([]),
});

export const telegramConfig = {
  name: "telegram",
  section,
  chat: field.textLike(
    /^-?\d{1,16}$/,
    `Write the chat's id, a number such as ${EXAMPLE} (groups have a minus in front)`,
  ),
  exampleChat: EXAMPLE,
  checkChat,
  needsAddress: (written) =>
    written["webhookSecret"] === undefined ? undefined : "telegram is in webhook mode (webhookSecret)",
} as const satisfies PlatformConfig;

/** Only private chats have positive ids: a group's was copied without what stands in front of it. */
function checkChat(chat: string, { allowedUsers }: Written): string | undefined {
  if (!/^\d+$/.test(chat) || (Array.isArray(allowedUsers) && allowedUsers.includes(chat))) return undefined;
  const group = /^100\d{10,}$/.test(chat) ? `-${chat}` : `-100${chat}`;
  return `is the id of a private chat, as there is no minus in front. If it is a group, write ${group} (/id in the group tells it); if it is a person's chat with the bot, add ${chat} to telegram.allowedUsers as well, or answers from there are ignored`;
}

function botToken() {
  const want = "Write the token as @BotFather shows it: digits, a colon, letters and digits";
  return field.secret(want, (value) =>
    /^\d+:[A-Za-z0-9_-]+$/.test(value) ? undefined : `is not a bot token. ${want}`,
  );
}

/** Sent by Telegram as a header, which takes these characters only (Bot API, setWebhook, secret_token). */
function webhookSecret() {
  const want = `Write 16 to 256 of A-Z a-z 0-9 _ -. ${field.MAKE_SECRET}`;
  return field.secret(want, (value) => {
    if (/^[A-Za-z0-9_-]{16,256}$/.test(value)) return undefined;
    return `has ${value.length} characters${/[^A-Za-z0-9_-]/.test(value) ? ", some of them others" : ""}. ${want}`;
  });
}
