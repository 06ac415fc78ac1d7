import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSlackAdapter, type SlackAdapter } from "../../../adapters/slack/index.js";
import type { Post, ThreadId } from "../../../src/message.js";
import { quiet } from "./quiet.js";
import type { ScriptedSlack } from "./scripted-slack.js";
import { type ScriptedStage, setScriptedStage } from "./scripted-stage.js";

let stage: ScriptedStage;
let slack: ScriptedSlack;
let adapter: SlackAdapter;

beforeEach(async () => {
  stage = await setScriptedStage();
  ({ slack, adapter } = stage);
});

afterEach(async () => {
  await stage.close();
});

const place = { platform: "slack", chat: "C1" };

describe("starting", () => {
  const another = (options: object) =>
    createSlackAdapter(
      { botToken: "xoxb-1", apiUrl: slack.apiUrl, command: "/sms", ...options },
      { logger: quiet, now: Date.now },
    );
  const inbox = { accept: async () => {} };

  it("with a dead bot token is a mistake of the config, with its remedy", async () => {
    slack.next("auth.test", "invalid_auth");
    await expect(another({ signingSecret: "s" }).start(inbox)).rejects.toMatchObject({
      name: "ConfigError",
      problems: [expect.stringMatching(/^slack\.botToken: .*invalid_auth.*Install/)],
    });
  });

  it("without Slack may succeed later", async () => {
    slack.next("auth.test", "reset");
    await expect(another({ signingSecret: "s" }).start(inbox)).rejects.toMatchObject({ name: "RetryLater" });
  });

  it("needs a way for Slack's events", async () => {
    await expect(another({}).start(inbox)).rejects.toMatchObject({ name: "ConfigError" });
  });
});

describe("doctor", () => {
  const channel = { id: "C1", name: "sales", is_member: true };

  it("finds all well", async () => {
    slack.next("conversations.info", { channel });
    expect(await adapter.check([place])).toMatchObject([
      { ok: true, what: "Slack bot token" },
      { ok: true, what: "Slack HTTP mode" },
      { ok: true, what: "Slack channel C1", detail: "The bot is in #sales." },
    ]);
  });

  it("finds what is missing, and says how to mend it", async () => {
    slack.next("auth.test", { team_id: "T1", response_metadata: { scopes: ["chat:write"] } });
    expect(await adapter.check([place])).toMatchObject([
      { ok: false, detail: expect.stringContaining("reactions:write") },
    ]);
    slack.next(
      "conversations.info",
      { channel: { ...channel, is_member: false } },
      { channel: { ...channel, is_archived: true } },
      "channel_not_found",
    );
    const findings = await adapter.check([place, place, place]);
    expect(findings.slice(2)).toMatchObject([
      { ok: false, detail: expect.stringContaining("/invite") },
      { ok: false, detail: expect.stringContaining("archived") },
      { ok: false, detail: expect.stringContaining("channel id") },
    ]);
  });
});

it("logs tell neither texts nor numbers nor tokens, whatever fails", async () => {
  const speaker = { kind: "contact", name: "+442079460123" } as const;
  const post: Post = { speaker, texts: [{ text: "Hi <!here>", at: 0 }] };
  const lines: string[] = [];
  const line = (fields: object, message: string): void =>
    void lines.push(`${message} ${inspect(fields, { depth: 9, showHidden: true })}`);
  const logger = { debug: line, info: line, warn: line, error: line };
  const talking = createSlackAdapter(
    { botToken: "xoxb-secret", signingSecret: "s", apiUrl: slack.apiUrl, command: "/sms", timeoutMs: 200 },
    { logger, now: Date.now },
  );
  await talking.start({ accept: async () => {} });
  const openly = { channel: "C1", ts: "1800000000.000009", message: { ts: "1800000000.000009", text: "Hi <!here>" } };
  slack.next("chat.postMessage", "reset", "hang", { status: 500 }, { status: 429 }, "invalid_blocks", openly);
  slack.next("chat.delete", { status: 500 });
  for (let i = 0; i < 6; i += 1)
    await expect(talking.send("C1:1700000000.000100" as ThreadId, post, "k1")).rejects.toThrow();
  await talking.stop();
  expect(lines).not.toEqual([]);
  expect(lines.join("\n")).not.toMatch(/Hi |here|7946|xoxb-secret/);
});
