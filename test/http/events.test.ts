/** Events of the PBX, and from where they may come. */
import { describe, expect, test, vi } from "vitest";
import { StoreUnavailable } from "../../src/errors.js";
import { ask, events, later, secret, serve } from "./served.js";

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

  test.each(["", "form", "json", "a, b", "text/plain;;charset", "application/x-www-form-urlencoded charset=utf-8"])(
    "reaches the parser with a content type that is none: %j",
    async (type) => {
      const { port, accepted } = await serve();
      const headers = { "content-type": type };
      expect((await ask(port, "POST", events, "kind=text-in&text=hi", { headers })).status).toBe(200);
      expect(accepted).toMatchObject([{ text: "hi" }]);
    },
  );

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
