/** 429 from each side, on every method, for every way of saying how long: waited for exactly as told, dropped never, and others go on. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fetch from "node-fetch";
import { describe, expect, it, onTestFinished } from "vitest";
import { createSlackAdapter } from "../../adapters/slack/index.js";
import { createApi } from "../../adapters/telegram/api.js";
import { toBridge, TelegramFailure } from "../../adapters/telegram/errors.js";
import { waitAfter } from "../../adapters/telegram/patience.js";
import { RetryLater } from "../../src/errors.js";
import type { Card, Conversation, ConversationId, PostId, ThreadId } from "../../src/message.js";
import { createPbxClient } from "../../src/pbx/client.js";
import { delivery, working } from "../fixtures/working.js";

const logger = { debug() {}, info() {}, warn() {}, error() {} };
const DAY = 86_400_000;
const SERVER_TIME = "Wed, 25 Nov 2026 10:00:00 GMT";
/** Header to ms; undefined: nothing is said that counts. */
const HEADERS: readonly (readonly [string | undefined, number | undefined])[] = [
  ["7", 7000],
  [" 90 ", 90_000],
  ["0.4", 400],
  ["3600", 3_600_000],
  // The server's clock counts for its dates, wherever ours stands.
  ["Wed, 25 Nov 2026 10:00:30 GMT", 30_000],
  ["Wednesday, 25-Nov-26 10:01:00 GMT", 60_000],
  ["Wed, 25 Nov 2026 09:00:00 GMT", undefined],
  ["99999999999", DAY],
  ["Wed, 25 Nov 2099 10:00:00 GMT", DAY],
  [undefined, undefined],
  ["", undefined],
  ["soon", undefined],
  ["in 7 minutes", undefined],
  ["-5", undefined],
  ["NaN", undefined],
  ["1e9", undefined],
];

/** Answers everything 429, but what `allows` says. */
async function limiting(
  header: string | undefined,
  body: string,
  allows: (url: string) => object | undefined = () => undefined,
) {
  const server = createServer((request, response) => {
    request.resume();
    const good = allows(request.url ?? "");
    response.sendDate = false;
    response.setHeader("date", SERVER_TIME);
    if (good !== undefined) return response.writeHead(200).end(JSON.stringify(good));
    if (header !== undefined) response.setHeader("retry-after", header);
    return response.writeHead(429, { "content-type": "application/json" }).end(body);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => "no failure",
    (error: unknown) => error,
  );

describe("the PBX limits", () => {
  const client = (url: string) =>
    createPbxClient(
      { url, clientId: "a", clientSecret: "b", country: "US" },
      { fetch, now: () => 0, random: () => 0, sleep: async () => {}, logger },
    );
  const token = (url: string) => (url === "/oauth/token" ? { access_token: "abc" } : undefined);

  it.each(HEADERS)("with Retry-After %j", async (header, afterMs) => {
    const { messages } = client(await limiting(header, "", token));
    const text = { to: "+15550111", text: "hello" };
    expect(await failureOf(messages.send(7, text))).toMatchObject({ scope: "target", afterMs, uncertain: false });
  });

  it("on each of its calls, the one for a token included", async () => {
    const { messages, chats, events } = client(await limiting("90", "", token));
    const subscription = { url: "http://x", type: "message-in", method: "POST" } as const;
    const calls = [
      messages.send(7, { to: "+15550111", text: "hello" }),
      ...[messages.list(7), messages.get(7, "1"), messages.markRead(7, "1", true), messages.remove(7, "1")],
      ...[chats.list(7), chats.get(7, "1"), chats.messages(7, "1"), chats.markRead(7, "1"), chats.clear(7, "1")],
      ...[chats.remove(7, "1"), events.list(7), events.add(7, subscription), events.remove(7, "1")],
      client(await limiting("90", "")).authorize(),
    ];
    for (const failure of await Promise.all(calls.map(failureOf)))
      expect(failure).toMatchObject({ name: "RetryLater", scope: "target", afterMs: 90_000, uncertain: false });
  });
});

describe("Slack limits", () => {
  const me = (url: string) => (url.endsWith("auth.test") ? { ok: true, team_id: "T1", user_id: "UBOT" } : undefined);
  const slack = async (header: string | undefined) => {
    const url = await limiting(header, '{"ok":false,"error":"ratelimited"}', me);
    const adapter = createSlackAdapter(
      { botToken: "xoxb-1", signingSecret: "s", apiUrl: `${url}/api/`, command: "/sms" },
      { logger, now: () => 0 },
    );
    onTestFinished(() => adapter.stop());
    await adapter.start({ accept: async () => {} });
    return adapter;
  };
  const thread = "C1:1700000000.000100" as ThreadId;
  const post = "C1:1700000000.000200" as PostId;
  const card: Card = { contact: "+15550111", line: "Sales", state: "open" };

  it.each(HEADERS)("with Retry-After %j", async (header, afterMs = 30_000) => {
    const { mark } = await slack(header);
    // Slack counts in whole seconds.
    const whole = Math.ceil(afterMs / 1000) * 1000;
    expect(await failureOf(mark(post, "sent"))).toMatchObject({ scope: "target", afterMs: whole, uncertain: false });
  });

  it("on each of its calls", async () => {
    const adapter = await slack("90");
    const place = { platform: "slack", chat: "C1" };
    const conversation: Conversation = {
      id: "c" as ConversationId,
      ...{ line: "Sales", extension: 7, contact: { number: "+15550111", wire: "15550111" } },
    };
    const text = { speaker: { kind: "contact", name: "x" }, texts: [{ text: "hello", at: 0 }] } as const;
    const calls = [
      ...[adapter.open(conversation, place, card, "k"), adapter.send(thread, text, "k"), adapter.mark(post, "sent")],
      ...[adapter.showCard(thread, card), adapter.settle(post, "done"), adapter.person("U1")],
    ];
    const told = { name: "RetryLater", afterMs: 90_000, uncertain: false };
    for (const failure of await Promise.all(calls.map(failureOf)))
      expect(failure).toMatchObject({ ...told, scope: "target" });
    // A limit of reading holds up nothing but what wants to read.
    const looks = [adapter.findPost(thread, "k", 0), adapter.findThread(place, "k", 0)];
    for (const failure of await Promise.all(looks.map(failureOf)))
      expect(failure).toMatchObject({ ...told, scope: "delivery" });
  });
});

describe("Telegram limits", () => {
  const PARAMETERS: readonly (readonly [object | undefined, number])[] = [
    [{ retry_after: 7 }, 7000],
    [{ retry_after: 3600 }, 3_600_000],
    [{ retry_after: 0.2 }, 1000],
    [{ retry_after: 0 }, 1000],
    [{ retry_after: -5 }, 1000],
    [{ retry_after: 1e12 }, DAY],
    [{ retry_after: "7" }, 1000],
    [{}, 1000],
    [undefined, 1000],
  ];
  const METHODS = ["sendMessage", "createForumTopic", "setMessageReaction", "editMessageText", "getUpdates"] as const;

  it.each(PARAMETERS)("with %j, every method alike", async (parameters, afterMs) => {
    const body = { ok: false, error_code: 429, description: "Too Many Requests: retry later", parameters };
    const url = await limiting("1", JSON.stringify(body));
    const api = createApi({ botToken: "1:token", apiUrl: url, timeoutMs: 5000 });
    onTestFinished(() => api.close());
    for (const method of METHODS) {
      const failure = await failureOf(api.call(method, {}));
      if (!(failure instanceof TelegramFailure)) throw new Error("not a failure of Telegram's");
      expect(toBridge(failure, "-1")).toMatchObject({ scope: "target", afterMs, uncertain: false });
      expect(waitAfter(failure, 1)).toBe(afterMs);
    }
  });
});

describe("a storm of limits", () => {
  it("of hours, again and again, drops nothing, asks only when it may, and holds up nobody else", async () => {
    const told = [3_600_000, 1_200_000, 1000, 600_000, 60_000].map(
      (afterMs) => new RetryLater("limit", { afterMs, scope: "target" }),
    );
    const { add, clock, log, store } = await working({ attempts: { a1: told } });
    await add(delivery("a1", "a"), delivery("a2", "a"), delivery("b1", "b"));
    await clock.advance(10);
    await add(delivery("u1", "u", { target: "u" }));
    await clock.advance(0);
    expect(log).toEqual(["a1@0", "u1@10"]);
    // Time goes in great steps: nothing happens in between but looks at the queue.
    const at = [3_600_000, 4_800_000, 4_801_000, 5_401_000, 5_461_000];
    await clock.advance(2 * 3_600_000);
    expect(log.slice(2)).toEqual([...at.map((ms) => `a1@${ms}`), `a2@${at.at(-1)}`, `b1@${at.at(-1)}`]);
    expect(store.queue.counts()).toEqual({ waiting: [], aside: 0 });
  });
});
