import { describe, expect, test, vi } from "vitest";
import { contact, did, start, startListener } from "./harness.js";

const textOf = { extension_name: "100*101@pbx.example.com", extension_id: "7" };

describe("events carry the documented fields and no others", () => {
  test("message-in, as a form", async () => {
    const { pbx, subscribe } = await start();
    const { url, heard } = await startListener();
    await subscribe(url, "message-in");
    pbx.textFrom(contact, did, "Hällo & 👋");
    await pbx.idle();
    const fields = { EventType: "message-in", ...textOf, did_number: did, src_number: contact, text: "Hällo & 👋" };
    expect(heard).toEqual([{ method: "POST", type: "application/x-www-form-urlencoded", fields }]);
    expect(pbx.events()).toMatchObject([{ type: "message-in", attempts: [{ status: 200 }] }]);
  });

  test("message-out and message-out-status, in the query, for a text from the API and from a desk phone", async () => {
    const { pbx, call, subscribe } = await start();
    const { url, heard } = await startListener();
    await subscribe(url, "message-out", "GET");
    await subscribe(url, "message-out-status", "GET");
    await call("POST", "7/message/send/", { dst_num: contact, text: "Hi" });
    await pbx.idle();
    const fields = { ...textOf, src_number: did, dst_number: contact, text: "Hi" };
    expect(heard).toEqual([
      { method: "GET", type: undefined, fields: { EventType: "message-out", ...fields } },
      {
        method: "GET",
        type: undefined,
        fields: { EventType: "message-out-status", ...fields, extension_name: "100*101", status: "sent" },
      },
    ]);
    pbx.deskPhoneSends(did, contact, "Me again");
    await pbx.idle();
    expect(heard.slice(2).map(({ fields: { EventType, text } }) => [EventType, text])).toEqual([
      ["message-out", "Me again"],
      ["message-out-status", "Me again"],
    ]);
    expect(pbx.sentTexts()).toHaveLength(1);
  });

  test("some builds leave out EventType or the +, or tell the status without a subscription", async () => {
    const { pbx, subscribe } = await start({
      quirks: {
        eventsWithoutType: true,
        numbersWithoutPlus: true,
        refusesStatusEvents: true,
        statusComesWithOut: true,
      },
    });
    const { url, heard } = await startListener();
    expect((await subscribe(url, "message-out-status")).status).toBe(400);
    await subscribe(url, "message-out");
    pbx.deskPhoneSends(did, contact, "Hi");
    await pbx.idle();
    expect(heard.map(({ fields }) => fields["status"])).toEqual([undefined, "sent"]);
    expect(heard[0]?.fields).toEqual({ ...textOf, src_number: "12025550100", dst_number: "12025550199", text: "Hi" });
  });

  test("of one conversation they come in order, as often as told, or not at all", async () => {
    const { pbx, subscribe } = await start();
    const { url, heard } = await startListener();
    await subscribe(url, "message-in");
    for (let i = 0; i < 20; i++) pbx.textFrom(contact, did, String(i), { copies: i === 3 ? 2 : 1, silent: i === 5 });
    await pbx.idle();
    expect(heard.map(({ fields }) => fields["text"])).toEqual(
      [0, 1, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19].map(String),
    );
    expect(pbx.messages()).toHaveLength(20);
  });

  test("a failed one is sent again as often as told", async () => {
    const { pbx, subscribe } = await start({ eventRetries: { times: 2, waitMs: 1 } });
    const { url, heard } = await startListener([503, 500]);
    await subscribe(url, "message-in");
    pbx.textFrom(contact, did, "Hi");
    await pbx.idle();
    expect(heard).toHaveLength(3);
    expect(pbx.events()[0]?.attempts.map(({ status }) => status)).toEqual([503, 500, 200]);
  });

  test("one that nobody takes is recorded with its error", async () => {
    const { pbx, subscribe } = await start();
    await subscribe("http://127.0.0.1:1/", "message-in");
    pbx.textFrom(contact, did, "Hi");
    await pbx.idle();
    expect(pbx.events()).toMatchObject([{ attempts: [{ error: expect.any(String) as string }] }]);
  });
});

describe("what becomes of texts", () => {
  test("is decided by hand, once that is wished for", async () => {
    const { pbx, call } = await start({ settling: "by hand" });
    await call("POST", "7/message/send/", { dst_num: contact, text: "Hi" });
    await pbx.idle();
    expect(pbx.messages()).toMatchObject([{ status: "queued" }]);
    const id = pbx.messages()[0]?.id ?? "";
    pbx.settle(id, "failed");
    expect(pbx.messages()).toMatchObject([{ status: "failed" }]);
    expect(() => pbx.settle("1", "sent")).toThrow("no text to a contact");
  });

  test("can be failure from now on", async () => {
    const { pbx } = await start();
    pbx.setSettling({ status: "failed", afterMs: 5 });
    pbx.deskPhoneSends(did, contact, "Hi");
    await pbx.idle();
    expect(pbx.messages()).toMatchObject([{ status: "failed", via: "phone" }]);
  });
});

test("a change is told to those who listen, until they leave", async () => {
  const { pbx, call, subscribe } = await start({ settling: "by hand" });
  const changes = new Set<string>();
  const leave = pbx.onChange((change) => changes.add(change));
  const { url } = await startListener();
  await subscribe(url, "message-in");
  pbx.textFrom(contact, did, "Hi");
  await pbx.idle();
  await call("GET", "7/message/");
  expect(changes).toEqual(new Set(["subscription", "call", "message", "event"]));
  leave();
  changes.clear();
  pbx.textFrom(contact, did, "Hi");
  expect(changes.size).toBe(0);
});

describe("on demand", () => {
  test("calls are answered wrongly, as often as told or until stopped, and the token endpoint is spared", async () => {
    const { pbx, call, grant, client } = await start();
    pbx.fail({ kind: "rate-limit", retryAfter: 3, times: 1 });
    expect(await call("GET", "7/chat/")).toMatchObject({ status: 429, retryAfter: "3" });
    expect((await call("GET", "7/chat/")).status).toBe(200);
    const fault = pbx.fail({ kind: "status", code: 418, path: /message\/$/, body: "teapot" });
    expect(await call("GET", "7/message/")).toMatchObject({ status: 418, text: "teapot" });
    expect((await call("GET", "7/chat/")).status).toBe(200);
    fault.stop();
    expect((await call("GET", "7/message/")).status).toBe(200);
    pbx.fail({ kind: "status", code: 500 });
    expect((await grant({ grant_type: "client_credentials", ...client })).status).toBe(200);
  });

  test.each([
    ["reset before effect", 0],
    ["reset after effect", 1],
    ["truncated", 1],
  ] as const)("a send is lost by %s, with %i text sent", async (kind, sent) => {
    const { pbx, call } = await start();
    pbx.fail({ kind, method: "POST" });
    await expect(call("POST", "7/message/send/", { dst_num: contact, text: "Hi" })).rejects.toThrow();
    expect(pbx.sentTexts()).toHaveLength(sent);
    expect(pbx.calls().filter(({ path }) => path.endsWith("/send/"))).toHaveLength(1);
  });

  test("a send hangs until the PBX closes", async () => {
    const { pbx, call } = await start();
    pbx.fail({ kind: "hang", effect: true });
    const sending = call("POST", "7/message/send/", { dst_num: contact, text: "Hi" });
    await vi.waitFor(() => expect(pbx.sentTexts()).toHaveLength(1));
    expect(pbx.calls().at(-1)).toEqual({
      method: "POST",
      path: expect.stringContaining("send") as string,
      at: expect.any(Number) as number,
    });
    await Promise.all([expect(sending).rejects.toThrow(), pbx.close()]);
  });

  test("the PBX is down and comes back at the same address with all it knew", async () => {
    const { pbx, call } = await start();
    pbx.textFrom(contact, did, "Hi");
    await pbx.down(true);
    await expect(call("GET", "7/message/")).rejects.toThrow();
    await expect(call("GET", "7/message/")).rejects.toThrow("ECONNREFUSED");
    await pbx.down(false);
    expect((await call("GET", "7/message/")).text).toContain("Hi");
  });

  test("the application is revoked", async () => {
    const { pbx, call, grant, client } = await start();
    pbx.revokeClient(true);
    expect((await call("GET", "7/message/")).status).toBe(401);
    expect((await grant({ grant_type: "client_credentials", ...client })).status).toBe(401);
    pbx.revokeClient(false);
    expect((await grant({ grant_type: "client_credentials", ...client })).status).toBe(200);
  });

  test("too many calls at a time are refused", async () => {
    const { pbx, call } = await start();
    pbx.limitConcurrency(2);
    pbx.latency(20);
    const answers = await Promise.all(Array.from({ length: 5 }, () => call("GET", "7/message/")));
    expect(answers.some(({ status }) => status === 429)).toBe(true);
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    expect((await call("GET", "7/message/")).status).toBe(200);
  });
});
