/** The server with everything behind it that reads what strangers send: the events' codec, Slack's and Telegram's webhooks. */
import { createHmac } from "node:crypto";
import { Agent } from "node:http";
import * as fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { createSlackAdapter } from "../../adapters/slack/index.js";
import { createTelegramAdapter } from "../../adapters/telegram/index.js";
import { StoreUnavailable } from "../../src/errors.js";
import { parseEvent, parseEventBody } from "../../src/pbx/events.js";
import { quiet } from "../adapters/slack/quiet.js";
import { startScriptedSlack } from "../adapters/slack/scripted-slack.js";
import { ask, events, serve } from "../http/served.js";
import { createTelegramEmulator } from "../../src/sandbox/telegram/index.js";
import { jsonWith, must, nasty, runs, wellFormed } from "./inputs.js";

const signingSecret = "8f742231b10e8888abcd99yyyzzz85a5";
const webhookSecret = "a-webhook-secret";
const form = "application/x-www-form-urlencoded";

/** The whole entrance. Every hundredth thing that is told cannot be stored. */
async function entrance() {
  let told = 0;
  const accept = async (): Promise<void> => {
    if ((told += 1) % 100 === 0) throw new StoreUnavailable("disk full");
  };
  const slackWorld = await startScriptedSlack();
  const telegramWorld = await createTelegramEmulator({});
  const memory = { get: async () => undefined, set: async () => {} };
  const slack = createSlackAdapter(
    { botToken: "xoxb-1", signingSecret, apiUrl: slackWorld.apiUrl, command: "/sms" },
    { logger: quiet, now: Date.now },
  );
  const telegram = createTelegramAdapter(
    {
      ...{ botToken: telegramWorld.botToken, apiUrl: telegramWorld.apiUrl, allowedUsers: [7] },
      ...{ webhookSecret, webhookUrl: "http://127.0.0.1:1/telegram/webhook" },
    },
    { logger: quiet, now: Date.now, memory },
  );
  await Promise.all([slack.start({ accept }), telegram.start({ accept })]);
  const served = await serve(
    // Loopback is the only address here, and it is wrong on purpose thousands of times.
    { strangers: { each: { burst: 1e9, perSecond: 1e9 }, all: { burst: 1e9, perSecond: 1e9 } } },
    {
      parse: (type, wire) => parseEvent(parseEventBody(type, wire), "US"),
      accept,
      webhooks: [...(slack.webhooks ?? []), ...(telegram.webhooks ?? [])],
    },
  );
  onTestFinished(async () => {
    await Promise.all([slack.stop(), telegram.stop()]);
    await Promise.all([slackWorld.close(), telegramWorld.close()]);
  });
  return { ...served, told: () => told };
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

const methods = fc.constantFrom("POST", "POST", "POST", "GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH");
const types = fc.constantFrom(
  form,
  "application/json",
  "text/plain",
  "multipart/form-data; boundary=x",
  "",
  "a/b;;;",
  "é",
);
const oddHeaders = fc.dictionary(
  fc.constantFrom(
    "x-forwarded-for",
    "content-encoding",
    "accept-encoding",
    "expect",
    "cookie",
    "x-slack-retry-num",
    "range",
  ),
  fc.constantFrom("", "gzip", "100-continue", "192.0.2.1, x", "bytes=0-1", "a=b; c", "1".repeat(500)),
  { maxKeys: 2 },
);
const wireEvent = jsonWith(["EventType", "extension_id", "src_number", "dst_number", "did_number", "text", "status"]);
const slackEvent = jsonWith([
  "type",
  "subtype",
  "channel",
  "user",
  "text",
  "ts",
  "thread_ts",
  "blocks",
  "message",
  "files",
]);
const update = jsonWith([
  "message_id",
  "date",
  "chat",
  "from",
  "id",
  "type",
  "is_bot",
  "first_name",
  "text",
  "entities",
]);
const sloppy = fc.array(fc.constantFrom(...nasty), { maxLength: 6 }).map((pieces) => wellFormed(pieces.join("")));

const toPbx = fc
  .record({ method: methods, type: types, json: wireEvent, raw: sloppy, as: fc.nat(3) })
  .map(({ method, type, json, raw, as }): Request => {
    const fields = Object.entries(typeof json === "object" && json !== null ? json : {});
    const asForm = new URLSearchParams(
      fields.map(([name, value]): [string, string] => [name, wellFormed(JSON.stringify(value))]),
    );
    const body = [JSON.stringify(json), asForm.toString(), raw, ""][as] ?? "";
    const path = as === 3 ? `${events}?${asForm.toString()}` : events;
    return { method, path, headers: { "content-type": type }, body: Buffer.from(body) };
  });

const toSlack = fc
  .record({ json: slackEvent, kind: fc.nat(5), as: fc.nat(4), raw: sloppy })
  .map(({ json, kind, as, raw }): Request => {
    const event = typeof json === "object" && json !== null ? json : {};
    const bodies: readonly object[] = [
      { type: "event_callback", team_id: "T1", event: { type: "message", channel: "C1", ...event } },
      { type: "event_callback", team_id: "T1", event: json },
      { type: "block_actions", user: { id: "U1" }, channel: { id: "C1" }, message: { ts: "1.2" }, actions: [event] },
      { type: "url_verification", challenge: json },
      { command: "/sms", ...event },
      { ...event },
    ];
    const whole = JSON.stringify(bodies[kind]);
    const body = [whole, `payload=${encodeURIComponent(wellFormed(whole))}`, raw, whole.slice(0, 40), whole][as] ?? "";
    const at = Math.floor(Date.now() / 1000);
    const signature = `v0=${createHmac("sha256", signingSecret).update(`v0:${at}:${body}`).digest("hex")}`;
    const headers = {
      "content-type": as === 1 ? form : "application/json",
      "x-slack-request-timestamp": String(at),
      "x-slack-signature": signature,
    };
    return { method: "POST", path: "/slack/events", headers, body: Buffer.from(body) };
  });

const toTelegram = fc.record({ json: update, kind: fc.nat(4), raw: sloppy }).map(({ json, kind, raw }): Request => {
  const inner = typeof json === "object" && json !== null ? json : {};
  const whole = {
    message_id: 1,
    date: 1,
    chat: { id: 7, type: "private" },
    from: { id: 7, is_bot: false, first_name: "B" },
  };
  const bodies = [
    JSON.stringify({ update_id: 1, message: { ...whole, text: raw, ...inner } }),
    JSON.stringify({ update_id: 1, callback_query: json }),
    JSON.stringify({ update_id: 1, edited_message: { ...whole, ...inner } }),
    JSON.stringify(json),
    raw,
  ];
  const headers = { "content-type": "application/json", "x-telegram-bot-api-secret-token": webhookSecret };
  return { method: "POST", path: "/telegram/webhook", headers, body: Buffer.from(bodies[kind] ?? "") };
});

const anywhere = fc
  .record({
    method: methods,
    path: fc.constantFrom("/", "/readyz", "/metrics", "/pbx/events/x", "/%zz", "//", "/slack"),
    raw: sloppy,
  })
  .map(({ method, path, raw }): Request => ({ method, path, headers: {}, body: Buffer.from(raw) }));

test(
  "whatever arrives is answered, by no other failure than that of the store, and leaves the server as it was",
  { timeout: 240_000 },
  async () => {
    const { port, logged, told } = await entrance();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const request = fc.oneof(toPbx, toSlack, toTelegram, anywhere);
    let failed = 0;
    await fc.assert(
      fc.asyncProperty(request, oddHeaders, async ({ method, path, headers, body }, odd) => {
        const all = { ...odd, ...headers, "content-length": body.length };
        const before = told();
        const { status, body: answer } = await ask(port, method, path, body, { agent, headers: sendable(all) });
        must(status < 500 || status === 503, () => `${status} ${answer}`);
        if (status !== 503) return;
        failed += 1;
        must(path === "/telegram/webhook" || Math.floor(told() / 100) > Math.floor(before / 100), () => answer);
      }),
      // Of each of the four kinds as many as elsewhere.
      { numRuns: 4 * runs.numRuns },
    );
    expect(told()).toBeGreaterThan(300);
    expect(failed).toBeGreaterThan(2);
    expect((await ask(port, "POST", events, "EventType=hangup", { headers: { "content-type": form } })).status).toBe(
      200,
    );
    const mistakes = logged.filter(({ msg }) => msg.includes("mistake"));
    expect(mistakes).toEqual([]);
  },
);

/** What Node's client refuses to send is nothing that a server could get from it. */
function sendable(headers: Readonly<Record<string, string | number>>): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name, value]) => name !== "expect" && /^[ -~]*$/.test(String(value))),
  );
}
