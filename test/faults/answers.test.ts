/** Answers that no platform documents (a proxy's page, an empty body, JSON of another shape): never taken for a success, never for the end. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createSlackAdapter } from "../../adapters/slack/index.js";
import { createTelegramAdapter } from "../../adapters/telegram/index.js";
import type { ChatAdapter } from "../../src/adapter.js";
import type { Card, Conversation, ConversationId, Post, PostId, ThreadId } from "../../src/message.js";

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
  /** The server says that it will send no more, and goes on listening. */
  readonly halfCloses?: boolean;
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
  "half an answer, and then no more on an open connection": { body: '{"ok":true,"ts":"17', halfCloses: true },
  "no JSON behind a byte order mark": { body: `\uFEFF${PAGE}` },
  "a body without end": { body: HUGE },
};

/** For calls whose whole answer is that they were done, these are no oddities. */
const SAYS_DONE: ReadonlySet<string> = new Set(["a bare ok", "an ok with something else"]);

/** A platform whose every call is answered well, until `odd` is set: then all are answered so, or only those of the method. */
async function platform(well: (method: string, body: string) => object) {
  const state: { odd: Odd | undefined; only?: string; readonly calls: string[] } = { odd: undefined, calls: [] };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const method = (request.url ?? "").split("/").at(-1) ?? "";
      state.calls.push(method);
      const odd = state.only === undefined || state.only === method ? state.odd : undefined;
      const {
        status = 200,
        type = "application/json",
        body,
        breaksOff,
        halfCloses,
      } = odd ?? {
        body: JSON.stringify(well(method, Buffer.concat(chunks).toString())),
      };
      const length = Buffer.byteLength(body) + (breaksOff === true || halfCloses === true ? 100 : 0);
      response.writeHead(status, { "content-type": type, ...(status === 204 ? {} : { "content-length": length }) });
      if (breaksOff === true) response.write(body.length === 0 ? " " : body, () => response.destroy());
      else if (halfCloses === true) response.write(body, () => response.socket?.end());
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
    { botToken: "xoxb-1", signingSecret: "s", apiUrl: `${url}/api/`, command: "/sms", timeoutMs: 1000 },
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
      timeoutMs: 1000,
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

const MARKED = {
  Slack: { setUp: slack, method: "reactions.add", post: "C1:1800000000.000100" as PostId },
  Telegram: { setUp: telegram, method: "setMessageReaction", post: "-1001/9" as PostId },
} as const;

describe.each(Object.entries(MARKED))("%s answers a mark with", (_, { setUp, method, post }) => {
  it.each(Object.entries(ODDITIES).filter(([name]) => !SAYS_DONE.has(name)))(
    "%s: it is set again, until that is confirmed",
    async (__, odd) => {
      const { state, adapter } = await setUp();
      onTestFinished(() => adapter.stop());
      await adapter.start({ accept: async () => {} });
      state.odd = odd;
      for (let time = 0; time < 2; time += 1) await expect(adapter.mark(post, "sent")).rejects.toMatchObject(LATER);
      state.odd = undefined;
      await expect(adapter.mark(post, "sent")).resolves.toBeUndefined();
      expect(state.calls.filter((call) => call === method)).toHaveLength(3);
    },
  );
});

const NO_UPDATES: Readonly<Record<string, Odd>> = {
  ...ODDITIES,
  "updates without numbers": { body: '{"ok":true,"result":[{"message":{}}]}' },
  "numbers that are words": { body: '{"ok":true,"result":[{"update_id":"7"}]}' },
  "a list of nothing": { body: '{"ok":true,"result":[null]}' },
};

describe("Telegram answers a poll for updates with", () => {
  it.each(Object.entries(NO_UPDATES))(
    "%s: it is told as unwell, polled again, and no update is lost",
    async (_, odd) => {
      const chat = { id: -1001, type: "supergroup", is_forum: true, title: "Sales" };
      const from = { id: 7, is_bot: false, first_name: "Boris" };
      const thread = { message_thread_id: 5, is_topic_message: true };
      const update = { update_id: 41, message: { message_id: 12, date: 1, chat, from, text: "hi there", ...thread } };
      const { state, url } = await platform((method, body) => {
        const { offset = 0 } = JSON.parse(body === "" ? "{}" : body) as { offset?: number };
        if (method === "getMe")
          return { ok: true, result: { id: 1, username: "bot", can_read_all_group_messages: true } };
        return { ok: true, result: method === "getUpdates" ? (offset > 41 ? [] : [update]) : true };
      });
      state.odd = odd;
      state.only = "getUpdates";
      const accepted: string[] = [];
      const adapter = createTelegramAdapter(
        { botToken: "1:token", apiUrl: url, allowedUsers: [], timeoutMs: 300, pollSeconds: 0 },
        {
          ...{ logger, now: Date.now, memory: { get: async () => undefined, set: async () => {} } },
          // Long waits are short here; a poll that is answered at once must not keep the machine busy.
          sleep: (_ms, signal) => wait(5, undefined, { signal }).catch(() => undefined),
        },
      );
      onTestFinished(() => adapter.stop());
      await adapter.start({ accept: async (event) => void accepted.push(event.key) });
      await vi.waitFor(
        () => expect(state.calls.filter((call) => call === "getUpdates").length).toBeGreaterThan(2),
        10_000,
      );
      expect(adapter.unwell()).toMatch(/Telegram does not answer/);
      expect(accepted).toEqual([]);
      state.odd = undefined;
      await vi.waitFor(() => expect(accepted).toHaveLength(1), 10_000);
      await vi.waitFor(() => expect(adapter.unwell()).toBeUndefined(), 10_000);
    },
  );
});
