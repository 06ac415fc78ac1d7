import * as fc from "fast-check";
import { once } from "node:events";
import { Agent } from "node:http";
import { connect, type Socket } from "node:net";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { StoreUnavailable } from "../../src/errors.js";
import { ask, events, later, serve, webhook } from "./served.js";

describe("a webhook", () => {
  test("gets the bytes and headers as they came, and its answer goes back", async () => {
    const seen: unknown[] = [];
    const hook = webhook("/slack/events", ({ headers, body }) => {
      seen.push([headers["x-slack-signature"], body]);
      return Promise.resolve({
        status: 202,
        headers: { "content-type": "application/json; charset=utf-8" },
        body: "{}",
      });
    });
    const { port } = await serve({}, { webhooks: [hook] });
    const body = Buffer.from([0, 255, 10]);
    const answer = await ask(port, "POST", "/slack/events", body, { headers: { "x-slack-signature": "v0=1" } });
    expect([answer.status, answer.headers["content-type"], answer.body]).toEqual([
      202,
      "application/json; charset=utf-8",
      "{}",
    ]);
    await ask(port, "POST", "/slack/events");
    expect(seen).toEqual([
      ["v0=1", body],
      [undefined, Buffer.alloc(0)],
    ]);
  });

  test("takes up to 4 MiB, and is told to come again when the store fails", async () => {
    const hook = webhook("/telegram/webhook", ({ body }) =>
      body.length > 9 ? Promise.resolve({ status: 200 }) : Promise.reject(new StoreUnavailable("locked")),
    );
    const { port } = await serve({}, { webhooks: [hook] });
    const statuses: number[] = [];
    for (const size of [4 * 1024 * 1024, 4 * 1024 * 1024 + 1, 1]) {
      statuses.push((await ask(port, "POST", "/telegram/webhook", Buffer.alloc(size))).status);
    }
    expect(statuses).toEqual([200, 413, 503]);
  });

  test("of a platform that is not in webhook mode is not there", async () => {
    const { port } = await serve();
    expect((await ask(port, "POST", "/slack/events", "{}")).status).toBe(404);
  });
});

describe("the state of the bridge", () => {
  test("healthz says that the process works, also to HEAD", async () => {
    const { port } = await serve();
    expect((await ask(port, "GET", "/healthz")).status).toBe(200);
    expect((await ask(port, "HEAD", "/healthz")).status).toBe(200);
  });

  test("readyz has a reason for each part that is not connected", async () => {
    const parts = [
      { part: "store", ok: true },
      { part: "slack", ok: false, reason: "Slack refused the token" },
    ];
    const unwell = await serve({}, { health: () => parts });
    const answer = await ask(unwell.port, "GET", "/readyz");
    expect([answer.status, JSON.parse(answer.body)]).toEqual([503, { ready: false, parts }]);
    const well = await serve({}, { health: () => Promise.resolve(parts.slice(0, 1)) });
    expect((await ask(well.port, "GET", "/readyz")).status).toBe(200);
  });

  test("metrics come in their own content type", async () => {
    const metrics = () => Promise.resolve({ contentType: "text/plain; version=0.0.4", body: "a 1\n" });
    const { port } = await serve({}, { metrics });
    const answer = await ask(port, "GET", "/metrics");
    expect([answer.status, answer.headers["content-type"], answer.body]).toEqual([
      200,
      "text/plain; version=0.0.4",
      "a 1\n",
    ]);
  });

  test("paths that are unknown are answered in JSON", async () => {
    const { port } = await serve();
    for (const [method, path] of [
      ["GET", "/"],
      ["POST", "/healthz"],
      ["DELETE", events],
      ["GET", "/pbx/events"],
    ] as const) {
      const answer = await ask(port, method, path);
      expect([answer.status, answer.headers["content-type"], answer.body]).toEqual([
        404,
        "application/json; charset=utf-8",
        '{"message":"not found"}',
      ]);
    }
  });
});

describe("strangers", () => {
  test("cannot make the server fail, whatever they send", async () => {
    const { port, logged } = await serve(
      {},
      { webhooks: [webhook("/slack/events", () => Promise.resolve({ status: 200 }))] },
    );
    const path = fc.oneof(
      fc.constantFrom(events, `${events}?`, `${events}?kind=text-in`, "/slack/events", "/readyz", "/pbx/events/"),
      fc.webPath(),
      fc.stringMatching(/^\/[!-~]{0,80}$/),
      fc.stringMatching(/^\/pbx\/events\/[!-~]{0,80}$/),
    );
    const headers = fc.dictionary(
      fc.oneof(
        fc.constantFrom("content-type", "x-forwarded-for", "accept-encoding", "content-encoding", "expect", "cookie"),
        fc.stringMatching(/^x-[a-z]{1,9}$/),
      ),
      fc.stringMatching(/^[ -~]{0,60}$/),
      { maxKeys: 4 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"),
        path,
        headers,
        fc.uint8Array({ maxLength: 300 }),
        async (method, where, head, body) => {
          const { status } = await ask(port, method, where, body, {
            headers: { ...head, "content-length": body.length },
          });
          expect(status).toBeLessThan(500);
        },
      ),
      { numRuns: 400 },
    );
    expect(logged.filter(({ level }) => level === "error")).toEqual([]);
  });

  test.each([
    ["no HTTP", "hello\r\n\r\n", 400],
    ["two lengths", `POST ${events} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab`, 400],
    [
      "length and chunks",
      `POST ${events} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ["a bad chunk", `POST ${events} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
    ["an endless head", `GET / HTTP/1.1\r\nHost: a\r\nX: ${"a".repeat(20_000)}\r\n\r\n`, 431],
    ["a broken escape", "GET /pbx/events/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 400],
  ])("that send %s are refused and hung up on", async (_what, bytes, status) => {
    const { port } = await serve();
    const socket = await connected(port);
    socket.write(bytes);
    expect(await everything(socket)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  test("hear nothing of what they sent, not even their address", async () => {
    const { port } = await serve();
    for (const path of ["/%zzcanary", "/canary", "/pbx/events/canary", `/pbx/events/${"canary".repeat(100)}`]) {
      const { status, body } = await ask(port, "GET", path);
      expect([status < 500, Object.keys(JSON.parse(body)), body.includes("canary")]).toEqual([
        true,
        ["message"],
        false,
      ]);
    }
  });

  test("that go away in the middle of an event leave nothing behind", async () => {
    const { port, server, accepted, logged } = await serve();
    const socket = await connected(port);
    socket.write(`POST ${events} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nkind=text-in`);
    socket.destroy();
    await server.close();
    expect(accepted).toEqual([]);
    expect(logged.filter(({ level }) => level === "error")).toEqual([]);
  });

  test.each([
    ["a head", "GET /healthz HTTP/1.1\r\nHo"],
    ["a body", `POST ${events} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nkind`],
    ["anything", ""],
  ])("that never finish %s are hung up on", async (_what, bytes) => {
    const { port } = await serve({ patience: { headersMs: 100, requestMs: 150 } });
    const socket = await connected(port);
    socket.write(bytes);
    expect(await everything(socket)).toMatch(/^(HTTP\/1.1 408 |$)/);
  });
});

describe("closing", () => {
  test("finishes what is under way, ends idle connections, and takes nothing new", async () => {
    const stored = later();
    const never = { patience: { closeMs: 3_600_000 } };
    const { port, server, counted } = await serve(never, { accept: () => stored.promise });
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    await ask(port, "GET", "/healthz", undefined, { agent });
    const ended = everything(await connected(port));
    const underWay = ask(port, "POST", events, "kind=text-in", { agent: new Agent({ keepAlive: true }) });
    await vi.waitFor(() => expect(counted).toEqual(["text-in"]));
    const closed = server.close();
    await vi.waitFor(() => expect(Object.keys(agent.freeSockets)).toEqual([]));
    await expect(ask(port, "GET", "/healthz")).rejects.toThrow("ECONNREFUSED");
    stored.resolve();
    expect((await underWay).status).toBe(200);
    await Promise.all([closed, ended]);
  });

  test("cuts off who does not come to an end", async () => {
    const { port, server } = await serve({ patience: { closeMs: 50 } });
    const slow = await connected(port);
    slow.write(`POST ${events} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nkind`);
    const silent = await connected(port);
    const ended = Promise.all([everything(slow), everything(silent)]);
    await server.close();
    await ended;
  });

  test("may be asked for twice, and before listening", async () => {
    const { server } = await serve();
    await Promise.all([server.close(), server.close()]);
  });

  test("a port that is taken is told at once", async () => {
    const { port } = await serve();
    await expect(serve({ port })).rejects.toThrow("EADDRINUSE");
  });
});

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** What arrives until the other side hangs up. */
async function everything(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
  socket.on("error", () => undefined);
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
  return text;
}
