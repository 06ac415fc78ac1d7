import { describe, expect, test } from "vitest";
import { retryAfter } from "../../src/pbx/http.js";
import { apiCalls, contact, did, failureOf, startPbx } from "./harness.js";

type Pbx = Awaited<ReturnType<typeof startPbx>>["pbx"];
const tokensAsked = (pbx: Pbx) => pbx.calls().filter(({ path }) => path === "/oauth/token").length;

test("callers at the same time share one token", async () => {
  const { pbx, client } = await startPbx();
  await Promise.all([client.messages.list(7), client.chats.list(7), client.events.list(7), client.authorize()]);
  expect(tokensAsked(pbx)).toBe(1);
});

test("a token is renewed before it expires", async () => {
  let now = Date.now();
  const { pbx, client } = await startPbx({ tokenSeconds: 3600, now: () => now }, {}, { now: () => now });
  await client.messages.list(7);
  now += 3_500_000;
  await client.messages.list(7);
  expect(tokensAsked(pbx)).toBe(1);
  now += 50_000;
  await client.messages.list(7);
  expect(tokensAsked(pbx)).toBe(2);
  expect(apiCalls(pbx).every((call) => call.endsWith(" 200"))).toBe(true);
});

test("a token that the PBX refuses is renewed at once, once for all, and a text is not sent twice for it", async () => {
  const { pbx, client } = await startPbx();
  await client.authorize();
  pbx.expireTokens();
  const text = { to: contact, from: did, text: "Hi" };
  await Promise.all([client.messages.list(7), client.messages.send(7, text), client.chats.list(7)]);
  expect(tokensAsked(pbx)).toBe(2);
  expect(pbx.sentTexts()).toHaveLength(1);
});

test("an application that is refused even with a new token pauses its target", async () => {
  const { pbx, client } = await startPbx();
  pbx.fail({ kind: "status", code: 401 });
  const failure = await failureOf(client.messages.list(7));
  expect(failure).toMatchObject({
    name: "RetryLater",
    scope: "target",
    afterMs: 60_000,
    patient: false,
    uncertain: false,
  });
  expect(apiCalls(pbx)).toHaveLength(2);
  expect(tokensAsked(pbx)).toBe(2);
});

describe("a token that is not to be had", () => {
  test("because of the credentials says so, without them, and is asked for again once they are mended", async () => {
    const { pbx, client, lines } = await startPbx();
    pbx.revokeClient(true);
    const failure = await failureOf(client.authorize());
    expect(failure).toMatchObject({ name: "RetryLater", scope: "target", afterMs: 60_000 });
    expect(failure).toHaveProperty(
      "message",
      "The PBX gave no token (HTTP 401). It says: invalid_client. Check pbx.clientId and pbx.clientSecret.",
    );
    expect(lines.join()).not.toContain(pbx.credentials.clientSecret);
    pbx.revokeClient(false);
    await client.authorize();
  });

  test("for a moment is tried again for what is safe to repeat", async () => {
    const { pbx, client } = await startPbx();
    pbx.fail({ kind: "status", code: 503, path: "/oauth/token", times: 2 });
    await client.authorize();
    expect(tokensAsked(pbx)).toBe(3);
  });

  test("leaves no doubt about a text", async () => {
    const { pbx, client } = await startPbx();
    pbx.fail({ kind: "reset after effect", path: "/oauth/token" });
    const failure = await failureOf(client.messages.send(7, { to: contact, text: "Hi" }));
    expect(failure).toMatchObject({ name: "RetryLater", uncertain: false });
  });

  test.each(["garbage", "truncated"] as const)("because the answer is %s is a matter for later", async (kind) => {
    const { pbx, client } = await startPbx();
    pbx.fail({ kind, path: "/oauth/token" });
    expect(await failureOf(client.authorize())).toMatchObject({ name: "RetryLater", scope: "target" });
  });

  test("at a wrong address points to pbx.url", async () => {
    const { pbx, client } = await startPbx();
    pbx.fail({ kind: "status", code: 404, path: "/oauth/token" });
    expect(await failureOf(client.authorize())).toHaveProperty("message", expect.stringContaining("Check pbx.url"));
  });
});

test.each([
  ["7", 7_000],
  // Nothing to wait for is nothing said: how long to wait is then decided here.
  ["0", undefined],
  ["1.5", 1_500],
  ["Thu, 01 Jan 1970 00:01:30 GMT", 30_000],
  ["Thu, 01 Jan 1970 00:00:30 GMT", undefined],
  ["999999999", 86_400_000],
  ["soon", undefined],
  ["", undefined],
  [null, undefined],
])("Retry-After %j at one minute past is %j ms", (header, ms) => {
  expect(retryAfter(header, 60_000)).toBe(ms);
});
