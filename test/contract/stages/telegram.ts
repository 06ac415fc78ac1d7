/** Telegram's emulator as a stage: a forum group, a group without topics, or a private chat. */
import fetch from "node-fetch";
import { postId, readPostId, readThreadId } from "../../../adapters/telegram/ids.js";
import { createTelegramAdapter, type TelegramAdapter } from "../../../adapters/telegram/index.js";
import type { PostId, ThreadId } from "../../../src/message.js";
import type { FaultKind } from "../../../src/sandbox/telegram/faults.js";
import { createTelegramEmulator, type TelegramEmulator } from "../../../src/sandbox/telegram/index.js";
import type { MessageView } from "../../../src/sandbox/telegram/views.js";
import type { Seen, Stage, Trouble, Verb } from "../adapter/stage.js";
import { createHookServer } from "./hook-server.js";
import { createRecordedLog } from "./log.js";

export type Room = "forum" | "group" | "private";

const SECRET = "hook-secret-of-the-suite";
const READING = /^get|Webhook$|^answerCallbackQuery$/i;

export async function telegramStage(way: "polling" | "webhook", room: Room): Promise<Stage> {
  const telegram = await createTelegramEmulator({ paceLimits: false, webhookRetryMs: 5 });
  const hooks = await createHookServer();
  const log = createRecordedLog();
  const anna = telegram.addUser({ firstName: "Anna" });
  const chat =
    room === "private" ? telegram.privateChat(anna) : telegram.addGroup({ title: "Texts", forum: room === "forum" });
  // A private chat begins with the person's /start, which the bot would answer in the middle of a test.
  await forgetUpdates(telegram);
  const memory = createMemory();
  const { apiUrl, botToken } = telegram;

  const create = (): TelegramAdapter => {
    const hook = { webhookSecret: SECRET, webhookUrl: `${hooks.url}/telegram/webhook` };
    const adapter = createTelegramAdapter(
      { botToken, apiUrl, allowedUsers: [anna], timeoutMs: 700, ...(way === "webhook" ? hook : {}) },
      {
        ...{ logger: log.logger, now: Date.now, memory },
        sleep: async () => new Promise((resolve) => setImmediate(resolve)),
      },
    );
    const { start } = adapter;
    return {
      ...adapter,
      // Requests go to whichever adapter was started last.
      start: (inbox) => {
        hooks.serves(adapter.webhooks ?? []);
        return start(inbox);
      },
    };
  };

  const seen = (message: MessageView): Seen => seenBy(telegram, chat, message);
  const methods = methodsIn(room);

  return {
    adapter: create(),
    another: create,
    place: { platform: "telegram", chat: String(chat) },
    tells: ["written", "edited", "chosen"],
    people: {
      writes: (thread, text) => {
        const ref = readThreadId(thread);
        const how = ref.kind === "topic" ? { topic: ref.topic } : { replyTo: ref.root };
        return postIn(chat, telegram.says(chat, anna, text, how));
      },
      edits: (post, text) => telegram.edits(chat, readPostId(post).message, text),
      deletes: (post) => telegram.deletesMessage(chat, readPostId(post).message),
      presses: async (post, { action, subject }) => {
        await telegram.presses(chat, readPostId(post).message, `${action}:${subject}`, anna).answered;
        return true;
      },
      ...(room === "forum"
        ? { removesThread: (thread: ThreadId) => telegram.deletesTopic(chat, topicOf(thread)) }
        : {}),
    },
    shown: (thread) => inThread(telegram.messages(chat), thread).map(seen),
    seen: (post) => {
      const message = telegram.messages(chat).find(({ id }) => id === readPostId(post).message);
      return message && seen(message);
    },
    readable: () => telegram.messages(chat).flatMap(({ kind, text }) => (kind === "text" ? [text] : [])),
    trouble: {
      next: (verb, trouble) => void telegram.fail({ ...faultOf(trouble), method: methods[verb], times: 1 }),
      connecting: () => {
        telegram.fail({ kind: "status", code: 500, description: "Internal Server Error", method: "getMe", times: 1 });
      },
      slow: (ms) => telegram.latency(ms),
      vanishes: () => telegram.close(),
      ...(way === "webhook" ? { losesReceipt: async () => hooks.losesAnswer() } : {}),
      // Whoever blocks the bot in a private chat wants nothing from it any more.
      ...(room === "private"
        ? {}
        : {
            locksOut: () => telegram.takesRight(chat, "can_send_messages"),
            letsIn: () => telegram.givesRight(chat, "can_send_messages"),
          }),
    },
    changes: () => telegram.calls.filter(({ method, status }) => !READING.test(method) && status === 200).length,
    logged: log.text,
    secrets: [botToken.split(":")[1] ?? botToken, SECRET],
    async close() {
      await telegram.close();
      await hooks.close();
    },
  };
}

/** Asking for a later update confirms those before it. */
async function forgetUpdates({ apiUrl, botToken }: TelegramEmulator): Promise<void> {
  const updates = `${apiUrl}/bot${botToken}/getUpdates`;
  const answer = (await (await fetch(`${updates}?offset=-1`)).json()) as {
    readonly result: readonly { readonly update_id: number }[];
  };
  const last = answer.result.at(-1);
  if (last !== undefined) await (await fetch(`${updates}?offset=${last.update_id + 1}`)).text();
}

function createMemory() {
  const held = new Map<string, string>();
  return {
    get: async (key: string) => held.get(key),
    set: async (key: string, value: string) => void held.set(key, value),
  };
}

function methodsIn(room: Room): Readonly<Record<Verb, string>> {
  return {
    open: room === "forum" ? "createForumTopic" : "sendMessage",
    send: "sendMessage",
    mark: "setMessageReaction",
    showCard: "editMessageText",
    settle: "editMessageText",
    erase: room === "forum" ? "deleteForumTopic" : "deleteMessage",
  };
}

function faultOf(trouble: Trouble): FaultKind {
  switch (trouble.kind) {
    case "limited":
      return { kind: "rate-limit", retryAfter: trouble.afterMs / 1000 };
    case "refused":
      return { kind: "status", code: 400, description: "Bad Request: message is too long" };
    case "failed":
      return { kind: "status", code: 500, description: "Internal Server Error" };
    case "lost call":
      return { kind: "reset before effect" };
    case "lost answer":
      return { kind: "reset after effect" };
    case "no answer":
      return { kind: "hang" };
  }
}

function postIn(chat: number, message: number): PostId {
  return postId({ chat: String(chat), actual: chat }, message);
}

function topicOf(thread: ThreadId): number {
  const ref = readThreadId(thread);
  if (ref.kind !== "topic") throw new Error(`${thread} is no topic`);
  return ref.topic;
}

/** The topic's messages, or those that answer the root, at whatever remove. */
function inThread(messages: readonly MessageView[], thread: ThreadId): readonly MessageView[] {
  const ref = readThreadId(thread);
  if (ref.kind === "topic") return messages.filter(({ topic, kind }) => topic === ref.topic && kind === "text");
  const members = new Set([ref.root]);
  return messages.filter(({ id, replyTo }) => {
    if (replyTo !== undefined && members.has(replyTo)) members.add(id);
    return members.has(id);
  });
}

function seenBy(telegram: TelegramEmulator, chat: number, message: MessageView): Seen {
  return {
    post: postIn(chat, message.id),
    by: message.from.name,
    text: message.text,
    signs: message.reactions.filter(({ by }) => by === telegram.bot.id).map(({ emoji }) => emoji),
    buttons: message.buttons.flat().map(({ text }) => text),
    rings: message.rendered.filter(({ detected }) => detected.includes("mention")).map(({ text }) => text),
  };
}
