import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { Update } from "@grammyjs/types";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { call, refusal, startForum } from "./harness.js";

interface Arrival {
  readonly update: Update;
  readonly headers: IncomingHttpHeaders;
  answer(status: number, body?: string): void;
}

/** A bot's own server; `arrivals` holds what came in and waits for its answer. */
async function startBot() {
  const arrivals: Arrival[] = [];
  const server = createServer((request, response) => {
    void json(request).then((update) =>
      arrivals.push({
        update: update as Update,
        headers: request.headers,
        answer: (status, body = "") => response.writeHead(status).end(body),
      }),
    );
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const arrival = (index: number): Promise<Arrival> =>
    vi.waitFor(() => {
      const found = arrivals[index];
      if (found === undefined) throw new Error(`${arrivals.length} updates so far`);
      return found;
    });
  return { url: `http://127.0.0.1:${port}/hook`, arrivals, arrival };
}

async function startBoth() {
  const setup = await startForum({ webhookRetryMs: 10 });
  const bot = await startBot();
  await setup.api.setWebhook(bot.url, { secret_token: "a-Secret_1", drop_pending_updates: true, max_connections: 2 });
  return { ...setup, ...bot };
}

describe("a webhook", () => {
  test("gets a chat's updates in order, one at a time, and chats side by side", async () => {
    const { emulator, chat, user, arrivals, arrival } = await startBoth();
    const other = emulator.addGroup({ title: "Support", forum: false });
    emulator.says(chat, user, "one");
    emulator.says(chat, user, "two");
    emulator.says(other, user, "elsewhere");
    const [first, second] = [await arrival(0), await arrival(1)];
    expect(arrivals.map(({ update }) => update.message?.text)).toEqual(["one", "elsewhere"]);
    expect(first.headers).toMatchObject({
      "x-telegram-bot-api-secret-token": "a-Secret_1",
      "content-type": "application/json",
    });
    first.answer(204);
    expect((await arrival(2)).update.message?.text).toBe("two");
    second.answer(200);
  });

  test("gets an update again until it says 2xx; later ones of the chat wait", async () => {
    const { emulator, api, chat, user, arrivals, arrival } = await startBoth();
    emulator.says(chat, user, "one");
    emulator.says(chat, user, "two");
    (await arrival(0)).answer(500);
    (await arrival(1)).answer(302);
    const info = await api.getWebhookInfo();
    expect(info).toMatchObject({ pending_update_count: 2, max_connections: 2 });
    expect(info.last_error_message).toMatch(/^Wrong response from the webhook: \d{3} /);
    (await arrival(2)).answer(200);
    (await arrival(3)).answer(200);
    expect(arrivals.map(({ update }) => update.message?.text)).toEqual(["one", "one", "one", "two"]);
    await vi.waitFor(async () => expect(await api.getWebhookInfo()).toMatchObject({ pending_update_count: 0 }));
  });

  test("may answer with a call", async () => {
    const { emulator, chat, user, topic, arrival } = await startBoth();
    emulator.says(chat, user, "hello", { topic });
    const body = JSON.stringify({ method: "sendMessage", chat_id: chat, message_thread_id: topic, text: "hi" });
    (await arrival(0)).answer(200, body);
    await vi.waitFor(() => expect(emulator.messages(chat, topic).at(-1)).toMatchObject({ text: "hi" }));
    expect(emulator.calls.at(-1)).toMatchObject({ method: "sendMessage", status: 200 });
  });

  test("and polling exclude each other", async () => {
    const { emulator, api, chat, user, url, arrival } = await startBoth();
    expect(await refusal(api.getUpdates(0, 100, 0, undefined))).toBe(
      "409 Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    );
    emulator.says(chat, user, "not taken");
    await arrival(0);
    await api.deleteWebhook();
    expect(await api.getWebhookInfo()).toMatchObject({ url: "", pending_update_count: 1 });
    const [update] = await api.getUpdates(0, 100, 0, undefined);
    const waiting = refusal(api.getUpdates(50, 100, (update?.update_id ?? 0) + 1, undefined));
    await vi.waitFor(() => expect(emulator.isPolled()).toBe(true));
    await api.setWebhook(url);
    expect(await waiting).toBe("409 Conflict: terminated by setWebhook request");
  });

  test.each([
    [{ url: "nonsense" }, "invalid webhook URL specified"],
    [{ url: "http://example.com/hook" }, "bad webhook: An HTTPS URL must be provided for webhook"],
    [{ url: "https://example.com:8080/hook" }, "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"],
    [{ url: "https://example.com/", secret_token: "a b" }, "secret token contains unallowed characters"],
    [{ url: "https://example.com/", secret_token: "x".repeat(257) }, "secret token is too long"],
  ])("%j is refused", async (params, why) => {
    const { emulator } = await startForum();
    expect(await call(emulator, "setWebhook", params)).toMatchObject({
      error_code: 400,
      description: `Bad Request: ${why}`,
    });
  });
});
