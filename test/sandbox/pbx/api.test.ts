import { describe, expect, test } from "vitest";
import { contact, did, start } from "./harness.js";

describe("tokens", () => {
  test("are given to those who know the secret, and to nobody else", async () => {
    const { grant, client } = await start({ username: "ann", password: "pw", tokenSeconds: 60 });
    expect(JSON.parse((await grant({ grant_type: "client_credentials", ...client })).text)).toEqual({
      access_token: expect.any(String) as string,
      token_type: "Bearer",
      expires_in: 60,
      scope: "all",
    });
    const user = { grant_type: "password", username: "ann", password: "pw" };
    expect(JSON.parse((await grant({ ...user, ...client })).text)).toHaveProperty("refresh_token");
    expect((await grant({ ...user, ...client, password: "no" })).status).toBe(400);
    expect((await grant({ grant_type: "magic", ...client })).status).toBe(400);
    expect((await grant({ grant_type: "client_credentials", ...client, client_secret: "no" })).status).toBe(401);
  });

  test("are asked for with a form", async () => {
    const { ask } = await start();
    expect((await ask("POST", "/oauth/token", { body: "{}" })).status).toBe(400);
    expect((await ask("GET", "/oauth/token")).status).toBe(405);
  });

  test("are needed, and expire", async () => {
    let now = 1_000_000;
    const { pbx, ask, call } = await start({ tokenSeconds: 60, now: () => now });
    expect((await call("GET", "7/message/")).status).toBe(200);
    expect((await ask("GET", "/api/ver1.0/extension/7/message/")).status).toBe(401);
    now += 60_000;
    expect((await call("GET", "7/message/")).status).toBe(401);
    now -= 1;
    expect((await call("GET", "7/message/")).status).toBe(200);
    pbx.expireTokens();
    expect((await call("GET", "7/message/")).status).toBe(401);
  });
});

describe("the API is strict", () => {
  test.each([
    ["GET", "7/message", 404],
    ["GET", "7/messages/", 404],
    ["GET", "9/message/", 404],
    ["GET", "7/message/1", 404],
    ["POST", "7/message/", 405],
    ["PUT", "7/chat/1", 405],
    ["GET", "7/message/?page=0", 400],
    ["GET", "7/message/?order=up", 400],
    ["GET", "7/message/?flow=up", 400],
    ["GET", "7/message/?start_datetime=yesterday", 400],
  ])("%s %s is answered %i", async (method, path, status) => {
    const { call } = await start();
    expect((await call(method, path)).status).toBe(status);
  });

  test.each([
    [{ text: "Hi" }, 422],
    [{ dst_num: "Ann", text: "Hi" }, 422],
    [{ dst_num: contact }, 422],
    [{ dst_num: contact, text: "Hi", src_num: "+12025550108" }, 422],
    [{ dst_num: contact, text: "Hi", urgent: true }, 400],
    [{ dst_num: contact, text: "Hi" }, 200],
  ])("a text %j is answered %i", async (body, status) => {
    const { call } = await start();
    expect((await call("POST", "7/message/send/", body)).status).toBe(status);
  });

  test("bodies are JSON", async () => {
    const { ask, token } = await start();
    const path = "/api/ver1.0/extension/7/message/send/";
    expect(
      (await ask("POST", path, { token, body: "dst_num=1", type: "application/x-www-form-urlencoded" })).status,
    ).toBe(400);
    expect((await ask("POST", path, { token, body: "{" })).status).toBe(400);
    expect((await ask("POST", path, { token, body: "[]" })).status).toBe(400);
    expect((await ask("POST", path, { token, body: `"${"x".repeat(300_000)}"` })).status).toBe(413);
  });

  test("another extension's things are not found", async () => {
    const { pbx, call } = await start();
    const { id, chatId } = pbx.textFrom(contact, did, "Hi");
    expect((await call("GET", `8/message/${id}`)).status).toBe(404);
    expect((await call("DELETE", `8/chat/${chatId}`)).status).toBe(404);
    expect(pbx.messages()).toHaveLength(1);
  });

  test("events are limited, and of known types", async () => {
    const { pbx, subscribe } = await start({ eventLimit: 1 });
    expect((await subscribe("https://x.example/", "message-on")).status).toBe(400);
    expect((await subscribe("ftp://x.example/", "message-in")).status).toBe(400);
    expect((await subscribe("https://x.example/", "message-in", "PUT")).status).toBe(400);
    expect((await subscribe("https://x.example/", "message-in")).status).toBe(201);
    expect((await subscribe("https://x.example/", "message-out")).status).toBe(400);
    expect(pbx.subscriptions()).toHaveLength(1);
  });
});
