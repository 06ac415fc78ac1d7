import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createApi } from "../../../adapters/telegram/api.js";
import { eventually } from "./harness.js";

async function serverOf(listener: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function connections(server: Server): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}

const ME = JSON.stringify({ ok: true, result: { id: 1, is_bot: true, first_name: "Bridge" } });

function apiOf(apiUrl: string, timeoutMs = 2000) {
  const api = createApi({ botToken: "1:AASecretHalf", apiUrl, timeoutMs });
  onTestFinished(() => api.close());
  return api;
}

test("calls in a row share a connection, with http as well", async () => {
  let opened = 0;
  const { server, url } = await serverOf((_, response) =>
    response.setHeader("content-type", "application/json").end(ME),
  );
  server.on("connection", () => (opened += 1));
  const api = apiOf(url);
  for (let call = 0; call < 3; call += 1) await api.call("getMe", {});
  expect(opened).toBe(1);
});

test("a root with a path is kept", async () => {
  const paths: (string | undefined)[] = [];
  const { url } = await serverOf((request, response) => {
    paths.push(request.url);
    response.end(ME);
  });
  await apiOf(`${url}/proxy`).call("getMe", {});
  expect(paths).toEqual(["/proxy/bot1:AASecretHalf/getMe"]);
});

test("a refusal whose body nobody reads holds no connection", async () => {
  const { server, url } = await serverOf((_, response) => response.writeHead(502).write("never ending"));
  const api = apiOf(url);
  for (let call = 0; call < 3; call += 1) {
    await expect(api.call("getMe", {})).rejects.toMatchObject({
      name: "TelegramFailure",
      reason: "unanswered",
      code: 502,
    });
  }
  await eventually(async () => expect(await connections(server)).toBe(0));
});

test("a call that gets no answer ends in time, and its connection with it", async () => {
  const { server, url } = await serverOf(() => undefined);
  await expect(apiOf(url, 50).call("getMe", {})).rejects.toMatchObject({ reason: "unanswered" });
  await eventually(async () => expect(await connections(server)).toBe(0));
});

test("a call can be ended early, before and while it runs", async () => {
  const { url } = await serverOf(() => undefined);
  const ending = new AbortController();
  const calling = apiOf(url).call("getMe", {}, { signal: ending.signal });
  ending.abort();
  await expect(calling).rejects.toMatchObject({ name: "TelegramFailure" });
  await expect(apiOf(url).call("getMe", {}, { signal: ending.signal })).rejects.toMatchObject({
    name: "TelegramFailure",
  });
});

test.each(["<html>", '{"ok":', ""])("an answer that is no JSON, %j, is a failure without the token", async (body) => {
  const { url } = await serverOf((_, response) => response.end(body));
  const failed: unknown = await apiOf(url)
    .call("getMe", {})
    .catch((error: unknown) => error);
  expect(failed).toMatchObject({ reason: "unanswered" });
  expect(failed instanceof Error ? `${failed.message} ${failed.stack}` : "").not.toContain("AASecretHalf");
});

test("closing lets a call under way finish, and then its connection go", async () => {
  let answer: (() => void) | undefined;
  const { server, url } = await serverOf((_, response) => (answer = () => response.end(ME)));
  const api = apiOf(url);
  const calling = api.call("getMe", {});
  // A connection alone is no request yet.
  await eventually(async () => expect([await connections(server), typeof answer]).toEqual([1, "function"]));
  api.close();
  answer?.();
  await expect(calling).resolves.toMatchObject({ first_name: "Bridge" });
  await eventually(async () => expect(await connections(server)).toBe(0));
});
