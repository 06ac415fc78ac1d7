import { describe, expect, test, vi } from "vitest";
import { MINUTE, call, refusal, startForum, startTelegram } from "./harness.js";

describe("limits", () => {
  test("one message a second in a chat", async () => {
    const { api, emulator, pass } = await startForum({ paceLimits: true });
    const chat = emulator.privateChat(emulator.addUser({ firstName: "Bo" }));
    await api.sendMessage(chat, "1");
    pass(940);
    await expect(api.sendMessage(chat, "2")).rejects.toMatchObject({
      code: 429,
      description: "Too Many Requests: retry after 1",
      parameters: { retry_after: 1 },
    });
    pass(10);
    expect(await refusal(api.sendMessage(chat, "2"))).toBe("accepted");
  });

  test("twenty sends, edits and openings a minute in a group; reactions are free", async () => {
    const { api, chat, topic, pass } = await startForum({ paceLimits: true });
    const { message_id } = await api.sendMessage(chat, "0", { message_thread_id: topic });
    for (const text of Array.from({ length: 9 }, (_, index) => `edit ${index}`)) {
      await api.editMessageText(chat, message_id, undefined, text);
      pass(1000);
      await api.sendMessage(chat, text, { message_thread_id: topic });
    }
    await api.setMessageReaction(chat, message_id, [{ type: "emoji", emoji: "👌" }]);
    expect(await refusal(api.createForumTopic(chat, "one too many"))).toBe("429 Too Many Requests: retry after 51");
    pass(MINUTE);
    expect(await refusal(api.createForumTopic(chat, "later"))).toBe("accepted");
  });

  test("thirty a second over all chats; what was refused does not count", async () => {
    const { api, emulator } = await startTelegram({ paceLimits: true });
    const chats = Array.from({ length: 31 }, () => emulator.privateChat(emulator.addUser({ firstName: "Bo" })));
    await refusal(api.sendMessage(-100999, "not found"));
    const answers = await Promise.all(chats.map((chat) => refusal(api.sendMessage(chat, "hi"))));
    expect(answers.filter((answer) => answer === "accepted")).toHaveLength(30);
    expect(answers).toContain("429 Too Many Requests: retry after 1");
  });
});

describe("faults", () => {
  test("a rate limit on order carries its wait in the body and in the header", async () => {
    const { emulator, chat } = await startForum();
    emulator.fail({ method: "sendMessage", chat, times: 1, kind: "rate-limit", retryAfter: 7 });
    const url = `${emulator.apiUrl}/bot${emulator.botToken}/sendMessage?chat_id=${chat}&text=x`;
    const refused = await fetch(url);
    expect(refused.headers.get("retry-after")).toBe("7");
    expect(await refused.json()).toEqual({
      ok: false,
      error_code: 429,
      description: "Too Many Requests: retry after 7",
      parameters: { retry_after: 7 },
    });
    expect((await fetch(url)).status).toBe(200);
  });

  test("any status on order, until it is called off", async () => {
    const { emulator, api, chat } = await startForum();
    const fault = emulator.fail({ kind: "status", code: 403, description: "Forbidden: user is deactivated" });
    expect(await refusal(api.sendMessage(chat, "x"))).toBe("403 Forbidden: user is deactivated");
    expect(await refusal(api.getMe())).toBe("403 Forbidden: user is deactivated");
    fault.stop();
    expect(await refusal(api.getMe())).toBe("accepted");
  });

  test.each([
    ["reset before effect", 0],
    ["reset after effect", 1],
    ["garbage", 1],
  ] as const)("%s leaves %i message behind and no answer the SDK could read", async (kind, left) => {
    const { emulator, api, chat } = await startForum();
    emulator.fail({ method: "sendMessage", times: 1, kind });
    await expect(api.sendMessage(chat, "x")).rejects.toThrow();
    expect(emulator.messages(chat, 1)).toHaveLength(left);
  });

  test("truncated leaves a message behind and half an answer", async () => {
    const { emulator, chat } = await startForum();
    emulator.fail({ method: "sendMessage", times: 1, kind: "truncated" });
    const url = `${emulator.apiUrl}/bot${emulator.botToken}/sendMessage?chat_id=${chat}&text=x`;
    const response = await fetch(url);
    await expect(response.text()).rejects.toThrow();
    expect(emulator.messages(chat, 1)).toHaveLength(1);
  });

  test.each([
    ["hang", 0],
    ["hang after effect", 1],
  ] as const)("%s leaves %i message behind and the client waiting", async (kind, left) => {
    const { emulator, chat } = await startForum();
    emulator.fail({ method: "sendMessage", kind });
    const url = `${emulator.apiUrl}/bot${emulator.botToken}/sendMessage?chat_id=${chat}&text=x`;
    await expect(fetch(url, { signal: AbortSignal.timeout(100) })).rejects.toThrow("timeout");
    expect(emulator.messages(chat, 1)).toHaveLength(left);
  });

  test("while it is down, connections break, waiting polls too", async () => {
    const { emulator, api } = await startTelegram();
    const waiting = expect(api.getUpdates(50, 100, 0, undefined)).rejects.toThrow();
    await vi.waitFor(() => expect(emulator.isPolled()).toBe(true));
    emulator.down(true);
    await waiting;
    await expect(api.getMe()).rejects.toThrow();
    emulator.down(false);
    expect(await api.getMe()).toMatchObject({ is_bot: true });
  });

  test("answers take as long as one likes", async () => {
    const { emulator, api } = await startTelegram();
    emulator.latency(60);
    const began = performance.now();
    await api.getMe();
    expect(performance.now() - began).toBeGreaterThanOrEqual(55);
  });
});

describe("the front", () => {
  test("refuses wrong tokens, unknown methods and other paths", async () => {
    const { emulator } = await startTelegram();
    expect(await call(emulator, "getMe", {}, "1:wrong")).toEqual({
      ok: false,
      error_code: 401,
      description: "Unauthorized",
    });
    const fetched = async (path: string) => (await fetch(`${emulator.apiUrl}${path}`)).json();
    expect(await fetched(`/bot${emulator.botToken}/sendCarrierPigeon`)).toMatchObject({
      error_code: 404,
      description: "Not Found: method not found",
    });
    expect(await fetched("/")).toMatchObject({ error_code: 404, description: "Not Found" });
  });

  test("refuses a token that was revoked", async () => {
    const { emulator, api } = await startTelegram();
    const token = emulator.revokeToken();
    expect(await refusal(api.getMe())).toBe("401 Unauthorized");
    expect(await call(emulator, "getMe", {}, token)).toMatchObject({ ok: true });
  });

  test.each([
    ["{", "Bad Request: can't parse JSON object"],
    ["[]", "Bad Request: can't parse JSON object"],
  ])("refuses the body %j", async (body, description) => {
    const { emulator } = await startTelegram();
    const url = `${emulator.apiUrl}/bot${emulator.botToken}/getMe`;
    const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
    expect(await response.json()).toEqual({ ok: false, error_code: 400, description });
  });

  test("remembers every call and tells of every change", async () => {
    const { emulator, api, chat } = await startForum();
    const changes: number[] = [];
    const stop = emulator.onChange((change) => changes.push(change.chat));
    await api.sendMessage(chat, "x");
    await refusal(api.sendMessage(chat, ""));
    stop();
    await api.sendMessage(chat, "y");
    expect(changes).toEqual([chat]);
    expect(emulator.calls.slice(1)).toEqual([
      { method: "sendMessage", params: { chat_id: chat, text: "x" }, at: expect.any(Number), status: 200 },
      { method: "sendMessage", params: { chat_id: chat, text: "" }, at: expect.any(Number), status: 400 },
      { method: "sendMessage", params: { chat_id: chat, text: "y" }, at: expect.any(Number), status: 200 },
    ]);
  });
});
