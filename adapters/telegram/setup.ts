/** Looks at what Telegram knows of the bot and of the lines' chats, for `doctor`. Changes nothing. */
import type { Finding } from "../../src/adapter.js";
import type { Place } from "../../src/message.js";
import type { Answer, Api } from "./api.js";
import { type Chats, isForum } from "./chats.js";
import { isForAdmins, remedy, TelegramFailure } from "./errors.js";
import { isChatId } from "./ids.js";

export interface SetupOptions {
  readonly allowedUsers: readonly number[];
  /** The URL that Telegram should call; undefined when polling. */
  readonly webhookUrl: string | undefined;
}

type Me = Answer<"getMe">;
type Chat = Answer<"getChat">;
type Member = Answer<"getChatMember">;

export async function checkSetup(
  options: SetupOptions,
  places: readonly Place[],
  deps: { api: Api; chats: Chats },
): Promise<readonly Finding[]> {
  const { api, chats } = deps;
  const me = await asked("Telegram bot", () => api.call("getMe", {}));
  if (!("answer" in me)) return [me];
  await chats.ready();
  const findings: Finding[] = [{ ok: true, what: "Telegram bot", detail: `@${me.answer.username} answers` }];
  findings.push(await checkWebhook(options, api));
  const own = new Set(places.filter(({ platform }) => platform === "telegram").map(({ chat }) => chat));
  for (const chat of own) findings.push(...(await checkChat(chat, me.answer, options, deps)));
  return findings;
}

async function checkWebhook({ webhookUrl }: SetupOptions, api: Api): Promise<Finding> {
  const what = "Telegram webhook";
  const info = await asked(what, () => api.call("getWebhookInfo", {}));
  if (!("answer" in info)) return info;
  const { url = "", last_error_message: lastError } = info.answer;
  if (webhookUrl === undefined) {
    if (url === "") return { ok: true, what, detail: "none is set, as long polling needs it" };
    return {
      ok: false,
      what,
      detail: "A webhook is set. The bridge removes it when it starts; stop whatever else uses this bot.",
    };
  }
  if (url === "") return { ok: true, what, detail: "not set yet; the bridge sets it when it starts" };
  if (url !== webhookUrl) {
    return {
      ok: false,
      what,
      detail: `Telegram calls another address, not ${webhookUrl}. Start the bridge to set it, and stop whatever else uses this bot.`,
    };
  }
  if (lastError) {
    return {
      ok: false,
      what,
      detail: `Telegram could not reach ${webhookUrl}: ${lastError}. Check server.publicUrl, the certificate and the port (443, 80, 88 or 8443).`,
    };
  }
  return { ok: true, what, detail: `Telegram calls ${webhookUrl}` };
}

async function checkChat(
  chat: string,
  me: Me,
  options: SetupOptions,
  { api, chats }: { api: Api; chats: Chats },
): Promise<readonly Finding[]> {
  const what = `Telegram chat ${chat}`;
  if (!isChatId(chat))
    return [{ ok: false, what, detail: "This is no chat id. /id in the chat tells it, such as -1001234567890." }];
  const id = chats.named(chat).actual;
  const facts = await asked(what, () => api.call("getChat", { chat_id: id }), chat);
  if (!("answer" in facts)) return [facts];
  if (facts.answer.type === "private") return [checkPrivate(id, what, options)];
  if (facts.answer.type === "channel")
    return [{ ok: false, what, detail: "This is a channel, where nobody can answer. Use a group." }];
  const member = await asked(what, () => api.call("getChatMember", { chat_id: id, user_id: me.id }), chat);
  return "answer" in member ? checkGroup(what, facts.answer, member.answer, me) : [member];
}

function checkPrivate(id: number, what: string, { allowedUsers }: SetupOptions): Finding {
  if (allowedUsers.includes(id)) return { ok: true, what, detail: "a private chat; answers are taken" };
  return { ok: false, what, detail: `Answers from here are ignored. Add ${id} to telegram.allowedUsers.` };
}

function checkGroup(what: string, chat: Chat, member: Member, me: Me): readonly Finding[] {
  if (member.status === "left" || member.status === "kicked") {
    return [{ ok: false, what, detail: "The bot is not in this group. Add it, as an administrator." }];
  }
  const forum = isForum(chat);
  const findings: Finding[] = [
    {
      ok: true,
      what,
      detail: forum ? "a group with topics: one per conversation" : "a group without topics: chains of replies",
    },
  ];
  const missing = forum ? missingRights(member) : [];
  if (missing.length > 0) {
    const detail = `The bot may not ${missing.join(", ")}. Make it an administrator with these rights.`;
    findings.push({ ok: false, what: `${what}: rights`, detail });
  }
  if (member.status !== "administrator" && !me.can_read_all_group_messages) {
    const hidden = forum ? "what people write in topics" : "replies to what colleagues wrote";
    const detail = `Privacy mode hides ${hidden}. Make the bot an administrator, or switch privacy off at @BotFather (/setprivacy) and then remove the bot from the group and add it again.`;
    findings.push({ ok: false, what: `${what}: privacy mode`, detail });
  }
  return findings;
}

function missingRights(member: Member): readonly string[] {
  const admin = member.status === "administrator" ? member : undefined;
  return [
    admin?.can_manage_topics ? "" : "manage topics",
    admin?.can_pin_messages ? "" : "pin messages",
    admin?.can_delete_messages ? "" : "delete messages",
  ].filter((right) => right !== "");
}

/** The answer, or the finding that there is none. */
async function asked<T>(what: string, ask: () => Promise<T>, chat = ""): Promise<{ readonly answer: T } | Finding> {
  try {
    return { answer: await ask() };
  } catch (error) {
    if (!(error instanceof TelegramFailure)) throw error;
    const { reason } = error;
    const detail = isForAdmins(reason)
      ? remedy(reason, chat)
      : `Telegram did not tell (${error.message}). Check telegram.apiUrl and the network, then try again.`;
    return { ok: false, what, detail };
  }
}
