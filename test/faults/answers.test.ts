/** Answers that no platform documents (a proxy's page, an empty body, JSON of another shape): never taken for a success, never for the end. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { createSlackAdapter } from "../../adapters/slack/index.js";
import { createTelegramAdapter } from "../../adapters/telegram/index.js";
import type { ChatAdapter } from "../../src/adapter.js";
import type { Card, Conversation, ConversationId, Post, ThreadId } from "../../src/message.js";

const logger = { debug() {}, info() {}, warn() {}, error() {} };
const CARD: Card = { contact: "+15550111", line: "Sales", state: "open" };
const CONVERSATION: Conversation = {
  id: "7//+15550111" as ConversationId,
  ...{ line: "Sales", extension: 7, contact: { number: "+15550111", wire: "15550111" } },
};
const POST: Post = { speaker: { kind: "contact", name: "+15550111" }, texts: [{ text: "hello", at: 0 }] };

interface Odd {
  readonly status?: number;
  readonly type?: string;
  readonly body: string | Buffer;
  /** The connection ends here, before all is sent that the headers announce. */
  readonly breaksOff?: boolean;
}

const PAGE = "<html><body>Welcome to the guest network</body></html>";
const HUGE = JSON.stringify({ ok: true, pad: "x".repeat(12 * 2 ** 20) });
const ODDITIES: Readonly<Record<string, Odd>> = {
  "a page": { body: PAGE, type: "text/html" },
  "a page that claims to be JSON": { body: PAGE },
  "an empty body": { body: "" },
  "an empty 204": { status: 204, body: "" },
  null: { body: "null" },
  "a list": { body: "[]" },
  "a string": { body: '"ok"' },
  "a number": { body: "1" },
  "a bare ok": { body: '{"ok":true}' },
  "an ok with something else": { body: '{"ok":true,"result":true,"ts":7,"message":null,"channel":[]}' },
  "a refusal without a reason": { body: '{"ok":false}' },
  "a refusal with an odd reason": { body: '{"ok":false,"error":{"a":1},"error_code":"x","description":[]}' },
  "headers alone": { body: "", breaksOff: true },
  "half an answer": { body: '{"ok":true,"ts":"17', breaksOff: true },
  "no JSON behind a byte order mark": { body: `\uFEFF${PAGE}` },
  "a body without end": { body: HUGE },
};

/** A platform whose every call is answered well, until `odd` is set. */
async function platform(well: (method: string, body: string) => object) {
  const state: { odd: Odd | undefined } = { odd: undefined };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const method = (request.url ?? "").split("/").at(-1) ?? "";
      const {
        status = 200,
        type = "application/json",
        body,
        breaksOff,
      } = state.odd ?? {
        body: JSON.stringify(well(method, Buffer.concat(chunks).toString())),
      };
      const length = Buffer.byteLength(body) + (breaksOff === true ? 100 : 0);
      response.writeHead(status, { "content-type": type, ...(status === 204 ? {} : { "content-length": length }) });
      if (breaksOff === true) response.write(body.length === 0 ? " " : body, () => response.destroy());
      else response.end(body);
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function slack() {
  const { state, url } = await platform((method, body) => {
    const form = new URLSearchParams(body);
    const thread = form.get("thread_ts");
    const ts = "1800000000.000100";
    if (method === "auth.test") return { ok: true, team_id: "T1", user_id: "UBOT" };
    if (method !== "chat.postMessage") return { ok: true, user: { id: "U1", name: "anna" }, messages: [] };
    return {
      ok: true,
      channel: form.get("channel"),
      ts,
      message: { ts, ...(thread === null ? {} : { thread_ts: thread }) },
    };
  });
  const adapter = createSlackAdapter(
    { botToken: "xoxb-1", signingSecret: "s", apiUrl: `${url}/api/`, command: "/sms", timeoutMs: 2000 },
    { logger, now: Date.now },
  );
  return { state, adapter, place: { platform: "slack", chat: "C1" }, thread: "C1:1800000000.000001" as ThreadId };
}

async function telegram() {
  const { state, url } = await platform((method, body) => {
    const asked = JSON.parse(body === "" ? "{}" : body) as { chat_id?: number; message_thread_id?: number };
    const chat = { id: asked.chat_id, type: "supergroup", is_forum: true };
    const results: Record<string, unknown> = {
      ...{ getMe: { id: 1, username: "bot" }, getChat: chat, createForumTopic: { message_thread_id: 5 } },
      ...{ sendMessage: { message_id: 9, message_thread_id: asked.message_thread_id, chat }, getUpdates: [] },
    };
    return { ok: true, result: results[method] ?? true };
  });
  const memory = { get: async () => undefined, set: async () => {} };
  const adapter = createTelegramAdapter(
    {
      botToken: "1:token",
      apiUrl: url,
      allowedUsers: [],
      timeoutMs: 2000,
      webhookSecret: "s",
      webhookUrl: "http://x/",
    },
    { logger, now: Date.now, memory },
  );
  return { state, adapter, place: { platform: "telegram", chat: "-1001" }, thread: "-1001/5" as ThreadId };
}

const LATER = { name: "RetryLater" };

describe.each([
  ["Slack", slack],
  ["Telegram", telegram],
])("%s answers a call with", (_, setUp) => {
  it.each(Object.entries(ODDITIES))("%s: it is tried again, and once all is well it is done", async (__, odd) => {
    const { state, adapter, place, thread } = await setUp();
    onTestFinished(() => adapter.stop());
    await adapter.start({ accept: async () => {} });
    await adapter.open(CONVERSATION, place, CARD, "k0");
    const calls = {
      send: () => adapter.send(thread, POST, "k1"),
      open: () => adapter.open(CONVERSATION, place, CARD, "k2"),
    };
    for (const call of Object.values(calls)) {
      state.odd = odd;
      // It may have taken effect: what was meant as an answer is not what came.
      await expect(call()).rejects.toMatchObject({ ...LATER, uncertain: true });
      state.odd = undefined;
      await expect(call()).resolves.toBeTruthy();
    }
  });
});

it.each(Object.entries(ODDITIES))(
  "Slack tells of a person with %s: nobody is let in or kept out for it",
  async (_, odd) => {
    const { state, adapter } = await slack();
    onTestFinished(() => adapter.stop());
    await adapter.start({ accept: async () => {} });
    state.odd = odd;
    await expect(adapter.person("U1")).rejects.toMatchObject(LATER);
    state.odd = undefined;
    await expect(adapter.person("U1")).resolves.toEqual({ name: "anna" });
  },
);

it.each(Object.entries(ODDITIES))(
  "a bridge that Slack greets with %s is not connected, and tries again",
  async (_, odd) => {
    const { state, adapter } = await slack();
    onTestFinished(() => adapter.stop());
    state.odd = odd;
    await expect(adapter.start({ accept: async () => {} })).rejects.toMatchObject(LATER);
    state.odd = undefined;
    await expect((adapter as ChatAdapter).start({ accept: async () => {} })).resolves.toBeUndefined();
  },
);
