import { describe, expect, test } from "vitest";
import { ensureExtension, planSubscriptions, report } from "../../src/pbx/subscriptions.js";
import type { PbxSubscription } from "../../src/pbx/types.js";
import { createLog, failureOf, startPbx } from "./harness.js";

const prefix = "https://sms.example.com/pbx/events/";
const url = `${prefix}0123456789abcdef`;
const all = ["message-in", "message-out", "message-out-status"];

const one = (id: string, type: string, more: Partial<PbxSubscription> = {}): PbxSubscription => ({
  id,
  type,
  url,
  method: "POST",
  ...more,
});

describe("the plan", () => {
  test("for a fresh extension adds all three", () => {
    expect(planSubscriptions([], url, prefix)).toEqual({ add: all, remove: [] });
  });

  test("for an extension in order does nothing, also where the PBX lists no methods", () => {
    const existing = all.map((type, i) => one(String(i), type, i === 0 ? { method: "" } : {}));
    expect(planSubscriptions(existing, url, prefix)).toEqual({ add: [], remove: [] });
  });

  test.each([
    ["another secret", { url: `${prefix}older-secret-older` }],
    ["the other scheme", { url: url.replace("https:", "http:") }],
    ["GET", { method: "GET" }],
    ["another part behind the secret", { url: `${url}/x` }],
  ])("replaces ours with %s", (_, more) => {
    const stale = one("1", "message-in", more);
    const existing = [stale, one("2", "message-out"), one("3", "message-out-status")];
    expect(planSubscriptions(existing, url, prefix)).toEqual({ add: ["message-in"], remove: [stale] });
  });

  test("keeps one of several that are alike", () => {
    const existing = [
      one("1", "message-in"),
      one("2", "message-in"),
      one("3", "message-out"),
      one("4", "message-out-status"),
    ];
    expect(planSubscriptions(existing, url, prefix)).toEqual({ add: [], remove: [one("2", "message-in")] });
  });

  test("leaves alone what is not ours or not our business", () => {
    const existing = [
      one("1", "message-in", { url: "https://crm.example.com/pbx/events/0123456789abcdef" }),
      one("2", "message-in", { url: "https://sms.example.com/other" }),
      one("3", "message-in", { url: "https://sms.example.com:8443/pbx/events/0123456789abcdef" }),
      one("4", "voicemail", { url: `${prefix}older-secret-older` }),
      one("5", "message-in", { url: "not an address" }),
    ];
    expect(planSubscriptions(existing, url, prefix)).toEqual({ add: all, remove: [] });
  });
});

describe("bringing an extension in order", () => {
  test("subscribes to what is missing, removes what is stale, and is done the second time", async () => {
    const { pbx, client } = await startPbx();
    const { logger, lines } = createLog();
    await client.events.add(7, { url: `${prefix}older-secret-older`, type: "message-in", method: "POST" });
    await client.events.add(7, { url: "https://crm.example.com/", type: "message-in", method: "GET" });
    const done = await ensureExtension(client, 7, url);
    expect(done).toEqual({ extension: 7, added: all, removed: 1, refused: [] });
    report(done, logger);
    expect(pbx.subscriptions()).toMatchObject([
      { url: "https://crm.example.com/" },
      ...all.map((type) => ({ type, url, method: "POST" })),
    ]);
    expect(await ensureExtension(client, 7, url)).toMatchObject({ added: [], removed: 0 });
    expect(lines.join()).not.toContain("0123456789abcdef");
  });

  test("goes on when message-out-status is refused", async () => {
    const { pbx, client } = await startPbx({ quirks: { refusesStatusEvents: true } });
    const { logger, lines } = createLog();
    const done = await ensureExtension(client, 7, url);
    expect(done).toMatchObject({ refused: ["message-out-status"] });
    report(done, logger);
    expect(pbx.subscriptions().map(({ type }) => type)).toEqual(["message-in", "message-out"]);
    expect(lines.join()).toContain("may come with message-out");
  });

  test("makes room where the number of events is limited", async () => {
    const { pbx, client } = await startPbx({ eventLimit: 3 });
    for (const type of all) await client.events.add(7, { url: `${prefix}older-secret-older`, type, method: "POST" });
    await ensureExtension(client, 7, url);
    expect(pbx.subscriptions().map((kept) => [kept.type, kept.url])).toEqual(all.map((type) => [type, url]));
  });

  test("does not take a passing trouble for a refusal", async () => {
    const { pbx, client } = await startPbx();
    pbx.fail({ kind: "status", code: 500, method: "POST" });
    expect(await failureOf(ensureExtension(client, 7, url))).toMatchObject({
      name: "RetryLater",
    });
  });
});
