import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createSlackAdapter, type SlackAdapter } from "../../../adapters/slack/index.js";
import { createWebhookConnection } from "../../../adapters/slack/webhook.js";
import type { ChatEvent, WebhookAnswer } from "../../../src/adapter.js";
import { StoreUnavailable } from "../../../src/errors.js";
import { quiet } from "./quiet.js";
import { type ScriptedSlack, startScriptedSlack } from "./scripted-slack.js";

const signingSecret = "8f742231b10e8888abcd99yyyzzz85a5";
const now = 1_700_000_100_000;
const json = "application/json";
const form = "application/x-www-form-urlencoded; charset=utf-8";

let slack: ScriptedSlack;
let adapter: SlackAdapter;
let events: ChatEvent[];
let accept: (event: ChatEvent) => Promise<void>;
let gaps: number;
let clock: number;

beforeEach(async () => {
  slack = await startScriptedSlack();
  events = [];
  gaps = 0;
  clock = now;
  accept = async (event) => void events.push(event);
  adapter = createSlackAdapter(
    { botToken: "xoxb-1", signingSecret, apiUrl: slack.apiUrl, command: "/sms", timeoutMs: 400 },
    { logger: quiet, now: () => clock },
  );
  await adapter.start({ accept: async (event) => accept(event), gap: () => void (gaps += 1) });
});

afterEach(async () => {
  await adapter.stop();
  await slack.close();
});

interface Sending {
  readonly at?: number;
  readonly secret?: string;
  readonly type?: string;
  readonly retry?: number;
}

/** As Slack calls: `at` in epoch seconds. */
async function post(
  body: string,
  { at = now / 1000, secret = signingSecret, type = json, retry }: Sending = {},
): Promise<WebhookAnswer> {
  const signature = `v0=${createHmac("sha256", secret).update(`v0:${at}:${body}`).digest("hex")}`;
  const headers = {
    "content-type": type,
    "x-slack-request-timestamp": String(at),
    "x-slack-signature": signature,
    ...(retry === undefined ? {} : { "x-slack-retry-num": String(retry), "x-slack-retry-reason": "http_timeout" }),
  };
  const [webhook] = adapter.webhooks ?? [];
  expect(webhook).toMatchObject({ method: "POST", path: "/slack/events" });
  return webhook?.handle({ headers, body: Buffer.from(body) }) ?? { status: 404 };
}

const ts = "1700000060.000200";
const reply = JSON.stringify({
  type: "event_callback",
  team_id: "T1",
  event_id: "Ev1",
  event: { type: "message", channel: "C1", user: "U1", text: "grüße 👋", ts, thread_ts: "1700000000.000100" },
});

const press = new URLSearchParams({
  payload: JSON.stringify({
    type: "block_actions",
    user: { id: "U1", team_id: "T1" },
    team: { id: "T1" },
    channel: { id: "C1" },
    message: { ts, text: "failed", blocks: [] },
    actions: [{ type: "button", action_id: "retry:m1", action_ts: "1700000090.000000" }],
  }),
}).toString();

describe("a signed request", () => {
  it("with an event is answered once the event is stored", async () => {
    expect(await post(reply)).toEqual({ status: 200 });
    expect(events).toMatchObject([{ kind: "written", key: `w:C1:${ts}`, text: "grüße 👋" }]);
  });

  it("with a pressed button too", async () => {
    expect(await post(press, { type: form })).toEqual({ status: 200 });
    expect(events).toMatchObject([{ kind: "chosen", action: "retry", subject: "m1" }]);
  });

  it("with the command is answered with help", async () => {
    const command = new URLSearchParams({ command: "/sms", text: "", user_id: "U1", team_id: "T1", channel_id: "C1" });
    const answer = await post(command.toString(), { type: form });
    expect(answer).toMatchObject({ status: 200, headers: { "content-type": json } });
    expect(JSON.parse(answer.body ?? "")).toMatchObject({
      response_type: "ephemeral",
      text: expect.stringContaining("Slack is connected."),
    });
  });

  it("that asks whether the address is ours is answered", async () => {
    const asked = JSON.stringify({ type: "url_verification", challenge: "3eZbrw1aB" });
    expect(await post(asked)).toMatchObject({ status: 200, body: "3eZbrw1aB" });
    expect(await post("ssl_check=1&token=x", { type: form })).toEqual({ status: 200 });
  });

  it("that is repeated gives the same key", async () => {
    await post(reply);
    await post(reply, { retry: 1 });
    expect(new Set(events.map(({ key }) => key)).size).toBe(1);
  });

  it("of a kind that the bridge does not use is accepted", async () => {
    expect(await post(JSON.stringify({ type: "event_callback", team_id: "T1", event: { type: "team_join" } }))).toEqual(
      { status: 200 },
    );
    expect(events).toEqual([]);
    expect(gaps).toBe(0);
  });

  it("that tells that Slack has dropped events is accepted, and a gap", async () => {
    const dropped = JSON.stringify({ type: "app_rate_limited", team_id: "T1", minute_rate_limited: 1 });
    expect(await post(dropped)).toEqual({ status: 200 });
    expect(await post(dropped)).toEqual({ status: 200 });
    expect(gaps).toBe(1);
    expect(events).toEqual([]);
  });

  it.each(["", "[]", "7", "{", "null"])("that is none of Slack's (%j) is refused", async (body) => {
    expect(await post(body)).toMatchObject({ status: 400 });
    expect(await post(`payload=${encodeURIComponent(body)}`, { type: form })).toMatchObject({ status: 400 });
  });
});

it.each([
  { type: "event_callback", event: null },
  { type: "event_callback", event: "x" },
  { type: "event_callback", event: { type: "message", channel: false } },
  { type: "block_actions", actions: [] },
])("a signed body of a form that Slack does not send (%j) is refused, and is no mistake of ours", async (body) => {
  expect(await post(JSON.stringify(body))).toMatchObject({ status: 400 });
});

describe("an event that could not be stored", () => {
  it("because of the store: 503, so that Slack delivers it again", async () => {
    accept = async () => {
      throw new StoreUnavailable("disk full");
    };
    expect(await post(reply)).toMatchObject({ status: 503 });
    expect(await post(press, { type: form })).toMatchObject({ status: 503 });
  });

  it("because of a mistake of ours: 500", async () => {
    accept = async () => {
      throw new TypeError("x is not a function");
    };
    expect(await post(reply)).toMatchObject({ status: 500 });
  });

  it("because the bridge stops: 503", async () => {
    await adapter.stop();
    expect(await post(reply)).toMatchObject({ status: 503 });
    expect(events).toEqual([]);
  });
});

describe("a request is refused", () => {
  const refused = { status: 401 };

  it("with another signature, or none", async () => {
    expect(await post(reply, { secret: "another" })).toMatchObject(refused);
    const [webhook] = adapter.webhooks ?? [];
    expect(await webhook?.handle({ headers: {}, body: Buffer.from(reply) })).toMatchObject(refused);
    expect(events).toEqual([]);
  });

  it("more than five minutes old, or from the future", async () => {
    expect(await post(reply, { at: now / 1000 - 301 })).toMatchObject(refused);
    expect(await post(reply, { at: now / 1000 + 301 })).toMatchObject(refused);
    expect(await post(reply, { at: now / 1000 - 299 })).toEqual({ status: 200 });
    expect(await post(reply, { at: now / 1000 + 299 })).toEqual({ status: 200 });
  });

  it("before its body is read where its headers tell already", () => {
    const [webhook] = adapter.webhooks ?? [];
    const headers = (at: number, signature?: string) => ({
      "x-slack-request-timestamp": String(at),
      ...(signature === undefined ? {} : { "x-slack-signature": signature }),
    });
    const signature = `v0=${"a".repeat(64)}`;
    for (const wrong of [{}, headers(now / 1000), headers(now / 1000 - 301, signature), headers(now / 1000, "v0=")])
      expect(webhook?.refuses?.(wrong)).toMatchObject(refused);
    expect(webhook?.refuses?.(headers(now / 1000, signature))).toBeUndefined();
  });
});

it("stop waits for what is being stored", async () => {
  let stored = (): void => {};
  accept = async () =>
    new Promise<void>((resolve) => {
      stored = resolve;
    });
  const answer = post(reply);
  let stopped = false;
  const stopping = adapter.stop().then(() => {
    stopped = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(stopped).toBe(false);
  stored();
  expect(await answer).toEqual({ status: 200 });
  await stopping;
});

describe("Slack's last try to tell something", () => {
  it("is a gap, told before what it tells: what else it could not tell it has given up", async () => {
    accept = async (event) => void (expect(gaps).toBe(1), events.push(event));
    await post(reply, { retry: 3 });
    expect(events).toHaveLength(1);
  });

  it("is one gap in ten minutes, and the tries before it are none", async () => {
    await post(reply, { retry: 1 });
    await post(reply, { retry: 2 });
    expect(gaps).toBe(0);
    await post(reply, { retry: 3 });
    await post(reply, { retry: 3 });
    expect(gaps).toBe(1);
    clock += 10 * 60_000;
    await post(reply, { retry: 3, at: clock / 1000 });
    expect(gaps).toBe(2);
  });

  it("counts only from Slack", async () => {
    await post(reply, { retry: 3, secret: "another" });
    expect(gaps).toBe(0);
  });
});

describe("while Slack calls us", () => {
  it("threads are read now and then, as nothing else may tell that it could not", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    onTestFinished(() => void vi.useRealTimers());
    let looks = 0;
    const connection = createWebhookConnection(() => void (looks += 1));
    expect(connection.unwell()).toBe("not started yet");
    await connection.connect(async () => undefined);
    expect(connection.unwell()).toBeUndefined();
    vi.advanceTimersByTime(8 * 3_600_000);
    expect(looks).toBe(2);
    await connection.disconnect();
    vi.advanceTimersByTime(8 * 3_600_000);
    expect(looks).toBe(2);
  });
});
