import * as fc from "fast-check";
import { once } from "node:events";
import { Agent } from "node:http";
import { connect, type Socket } from "node:net";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { StoreUnavailable } from "../../src/errors.js";
import { ask, events, later, secret, serve, webhook } from "./served.js";

const form = { headers: { "content-type": "application/x-www-form-urlencoded" } };

describe("an event of the PBX", () => {
  test("is answered with 200 only after it was stored, posted or in the query string", async () => {
    const stored = later();
    const { port, counted } = await serve({}, { accept: () => stored.promise });
    let answered = 0;
    const asked = [
      ask(port, "POST", events, "kind=text-in&text=hi", form),
      ask(port, "GET", `${events}?kind=text-in&text=hi`),
    ].map((answer) => answer.finally(() => (answered += 1)));
    await vi.waitFor(() => expect(counted).toEqual(["text-in", "text-in"]));
    expect(answered).toBe(0);
    stored.resolve();
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200]);
  });

  test("reaches the parser as bytes with its content type, or as query string", async () => {
    const seen: unknown[] = [];
    const parse = (type: string | undefined, wire: Buffer | string) => {
      seen.push([type, wire]);
      return { kind: "unused", type: "hangup" } as const;
    };
    const { port } = await serve({}, { parse });
    await ask(port, "POST", events, '{"a":1}', { headers: { "content-type": "application/json; charset=utf-8" } });
    await ask(port, "POST", events, "a=1");
    await ask(port, "POST", `${events}?a=%2B1`);
    await ask(port, "GET", `${events}?a=%2B1&b=%zz`);
    expect(seen).toEqual([
      ["application/json; charset=utf-8", Buffer.from('{"a":1}')],
      [undefined, Buffer.from("a=1")],
      ["application/x-www-form-urlencoded", "a=%2B1"],
      ["application/x-www-form-urlencoded", "a=%2B1&b=%zz"],
    ]);
  });

  test("is not let in by a wrong secret of any length", async () => {
    const { port, accepted, counted } = await serve();
    const wrong = ["", "x", secret.slice(1), `${secret}0`, secret.toUpperCase(), "a".repeat(399), "%00", "%E2%82%AC"];
    for (const given of wrong) {
      const answer = await ask(port, "POST", `/pbx/events/${given}`, "kind=text-in");
      expect([answer.status, answer.body]).toEqual([404, '{"message":"not found"}']);
    }
    expect([accepted, counted]).toEqual([[], []]);
  });

  test("is let in by a secret of 200 characters", async () => {
    const long = "s".repeat(200);
    const { port } = await serve({ secret: long });
    expect((await ask(port, "GET", `/pbx/events/${long}?kind=text-in`)).status).toBe(200);
  });

  test("is not taken by HEAD, which promises to change nothing", async () => {
    const { port, accepted } = await serve();
    expect((await ask(port, "HEAD", `${events}?kind=text-in`)).status).toBe(404);
    expect(accepted).toEqual([]);
  });

  test("that is malformed is answered with what is wrong", async () => {
    const { port, counted } = await serve();
    const answer = await ask(port, "POST", events, "text=hello", form);
    expect([answer.status, answer.body]).toEqual([400, '{"message":"The event has no field kind."}']);
    expect((await ask(port, "POST", events)).status).toBe(400);
    expect((await ask(port, "GET", events)).status).toBe(400);
    expect(counted).toEqual(["malformed", "malformed", "malformed"]);
  });

  test("of a type without use is taken with a log line", async () => {
    const { port, accepted, logged } = await serve();
    expect((await ask(port, "POST", events, "kind=unused", form)).status).toBe(200);
    expect(accepted).toEqual([]);
    expect(logged).toEqual([
      { level: "info", fields: { type: "voicemail" }, msg: "An event of a type without use was passed over" },
    ]);
  });

  test("may have 64 KiB and not one byte more", async () => {
    const { port, accepted } = await serve();
    const head = "kind=text-in&text=";
    const largest = head + "a".repeat(64 * 1024 - head.length);
    expect((await ask(port, "POST", events, largest)).status).toBe(200);
    expect((await ask(port, "POST", events, `${largest}a`)).status).toBe(413);
    const chunked = { headers: { "transfer-encoding": "chunked" } };
    expect((await ask(port, "POST", events, `${largest}a`, chunked)).status).toBe(413);
    expect(accepted).toHaveLength(1);
  });

  test("that the store cannot take is sent back for later", async () => {
    const { port, logged } = await serve({}, { accept: () => Promise.reject(new StoreUnavailable("disk full")) });
    const answer = await ask(port, "POST", events, "kind=text-in");
    expect([answer.status, answer.headers["retry-after"]]).toEqual([503, "5"]);
    expect(answer.body).not.toContain("disk");
    expect(logged.map(({ level }) => level)).toEqual(["error"]);
  });

  test("that trips over a mistake of ours is answered without a trace of it", async () => {
    const { port, logged } = await serve({}, { accept: () => Promise.reject(new TypeError("x is not a function")) });
    const answer = await ask(port, "POST", events, "kind=text-in&text=hello");
    expect([answer.status, answer.body]).toEqual([500, '{"message":"this failed because of a mistake of ours"}']);
    expect(logged).toHaveLength(1);
    expect(JSON.stringify(logged)).not.toMatch(/hello|0123456789abcdef/);
  });
});

describe("allowFrom", () => {
  test.each([
    { allowFrom: ["127.0.0.1"], status: 200 },
    { allowFrom: ["10.0.0.0/8", "127.0.0.0/8"], status: 200 },
    { allowFrom: ["::ffff:127.0.0.1"], status: 200 },
    { allowFrom: ["192.0.2.1", "::1", "2001:db8::/32"], status: 403 },
  ])("$allowFrom answers 127.0.0.1 with $status", async ({ allowFrom, status }) => {
    const { port, accepted } = await serve({ allowFrom });
    expect((await ask(port, "POST", events, "kind=text-in")).status).toBe(status);
    expect(accepted).toHaveLength(status === 200 ? 1 : 0);
  });

  test("tells nothing to somebody who does not know the secret", async () => {
    const { port } = await serve({ allowFrom: ["192.0.2.1"] });
    expect((await ask(port, "POST", "/pbx/events/wrong", "kind=text-in")).status).toBe(404);
  });

  test("believes X-Forwarded-For of a trusted proxy, and of nobody else", async () => {
    const from = (address: string) => ({ headers: { "x-forwarded-for": address } });
    const trusting = await serve({ allowFrom: ["192.0.2.0/24"], trustProxy: ["127.0.0.0/8"] });
    const statuses: number[] = [];
    for (const address of [
      "192.0.2.7",
      "203.0.113.9, 192.0.2.7",
      "192.0.2.7, 203.0.113.9",
      "nonsense",
      "192.0.2.7:80",
    ]) {
      statuses.push((await ask(trusting.port, "GET", `${events}?kind=text-in`, undefined, from(address))).status);
    }
    expect(statuses).toEqual([200, 200, 403, 403, 403]);
    const wary = await serve({ allowFrom: ["192.0.2.0/24"] });
    expect((await ask(wary.port, "GET", `${events}?kind=text-in`, undefined, from("192.0.2.7"))).status).toBe(403);
  });
});

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
