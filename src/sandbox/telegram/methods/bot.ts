/** The bot itself: who it is, how it gets its updates, which commands it shows. */
import type { BotCommand, UserFromGetMe, WebhookInfo } from "@grammyjs/types";
import { badRequest, conflict } from "../errors.js";
import type { Params } from "../params.js";
import { flagOf, integerOf, isRecord, nestedOf, stringOf } from "../params.js";
import type { Telegram } from "../telegram.js";
import type { UpdateKind } from "../updates.js";
import { botAboutItself } from "../wire.js";
import type { Methods } from "./method.js";

export const botMethods: Methods = {
  getMe: ({ state }): UserFromGetMe => botAboutItself(state.bot),
  getUpdates,
  setWebhook,
  deleteWebhook,
  getWebhookInfo,
  setMyCommands,
  deleteMyCommands,
  getMyCommands,
};

const LONGEST_POLL_SECONDS = 50;
const WEBHOOK_PORTS = ["", "443", "80", "88", "8443"];
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];
const MOST_COMMANDS = 100;

/** The kinds that the emulator sends; others may be asked for and never come. */
const KINDS: readonly UpdateKind[] = [
  "message",
  "edited_message",
  "callback_query",
  "my_chat_member",
  "chat_member",
  "message_reaction",
  "message_reaction_count",
];

/** Telegram takes a broken list for no list, and passes over kinds that it does not know. */
function readAllowedUpdates(params: Params): readonly UpdateKind[] | undefined {
  const list = nestedOf(params, "allowed_updates", "can't parse allowed_updates JSON object");
  return Array.isArray(list) ? KINDS.filter((kind) => list.includes(kind)) : undefined;
}

function between(least: number, value: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

async function getUpdates({ updates, webhook }: Telegram, params: Params, signal: AbortSignal) {
  if (webhook.isSet()) {
    throw conflict(
      "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    );
  }
  updates.allow(readAllowedUpdates(params));
  return await updates.poll({
    offset: integerOf(params, "offset"),
    limit: between(1, integerOf(params, "limit") || 100, 100),
    timeout: between(0, integerOf(params, "timeout"), LONGEST_POLL_SECONDS),
    signal,
  });
}

/** As Telegram, but a plain `http:` address on the own machine is welcome, on any port. */
function checkWebhookUrl(text: string): void {
  if (!URL.canParse(text)) throw badRequest("invalid webhook URL specified");
  const url = new URL(text);
  if (LOOPBACK.includes(url.hostname)) return;
  if (url.protocol !== "https:") throw badRequest("bad webhook: An HTTPS URL must be provided for webhook");
  if (!WEBHOOK_PORTS.includes(url.port)) {
    throw badRequest("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443");
  }
}

function setWebhook(telegram: Telegram, params: Params): true {
  const url = stringOf(params, "url");
  if (url === "") return deleteWebhook(telegram, params);
  checkWebhookUrl(url);
  const secretToken = stringOf(params, "secret_token");
  if (secretToken.length > 256) throw badRequest("secret token is too long");
  if (!/^[\w-]*$/.test(secretToken)) throw badRequest("secret token contains unallowed characters");
  const { updates, webhook } = telegram;
  if (flagOf(params, "drop_pending_updates")) updates.clear();
  updates.allow(readAllowedUpdates(params));
  updates.interrupt(conflict("terminated by setWebhook request"));
  webhook.set({ url, secretToken, maxConnections: between(1, integerOf(params, "max_connections") || 40, 100) });
  return true;
}

function deleteWebhook({ updates, webhook }: Telegram, params: Params): true {
  if (flagOf(params, "drop_pending_updates")) updates.clear();
  webhook.set(undefined);
  return true;
}

function getWebhookInfo({ updates, webhook }: Telegram): WebhookInfo {
  const allowed = updates.allowed();
  return { ...webhook.info(), ...(allowed.length === 0 ? {} : { allowed_updates: [...allowed] }) };
}

const SCOPES = [
  "default",
  "all_private_chats",
  "all_group_chats",
  "all_chat_administrators",
  "chat",
  "chat_administrators",
  "chat_member",
];

function commandsKey({ state }: Telegram, params: Params): string {
  const scope = nestedOf(params, "scope", "can't parse BotCommandScope JSON object") ?? { type: "default" };
  if (!isRecord(scope)) throw badRequest("can't parse BotCommandScope: BotCommandScope must be an Object");
  const type = stringOf(scope, "type");
  if (!SCOPES.includes(type)) throw badRequest("can't parse BotCommandScope: Unsupported type specified");
  if (["chat", "chat_administrators", "chat_member"].includes(type)) {
    if (!state.chats.has(integerOf(scope, "chat_id"))) throw badRequest("chat not found");
  }
  return [type, stringOf(scope, "chat_id"), stringOf(scope, "user_id"), stringOf(params, "language_code")].join(" ");
}

function readCommand(value: unknown): BotCommand {
  const refuse = (why: string) => badRequest(`can't parse BotCommand: ${why}`);
  if (!isRecord(value)) throw refuse("expected an Object");
  if (typeof value.command !== "string") throw refuse(`Can't find field "command"`);
  if (typeof value.description !== "string") throw refuse(`Can't find field "description"`);
  const command = value.command.replace(/^\//, "");
  if (!/^[a-z0-9_]{1,32}$/.test(command)) throw badRequest("BOT_COMMAND_INVALID");
  if (value.description === "" || value.description.length > 256) throw badRequest("BOT_COMMAND_DESCRIPTION_INVALID");
  return { command, description: value.description };
}

function setMyCommands(telegram: Telegram, params: Params): true {
  const list = nestedOf(params, "commands", "can't parse commands JSON object") ?? [];
  if (!Array.isArray(list)) throw badRequest("expected an Array of BotCommand");
  if (list.length > MOST_COMMANDS) throw badRequest("BOT_COMMANDS_TOO_MUCH");
  const key = commandsKey(telegram, params);
  telegram.state.commands.set(
    key,
    list.map((item: unknown) => readCommand(item)),
  );
  return true;
}

function deleteMyCommands(telegram: Telegram, params: Params): true {
  telegram.state.commands.delete(commandsKey(telegram, params));
  return true;
}

function getMyCommands(telegram: Telegram, params: Params): readonly BotCommand[] {
  return telegram.state.commands.get(commandsKey(telegram, params)) ?? [];
}
