import { expect, it } from "vitest";
import { office, outcome, post, webClient } from "./harness.js";

it("answers 429 with the seconds to wait once a channel has had its burst, and leaves other channels alone", async () => {
  let now = 1_700_000_000_000;
  const { slack, channel, web } = await office({ paceLimits: true, now: () => now });
  const other = slack.addChannel({ name: "support" }).id;
  const postTo = (to: string) => outcome(post(web, { channel: to, text: "x" }));
  for (let n = 0; n < 5; n += 1) expect(await postTo(channel)).toBe("ok");
  expect(await postTo(channel)).toBe("ratelimited 1");
  expect(await postTo(other)).toBe("ok");
  now += 1000;
  expect([await postTo(channel), await postTo(channel)]).toEqual(["ok", "ratelimited 1"]);
  expect(slack.calls.filter(({ status }) => status === 429)).toHaveLength(2);
});

it("limits reactions to fifty and then one every 1.2 seconds", async () => {
  const { slack, channel, anna, web } = await office({ paceLimits: true, now: () => 1_700_000_000_000 });
  const timestamp = slack.says(channel, anna, "x");
  const add = () => outcome(web.reactions.add({ channel, timestamp, name: "memo" }));
  for (let n = 0; n < 50; n += 1) await add();
  expect(await add()).toBe("ratelimited 2");
});

it.each([
  ["rate-limit", { kind: "rate-limit", retryAfter: 7 }, "ratelimited 7", 0],
  ["status", { kind: "status", code: 503 }, "WebAPIHTTPError", 0],
  ["error", { kind: "error", error: "fatal_error" }, "fatal_error", 0],
  ["reset before effect", { kind: "reset before effect" }, "WebAPIRequestError", 0],
  ["reset after effect", { kind: "reset after effect" }, "WebAPIRequestError", 1],
  ["truncated", { kind: "truncated" }, undefined, 1],
  ["garbage", { kind: "garbage" }, undefined, 1],
] as const)("fails a call by %s, once, and with the effect that it says", async (_name, order, expected, effects) => {
  const { slack, channel, web } = await office();
  slack.fail({ ...order, method: "chat.postMessage", channel, times: 1 });
  const seen = await outcome(post(web, { channel, text: "x" }));
  if (expected === undefined) expect(seen).not.toBe("ok");
  else expect(seen).toBe(expected);
  expect(slack.messages(channel)).toHaveLength(effects);
  expect(await outcome(post(web, { channel, text: "x" }))).toBe("ok");
});

it("leaves a call without an answer until the client gives up", async () => {
  const { slack, channel } = await office();
  const fault = slack.fail({ kind: "hang", effect: true });
  const body = new URLSearchParams({ channel, text: "x", token: slack.botToken });
  const signal = AbortSignal.timeout(50);
  await expect(fetch(`${slack.apiUrl}chat.postMessage`, { method: "POST", body, signal })).rejects.toThrow();
  expect([fault.hits, slack.messages(channel).length]).toEqual([1, 1]);
  fault.stop();
  expect(await outcome(post(webClient(slack), { channel, text: "y" }))).toBe("ok");
});

it("breaks every connection while it is down", async () => {
  const { slack, web } = await office();
  await web.auth.test();
  slack.down(true);
  expect(await outcome(web.auth.test())).toBe("WebAPIRequestError");
  slack.down(false);
  expect(await outcome(web.auth.test())).toBe("ok");
});

it("records every call without its token, and tells listeners that something changed", async () => {
  const { slack, channel, web } = await office();
  let changes = 0;
  const stop = slack.onChange(() => (changes += 1));
  await outcome(post(web, { channel: "C404", text: "x" }));
  await fetch(`${slack.apiUrl}auth.test?token=${slack.botToken}`);
  expect(slack.calls).toMatchObject([
    { method: "chat.postMessage", params: { channel: "C404" }, status: 200, error: "channel_not_found" },
    { method: "auth.test", status: 200 },
  ]);
  expect(JSON.stringify(slack.calls)).not.toContain(slack.botToken);
  expect(changes).toBeGreaterThan(0);
  stop();
  const before = changes;
  slack.says(channel, slack.addUser({ name: "Zoe" }).id, "hi");
  expect(changes).toBe(before);
});
