import { expect, test } from "vitest";
import { createTelegramAdapter } from "../../../adapters/telegram/index.js";
import { ConfigError } from "../../../src/errors.js";
import { callsOf, createBridge, createMemory, eventually, startBridge, startTelegram } from "./harness.js";
import { inTopic } from "./reading.js";

const SECRET = { "x-telegram-bot-api-secret-token": "hook-secret" };

async function hooked() {
  const telegram = await startTelegram();
  const bridge = await startBridge(telegram, { mode: "webhook" });
  const [webhook] = bridge.adapter.webhooks ?? [];
  if (!webhook) throw new Error("there is no webhook");
  const post = (body: unknown, headers: Record<string, string> = SECRET) =>
    webhook.handle({ headers, body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)) });
  return { telegram, webhook, post, ...bridge };
}

test("polling has no webhook to offer", async () => {
  const { adapter } = await startBridge(await startTelegram());
  expect(adapter).not.toHaveProperty("webhooks");
});

test("Telegram is told the address, the secret and the kinds of updates, at the start", async () => {
  const { telegram, webhook, adapter } = await hooked();
  expect(webhook).toMatchObject({ method: "POST", path: "/telegram/webhook" });
  expect(callsOf(telegram, "setWebhook")).toMatchObject([
    {
      secret_token: "hook-secret",
      allowed_updates: ["message", "edited_message", "callback_query", "my_chat_member"],
    },
  ]);
  expect(callsOf(telegram, "getUpdates")).toEqual([]);
  expect(adapter.unwell()).toBeUndefined();
});

test.each([{}, { "x-telegram-bot-api-secret-token": "wrong" }, { "x-telegram-bot-api-secret-token": "hook-secret-" }])(
  "a request with the secret %j is refused",
  async (headers) => {
    const { post, events, webhook } = await hooked();
    await expect(post(inTopic({ text: "x" }), headers as Record<string, string>)).resolves.toEqual({ status: 403 });
    expect(webhook.refuses?.(headers as Record<string, string>)).toEqual({ status: 403 });
    expect(events).toEqual([]);
  },
);

test("an update is answered 200 once it is stored", async () => {
  const { post, events } = await hooked();
  await expect(post(inTopic({ text: "x" }))).resolves.toEqual({ status: 200 });
  expect(events).toMatchObject([{ text: "x" }]);
});

test("an update that the store cannot take is to come again", async () => {
  const { post, broken, logs } = await hooked();
  broken(true);
  await expect(post(inTopic({ text: "private words" }))).resolves.toMatchObject({ status: 503 });
  expect(logs.at(-1)?.level).toBe("error");
});

test("an update that nobody understands is not sent for ever", async () => {
  const { post } = await hooked();
  await expect(post({ update_id: 1, message: { odd: true } })).resolves.toEqual({ status: 200 });
});

test.each(["", "{", "7", "null"])("%j is no update", async (body) => {
  const { post } = await hooked();
  await expect(post(body)).resolves.toEqual({ status: 400 });
});

test("before the start and after the stop, Telegram is asked to come again", async () => {
  const telegram = await startTelegram();
  const bridge = await createBridge(telegram, { mode: "webhook" });
  const request = { headers: SECRET, body: Buffer.from(JSON.stringify(inTopic({ text: "x" }))) };
  const handle = () => bridge.adapter.webhooks?.[0]?.handle(request);
  await expect(handle()).resolves.toMatchObject({ status: 503 });
  await bridge.start();
  await expect(handle()).resolves.toEqual({ status: 200 });
  await bridge.adapter.stop();
  await expect(handle()).resolves.toMatchObject({ status: 503 });
});

test("a setting that cannot work is a problem of the config, with its remedy", () => {
  const create = (hook: { webhookSecret: string; webhookUrl?: string }) => () =>
    createTelegramAdapter(
      { botToken: "1:x", allowedUsers: [], ...hook },
      { logger: console, now: Date.now, memory: createMemory() },
    );
  expect(create({ webhookSecret: "s" })).toThrow(ConfigError);
  expect(create({ webhookSecret: "s" })).toThrow("set server.publicUrl");
  expect(create({ webhookSecret: "a b", webhookUrl: "https://x" })).toThrow("1 to 256 characters");
});

test("a webhook that could not be set is tried again", async () => {
  const telegram = await startTelegram();
  telegram.fail({ method: "setWebhook", kind: "status", code: 500, description: "Internal", times: 2 });
  const { naps } = await startBridge(telegram, { mode: "webhook" });
  await eventually(() => expect(naps).toEqual([1000, 2000]));
});
