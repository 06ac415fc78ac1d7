/**
 * The same questions to the emulator and to `telegram-test-api`, a test double that others wrote: where both agree, neither
 * is likely to be a misreading of ours. Known differences stand beside the questions.
 */
import { Telegram } from "telegraf";
import { TelegramServer } from "telegram-test-api/lib/telegramServer.js";
import { describe, expect, onTestFinished, test } from "vitest";
import { freePort } from "../../fixtures/port.js";
import { startTelegram } from "./harness.js";

interface Subject {
  readonly api: Telegram;
  readonly chat: number;
  /** The person of the chat writes, presses a button of the bot's message. */
  says(text: string): Promise<void>;
  presses(messageId: number, data: string): Promise<void>;
}

async function ours(): Promise<Subject> {
  const { emulator, api } = await startTelegram();
  const chat = emulator.privateChat(emulator.addUser({ id: 1, firstName: "TestName", username: "testUserName" }));
  await api.getUpdates(0, 100, -1, undefined);
  await api.deleteWebhook({ drop_pending_updates: true });
  return {
    api,
    chat,
    says: async (text) => void emulator.says(chat, chat, text),
    presses: async (messageId, data) => void emulator.presses(chat, messageId, data, chat),
  };
}

async function theirs(): Promise<Subject> {
  const server = new TelegramServer({ port: await freePort(), host: "127.0.0.1" });
  await server.start();
  onTestFinished(async () => void (await server.stop()));
  const token = "1:token";
  const client = server.getClient(token);
  return {
    api: new Telegram(token, { apiRoot: server.config.apiURL }),
    chat: 1,
    says: async (text) => void (await client.sendMessage(client.makeMessage(text))),
    presses: async (messageId, data) => {
      const options = { message: { message_id: messageId } };
      await client.sendCallback(client.makeCallbackQuery(data, options));
    },
  };
}

describe.each([
  ["the emulator", ours],
  ["telegram-test-api", theirs],
] as const)("%s", (name, start) => {
  const isOurs = name === "the emulator";
  const reply_markup = { inline_keyboard: [[{ text: "Retry", callback_data: "retry" }]] };

  test("sends a message into a private chat", async () => {
    const { api, chat } = await start();
    const sent = await api.sendMessage(chat, "hello", { reply_markup });
    expect(sent).toMatchObject({
      message_id: expect.any(Number),
      chat: { id: chat, type: "private" },
      text: "hello",
      reply_markup,
    });
    // Difference: theirs counts milliseconds in `date` and names the bot as the chat.
    expect(Math.log10(sent.date) < 10).toBe(isOurs);
    expect(sent.chat).toMatchObject({ first_name: isOurs ? "TestName" : "Bot" });
  });

  test("hands out what a person wrote, in order, with rising ids", async () => {
    const { api, chat, says } = await start();
    await says("one");
    await says("two");
    const updates = await api.getUpdates(0, 100, 0, undefined);
    expect(updates).toMatchObject([
      {
        message: {
          text: "one",
          chat: { id: chat },
          from: { id: 1, is_bot: false, first_name: "TestName", username: "testUserName" },
        },
      },
      { message: { text: "two" } },
    ]);
    expect((updates[1]?.update_id ?? 0) - (updates[0]?.update_id ?? 0)).toBe(1);
    // Difference: theirs hands an update out once, Telegram until a later one is asked for.
    expect(await api.getUpdates(0, 100, 0, undefined)).toHaveLength(isOurs ? 2 : 0);
  });

  test("tells of a pressed button and takes the answer", async () => {
    const { api, chat, presses } = await start();
    const { message_id } = await api.sendMessage(chat, "failed", { reply_markup });
    await presses(message_id, "retry");
    const [update] = await api.getUpdates(0, 100, 0, undefined);
    expect(update).toMatchObject({
      callback_query: { id: expect.any(String), data: "retry", from: { id: 1 }, message: { message_id } },
    });
    const query = update !== undefined && "callback_query" in update ? update.callback_query : undefined;
    // Difference: theirs answers null where Telegram answers true.
    expect(await api.answerCbQuery(query?.id ?? "")).toBe(isOurs ? true : null);
  });

  test("edits and deletes the bot's message", async () => {
    const { api, chat } = await start();
    const { message_id } = await api.sendMessage(chat, "sending");
    // Difference: theirs does not give the edited message back.
    const edited = await api.editMessageText(chat, message_id, undefined, "sent");
    if (isOurs) expect(edited).toMatchObject({ message_id, text: "sent" });
    await api.deleteMessage(chat, message_id);
    // Difference: the wording. Both refuse with 400.
    await expect(api.deleteMessage(chat, message_id)).rejects.toMatchObject({
      code: 400,
      description: isOurs
        ? "Bad Request: message to delete not found"
        : `Bad Request: chat 1 with message ${message_id} wasn't found`,
    });
  });

  test("knows the bot", async () => {
    const { api } = await start();
    expect(await api.getMe()).toMatchObject({
      id: expect.any(Number),
      username: expect.any(String),
      first_name: expect.any(String),
    });
  });
});
