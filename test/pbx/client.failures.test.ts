import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { GiveUp, RetryLater } from "../../src/errors.js";
import { freePort } from "../fixtures/port.js";
import { apiCalls, contact, did, failureOf, startPbx } from "./harness.js";

const text = { to: contact, from: did, text: "The secret is 42" };

describe("sending a text that fails is never repeated by the client, and says whether it may have gone out", () => {
  test.each([
    [
      "a rate limit",
      { kind: "rate-limit", retryAfter: 7 },
      { afterMs: 7_000, patient: true, scope: "target", uncertain: false },
    ],
    [
      "a rate limit of unknown length",
      { kind: "rate-limit" },
      { afterMs: undefined, scope: "target", uncertain: false },
    ],
    ["a request that the PBX did not wait for", { kind: "status", code: 408 }, { uncertain: false }],
    ["an error of the PBX", { kind: "status", code: 500 }, { uncertain: true, scope: "delivery" }],
    ["an error of the PBX after it took the text", { kind: "status", code: 502, effect: true }, { uncertain: true }],
    ["a redirect", { kind: "status", code: 304 }, { uncertain: false, scope: "target" }],
    ["a connection that breaks before", { kind: "reset before effect" }, { uncertain: true }],
    ["a connection that breaks after", { kind: "reset after effect" }, { uncertain: true }],
  ] as const)("%s", async (_, fault, expected) => {
    const { pbx, client, waits } = await startPbx();
    pbx.fail({ ...fault, method: "POST" });
    const failure = await failureOf(client.messages.send(7, text));
    expect(failure).toBeInstanceOf(RetryLater);
    expect(failure).toMatchObject(expected);
    expect(apiCalls(pbx)).toHaveLength(1);
    expect(waits).toEqual([]);
  });

  test("a PBX that gives no answer in time", async () => {
    const { pbx, client } = await startPbx({}, { timeoutMs: 100 });
    pbx.fail({ kind: "hang", method: "POST", effect: true });
    const failure = await failureOf(client.messages.send(7, text));
    expect(failure).toMatchObject({ name: "RetryLater", uncertain: true });
    expect(failure).toHaveProperty("message", "Could not send the text: the PBX gave no answer within 0.1 s.");
    expect(pbx.sentTexts()).toHaveLength(1);
  });

  test("a PBX that is down has certainly not taken it", async () => {
    const { pbx, client } = await startPbx();
    await client.authorize();
    await pbx.down(true);
    // Finds the connection that was kept from before broken, which a send could not tell from one that breaks underway.
    await failureOf(client.messages.list(7));
    expect(await failureOf(client.messages.send(7, text))).toMatchObject({
      name: "RetryLater",
      uncertain: false,
      scope: "target",
    });
    await pbx.down(false);
    await client.messages.send(7, text);
    expect(pbx.sentTexts()).toHaveLength(1);
  });

  test("a host that has no address has certainly not taken it", async () => {
    const { client } = await startPbx({}, { url: `http://127.0.0.1:${await freePort()}` });
    expect(await failureOf(client.messages.send(7, text))).toMatchObject({
      name: "RetryLater",
      uncertain: false,
      scope: "target",
    });
    const { client: lost } = await startPbx({}, { url: "http://pbx.invalid" });
    expect(await failureOf(lost.messages.send(7, text))).toMatchObject({
      name: "RetryLater",
      uncertain: false,
      scope: "target",
    });
  });
});

test("a text that was taken is sent, though the answer breaks off", async () => {
  const { pbx, client } = await startPbx();
  pbx.fail({ kind: "truncated", method: "POST" });
  expect(await client.messages.send(7, text)).toEqual({});
  expect(pbx.sentTexts()).toHaveLength(1);
});

test.each([true, false])(
  "of a text whose answer is a page nobody knows whether it was sent, nor of a subscription (%s)",
  async (effect) => {
    const { pbx, client } = await startPbx();
    pbx.fail({ kind: "garbage", method: "POST", effect });
    const unknown = { name: "RetryLater", uncertain: true };
    expect(await failureOf(client.messages.send(7, text))).toMatchObject(unknown);
    const event = { url: "https://x.example/", type: "message-in", method: "POST" } as const;
    expect(await failureOf(client.events.add(7, event))).toMatchObject(unknown);
    expect(pbx.sentTexts()).toHaveLength(effect ? 1 : 0);
  },
);

describe("what will never succeed is given up, in words for a person", () => {
  test.each([
    [403, undefined, /HTTP 403.*"Call API".*"All"/],
    [404, undefined, /HTTP 404.*extension's id/],
    [400, '{"message":"Bad\\n number <b>"}', /^The PBX did not send the text \(HTTP 400\): Bad number <b>$/],
    [422, "", /HTTP 422.*no reason.*Check the number/],
    [422, "<html>Oops</html>", /no reason/],
    [422, "plain words", /plain words/],
    [422, '{"error":"x"}', /: x$/],
  ] as const)("HTTP %i %s", async (code, body, message) => {
    const { pbx, client } = await startPbx();
    pbx.fail({ kind: "status", code, method: "POST", ...(body === undefined ? {} : { body }) });
    const failure = await failureOf(client.messages.send(7, text));
    expect(failure).toBeInstanceOf(GiveUp);
    expect(failure).toHaveProperty("message", expect.stringMatching(message));
    expect(apiCalls(pbx)).toHaveLength(1);
  });

  test("the PBX's words are capped, and repeat neither the text nor a number", async () => {
    const { pbx, client, lines } = await startPbx();
    const message = `Cannot send "${text.text}" to ${contact} or (202) 555-0199 ${"x".repeat(500)}`;
    pbx.fail({ kind: "status", code: 400, method: "POST", body: JSON.stringify({ message }) });
    const failure = await failureOf(client.messages.send(7, text));
    expect(failure).toHaveProperty("message", expect.stringMatching(/Cannot send "…" to … or …/));
    expect((failure as Error).message.length).toBeLessThan(260);
    expect(lines.join()).not.toMatch(/secret|555/);
  });

  test("an id that would address more than one thing is never sent", async () => {
    const { pbx, client } = await startPbx();
    for (const id of ["", ".", ".."]) {
      expect(await failureOf(client.messages.remove(7, id))).toBeInstanceOf(GiveUp);
      expect(await failureOf(client.chats.clear(7, id))).toBeInstanceOf(GiveUp);
    }
    expect(apiCalls(pbx)).toEqual([]);
    await failureOf(client.messages.remove(7, "../chat/1"));
    expect(apiCalls(pbx)).toEqual(["DELETE /extension/7/message/..%2Fchat%2F1 404"]);
  });
});

describe("calls that are safe to repeat are repeated twice, after short waits", () => {
  test.each([
    { kind: "status", code: 500 },
    { kind: "reset before effect" },
    { kind: "garbage" },
    { kind: "truncated" },
    { kind: "rate-limit" },
  ] as const)("reading goes on after two times $kind", async (fault) => {
    const { pbx, client, waits } = await startPbx();
    pbx.textFrom(contact, did, "x", { silent: true });
    pbx.fail({ ...fault, times: 2 });
    expect(await client.messages.list(7)).toHaveLength(1);
    expect(waits).toEqual([250, 500]);
  });

  test("and not more often", async () => {
    const { pbx, client } = await startPbx();
    pbx.fail({ kind: "garbage" });
    expect(await failureOf(client.messages.list(7))).toMatchObject({ name: "RetryLater", uncertain: false });
    expect(apiCalls(pbx)).toHaveLength(3);
  });

  test("a short pause that the PBX asks for is kept, a long one is left to the caller", async () => {
    const { pbx, client, waits } = await startPbx();
    pbx.fail({ kind: "rate-limit", retryAfter: 3, times: 1 });
    await client.messages.list(7);
    expect(waits).toEqual([3_000]);
    pbx.fail({ kind: "rate-limit", retryAfter: 60, times: 1 });
    expect(await failureOf(client.messages.list(7))).toMatchObject({ afterMs: 60_000, patient: true, scope: "target" });
    expect(waits).toEqual([3_000]);
  });

  test("a mark whose answer was lost is set again", async () => {
    const { pbx, client } = await startPbx();
    const { id } = pbx.textFrom(contact, did, "x", { silent: true });
    pbx.fail({ kind: "reset after effect", method: "PUT", times: 1 });
    await client.messages.markRead(7, id, true);
    expect(pbx.messages()).toMatchObject([{ read: true }]);
  });

  test("what our own lost attempt deleted counts as deleted; what never was there does not", async () => {
    const { pbx, client } = await startPbx();
    const { id } = pbx.textFrom(contact, did, "x", { silent: true });
    pbx.fail({ kind: "reset after effect", method: "DELETE", times: 1 });
    await client.messages.remove(7, id);
    expect(pbx.messages()).toEqual([]);
    expect(await failureOf(client.messages.remove(7, id))).toBeInstanceOf(GiveUp);
  });

  test("a subscription is not added twice", async () => {
    const { pbx, client } = await startPbx();
    pbx.fail({ kind: "reset after effect", method: "POST" });
    const subscription = { url: "https://sms.example.com/x", type: "message-in", method: "POST" } as const;
    expect(await failureOf(client.events.add(7, subscription))).toMatchObject({ uncertain: true });
    expect(pbx.subscriptions()).toHaveLength(1);
  });
});

describe("what a server does in the middle of an answer", () => {
  async function serverThat(
    answer: (url: string) => { status?: number; headers?: Record<string, string>; body: string; end?: boolean },
  ) {
    const server = createServer((request, response) => {
      const url = request.url ?? "";
      const token = { body: '{"access_token":"abc","expires_in":3600}' };
      const { status = 200, headers = {}, body, end = true } = url === "/oauth/token" ? { ...token } : answer(url);
      response.writeHead(status, headers);
      response.write(body);
      if (end) response.end();
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test.each(["", "<html>"])("a body that stalls after %j and its 2xx leaves a send in doubt", async (body) => {
    const url = await serverThat(() => ({ body, end: false }));
    const { client } = await startPbx({}, { url, timeoutMs: 150 });
    expect(await failureOf(client.messages.send(7, text))).toMatchObject({ name: "RetryLater", uncertain: true });
  });

  test("JSON that stalls after its 2xx leaves no doubt about a send", async () => {
    const url = await serverThat(() => ({ body: '{"id":', end: false }));
    const { client } = await startPbx({}, { url, timeoutMs: 150 });
    expect(await client.messages.send(7, text)).toEqual({});
    expect(await failureOf(client.messages.list(7))).toBeInstanceOf(RetryLater);
  });

  test("a redirect is not followed, and tells what to mend", async () => {
    const url = await serverThat(() => ({
      status: 302,
      headers: { Location: "https://elsewhere.example/" },
      body: "",
    }));
    const { client } = await startPbx({}, { url });
    const failure = await failureOf(client.messages.send(7, text));
    expect(failure).toMatchObject({ name: "RetryLater", uncertain: false, scope: "target" });
    expect(failure).toHaveProperty("message", expect.stringContaining("final address in pbx.url"));
  });

  test("an answer without end is cut off", async () => {
    const url = await serverThat(() => ({ body: `["${"x".repeat(9 * 1024 * 1024)}"]` }));
    const { client } = await startPbx({}, { url });
    expect(await failureOf(client.chats.list(7))).toHaveProperty("message", expect.stringContaining("too long"));
  });

  test("connections are kept and used again, also after errors", async () => {
    const ports = new Set<number | undefined>();
    let turn = 0;
    const server = createServer((request, response) => {
      ports.add(request.socket.remotePort);
      const body = request.url === "/oauth/token" ? '{"access_token":"abc","expires_in":3600}' : "[]";
      response.writeHead(turn++ === 1 ? 500 : 200).end(body);
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { client } = await startPbx({}, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    await client.messages.list(7);
    await client.messages.list(7);
    expect(turn).toBe(4);
    expect(ports.size).toBe(1);
  });
});

test("texts whose times cannot be read are listed, with one warning however often", async () => {
  const { pbx, client, lines } = await startPbx();
  const row = { flow: "in", src_num: contact, dst_num: did, text: "hi", init_time_gmt: "15.01.2026 08:00" };
  const body = JSON.stringify([{ ...row, id: "1" }]);
  pbx.fail({ kind: "status", code: 200, body, times: 2, method: "GET", path: "/message/" });
  expect(await client.messages.list(7)).toMatchObject([{ id: "1", text: "hi" }]);
  await client.messages.list(7);
  expect(lines.filter((line) => line.includes("cannot be read as a time"))).toHaveLength(1);
});
