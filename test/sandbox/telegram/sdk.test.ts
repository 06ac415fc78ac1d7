/** The emulator as the real SDK's own polling and webhook code see it. */
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Telegraf } from "telegraf";
import { expect, onTestFinished, test, vi } from "vitest";
import { startForum } from "./harness.js";

test("a bot launched by polling hears, answers and confirms", async () => {
  const { emulator, chat, user, topic } = await startForum();
  const bot = new Telegraf(emulator.botToken, { telegram: { apiRoot: emulator.apiUrl } });
  bot.on("text", (context) => context.reply(`heard ${context.message.text}`));
  const launched = bot.launch({ dropPendingUpdates: true });
  onTestFinished(() => launched);
  onTestFinished(() => bot.stop());
  await vi.waitFor(() => expect(emulator.calls.map((one) => one.method)).toContain("deleteWebhook"));
  emulator.says(chat, user, "one", { topic });
  await vi.waitFor(() => expect(emulator.messages(chat, topic).at(-1)?.text).toBe("heard one"));
  emulator.says(chat, user, "two", { topic });
  await vi.waitFor(() => expect(emulator.messages(chat, topic).at(-1)?.text).toBe("heard two"));
});

test("a bot behind its own server hears by webhook and answers on both ways", async () => {
  const { emulator, chat, user, topic } = await startForum();
  const bot = new Telegraf(emulator.botToken, { telegram: { apiRoot: emulator.apiUrl } });
  bot.on("text", async (context) => {
    await context.sendChatAction("typing");
    await context.reply(`heard ${context.message.text}`);
  });
  const callback = bot.webhookCallback("/hook", { secretToken: "s3cret" });
  const server = createServer((request, response) => void callback(request, response));
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  await bot.telegram.setWebhook(`http://127.0.0.1:${port}/hook`, {
    secret_token: "s3cret",
    drop_pending_updates: true,
  });
  emulator.says(chat, user, "one", { topic });
  await vi.waitFor(() => expect(emulator.messages(chat, topic).at(-1)?.text).toBe("heard one"));
});
