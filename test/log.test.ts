import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createLogger, type Logger } from "../src/log.js";
import { hideNumbers, hideTokens } from "../src/log/hide.js";
import { must, nasty, runs, texts } from "./properties/inputs.js";

function written(work: (log: Logger) => void, options: { level?: "debug" | "info"; pretty?: boolean } = {}): string[] {
  const lines: string[] = [];
  work(createLogger({ level: "info", pretty: false, ...options }, { write: (line) => void lines.push(line) }));
  return lines;
}

test("a line is one JSON object with level, time and words", () => {
  const [line = ""] = written((log) => log.warn({ part: "slack" }, "not connected"));
  expect(line).toMatch(/^\{.*\}\n$/);
  expect(JSON.parse(line)).toEqual({ level: "warn", time: expect.any(String), part: "slack", msg: "not connected" });
});

test("debug lines are written only when asked for", () => {
  const work = (log: Logger): void => log.debug({}, "x");
  expect([written(work).length, written(work, { level: "debug" }).length]).toEqual([0, 1]);
});

test("on a terminal the same line is easy on the eye", () => {
  const [line = ""] = written((log) => log.info({ part: "slack" }, "ready"), { pretty: true });
  expect(line).toContain("ready");
  expect(line).toContain("slack");
  expect(line).not.toContain('{"');
});

test("an error is told by name, words, code, stack and causes, and by nothing else that it carries", () => {
  const cause = Object.assign(new TypeError("socket hang up"), { code: "ECONNRESET", request: { body: "hunter2" } });
  const error = Object.assign(new Error("send failed", { cause }), {
    response: { body: "hunter2", headers: { authorization: "hunter2" } },
    on: { payload: { text: "hunter2" } },
  });
  const [line = ""] = written((log) => log.error({ err: error }, "x"));
  expect(line).not.toContain("hunter2");
  expect(JSON.parse(line).err).toEqual({
    name: "Error",
    message: "send failed",
    stack: expect.stringMatching(/^at .*log\.test\.ts:\d+:\d+/),
    cause: { name: "TypeError", message: "socket hang up", code: "ECONNRESET" },
  });
});

test("errors that cause themselves, or gather others, come to an end", () => {
  const loop = new Error("a");
  loop.cause = loop;
  const many = new AggregateError([new Error("ECONNREFUSED ::1"), "b", 5], "none worked");
  const [first = "", second = ""] = written((log) => {
    log.error({ err: loop }, "x");
    log.error({ failure: many }, "x");
  });
  expect(first.length).toBeLessThan(3000);
  expect(JSON.parse(second).failure.errors).toEqual([{ name: "Error", message: "ECONNREFUSED ::1" }, "b", "not shown"]);
});

test.each(["text", "token", "botToken", "secret", "authorization", "body", "headers", "clientSecret"])(
  "a field called %s is not written, however deep",
  (name) => {
    const [line = ""] = written((log) =>
      log.info({ [name]: "hunter2", a: { [name]: "hunter2", b: { [name]: "hunter2" } } }, "x"),
    );
    expect(line).not.toContain("hunter2");
    expect(line).toContain("[hidden]");
  },
);

test.each([
  ["xoxb-12-34-abcDEF", "[hidden]"],
  ["(xapp-1-A0-12-abc)", "([hidden])"],
  ["token xoxe.xoxp-1-abc.", "token [hidden]."],
  ["https://api.telegram.org/bot123456:AAF-x_y/sendMessage", "https://api.telegram.org/bot[hidden]/sendMessage"],
  ["the token 123456789:AAF0123456789abcdefghij is wrong", "the token [hidden] is wrong"],
  ["Authorization: Bearer abc.def-1", "Authorization: Bearer [hidden]"],
  ["POST /pbx/events/0123456789abcdef?x=1", "POST /pbx/events/[hidden]?x=1"],
  [
    String.raw`{"url":"https:\/\/h\/pbx\/events\/0123456789abcdef"}`,
    String.raw`{"url":"https:\/\/h\/pbx\/events\/[hidden]"}`,
  ],
  [
    String.raw`"https:\\/\\/h\\/pbx\\/events\\/0123456789abcdef"`,
    String.raw`"https:\\/\\/h\\/pbx\\/events\\/[hidden]"`,
  ],
  ["https://hooks.slack.com/actions/T1/2/abc failed", "https://hooks.slack.com/[hidden] failed"],
  ["redis://user:pass@host/0", "redis://[hidden]@host/0"],
  ["client_secret=abc&grant_type=x", "client_secret=[hidden]&grant_type=x"],
  ['{"access_token":"abc"}', '{"access_token":"[hidden]"}'],
  ["bad token: 0a1b2c3d4e5f6071", "bad token: [hidden]"],
  ["Could not get a token: the PBX cannot be reached", "Could not get a token: the PBX cannot be reached"],
  ["connect ECONNREFUSED 127.0.0.1:8080", "connect ECONNREFUSED 127.0.0.1:8080"],
])("tokens go: %j becomes %j", (text, shown) => {
  expect(hideTokens(text)).toBe(shown);
});

test.each([
  ["+15550100", "…00"],
  ["to +1 (555) 010-0123 failed", "to …23 failed"],
  ["number 5550100, please", "number …00, please"],
  ["555-0100.", "…00."],
  ["failed.15550100x2", "failed.…00x2"],
  ["channel C0123456789 at 1.2", "channel C0123456789 at 1.2"],
  ["connect ECONNREFUSED 192.168.100.200:443", "connect ECONNREFUSED 192.168.100.200:443"],
  ["extension 123456", "extension 123456"],
])("numbers keep two digits: %j becomes %j", (text, shown) => {
  expect(hideNumbers(text)).toBe(shown);
});

test("no phone number in any shape, in any words, stays whole in an error", () => {
  const digits = fc.integer({ min: 1_000_000, max: 999_999_999_999_999 }).map(String);
  const shapes: readonly ((digits: string) => string)[] = [
    (number) => number,
    (number) => `+${number}`,
    (number) => `(${number.slice(0, 3)}) ${number.slice(3)}`,
    (number) => number.replace(/(...)(...)/, "$1-$2-"),
    (number) => number.replaceAll(/(..)(?=.)/g, "$1 "),
    (number) => encodeURIComponent(`+${number}`),
    (number) => JSON.stringify({ dst_num: number }),
    (number) => `extension/1234/+12015550100/+${number}`,
    (number) => `sip:${number}@pbx.example.com`,
  ];
  const signs = ["", " ", ".", ")", "tel:", "no.", "_", "=", "&to=", "/", ...nasty];
  // Within a word digits are an id.
  const ahead = fc.constantFrom(...signs.filter((sign) => !/[A-Za-z0-9]$/.test(sign) || /%[0-9A-F]{2}$/.test(sign)));
  const behind = fc.constantFrom("x", "x1", " failed", ...signs);
  fc.assert(
    fc.property(ahead, digits, fc.constantFrom(...shapes), behind, (before, number, shape, after) => {
      // The words around it may happen to have just these digits: "2026-01-01 00:00:00" has a 1000000.
      fc.pre(!digitsOf(before + shape(number.slice(-2)) + after).includes(number));
      const [line = ""] = written((log) => log.error({ err: new Error(before + shape(number) + after) }, "x"));
      const told: unknown = JSON.parse(line).err.message;
      must(!digitsOf(String(told)).includes(number), () => told);
    }),
    runs,
  );
});

test("no token in any shape, in any words, stays in an error, a reason or another text", () => {
  const tail = fc.stringMatching(/^[A-Za-z0-9]{30}$/);
  const shapes: readonly ((tail: string) => string)[] = [
    (secret) => `xoxb-12345-${secret}`,
    (secret) => `xapp-1-A0-${secret}`,
    (secret) => `https://api.telegram.org/bot12345678:${secret}/sendMessage`,
    (secret) => encodeURIComponent(`12345678:${secret}`),
    (secret) => `12345678:${secret}`,
    (secret) => `Authorization: Bearer ${secret}`,
    (secret) => JSON.stringify({ Authorization: `Bearer ${secret}` }),
    (secret) => JSON.stringify({ access_token: secret }),
    (secret) => JSON.stringify(JSON.stringify({ access_token: secret })),
    (secret) => `client_secret=${secret}&grant_type=x`,
    (secret) => `https://sms.example.com/pbx/events/${secret}?x=1`,
    (secret) => encodeURIComponent(`https://sms.example.com/pbx/events/${secret}`),
    (secret) => `redis://user:${secret}@host/0`,
    (secret) => `wss://wss.slack.com/link/?ticket=${secret}&app_id=1`,
    (secret) => `https://hooks.slack.com/actions/T1/1/${secret}`,
    (secret) => `X-Telegram-Bot-Api-Secret-Token: ${secret}`,
    (secret) => `x-slack-signature: v0=${secret}`,
  ];
  fc.assert(
    fc.property(
      texts,
      tail,
      fc.constantFrom(...shapes),
      fc.constantFrom("", " ", ".", ")", '"'),
      (before, secret, shape, after) => {
        const words = `${before} ${shape(secret)}${after}`;
        const [line = ""] = written((log) => log.error({ err: new Error(words), reason: words, url: words }, "x"));
        must(!line.includes(secret), () => line);
      },
    ),
    runs,
  );
});

test("a reason keeps its words and loses its numbers; an id in another field stays", () => {
  const [line = ""] = written((log) =>
    log.warn({ target: "telegram:-1001234567890", reason: "No line lists the number +12015550142." }, "set aside"),
  );
  expect(JSON.parse(line)).toMatchObject({
    target: "telegram:-1001234567890",
    reason: "No line lists the number …42.",
  });
});

function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, "");
}
