/** Floods, guesses and slow senders: refused cheaply, while the PBX is always heard. */
import { once } from "node:events";
import { Agent } from "node:http";
import { connect, type Socket } from "node:net";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ask, events, serve, webhook } from "./served.js";

const strangers = { each: { burst: 3, perSecond: 0.5 }, all: { burst: 5, perSecond: 1 } };
const from = (address: string) => ({ headers: { "x-forwarded-for": address } });
const behindProxy = { strangers, trustProxy: ["127.0.0.1"] };

async function statuses(times: number, work: (n: number) => Promise<{ status: number }>): Promise<number[]> {
  const all: number[] = [];
  for (let n = 0; n < times; n += 1) all.push((await work(n)).status);
  return all;
}

describe("guesses of the secret", () => {
  test("are answered 429 with the time to wait after a few, and counted", async () => {
    const { port, refused, accepted } = await serve({ strangers });
    const guess = (n: number) => ask(port, "POST", `/pbx/events/guess-number-${n}`, "kind=text-in");
    expect(await statuses(5, guess)).toEqual([404, 404, 404, 429, 429]);
    const answer = await guess(6);
    expect(answer.headers).toMatchObject({ "retry-after": "2", connection: "close" });
    expect(JSON.parse(answer.body)).toEqual({ message: "too many requests that were refused" });
    expect(refused).toEqual(["secret", "secret", "secret", "too-many", "too-many", "too-many"]);
    expect(accepted).toEqual([]);
  });

  test("are told what is wrong again once the time to wait is over", async () => {
    let now = 0;
    const { port } = await serve(behindProxy, { now: () => now });
    const guess = () => ask(port, "POST", "/pbx/events/a-wrong-guess", "kind=text-in", from("203.0.113.1"));
    expect(await statuses(4, guess)).toEqual([404, 404, 404, 429]);
    now += 2000;
    expect(await statuses(2, guess)).toEqual([404, 429]);
  });

  test("from many addresses meet a limit for all, and close no door to the PBX", async () => {
    const { port, accepted } = await serve(behindProxy);
    const guess = (n: number) => ask(port, "POST", "/pbx/events/a-wrong-guess", "", from(`203.0.113.${n}`));
    expect(await statuses(7, guess)).toEqual([404, 404, 404, 404, 404, 429, 429]);
    expect((await ask(port, "POST", events, "kind=text-in", from("192.0.2.1"))).status).toBe(200);
    expect(accepted).toHaveLength(1);
  });

  test("from the address of the PBX, as by a proxy that is not in the config, never silence it", async () => {
    const { port, accepted } = await serve({ strangers });
    const right = () => ask(port, "POST", events, "kind=text-in");
    await statuses(20, () => ask(port, "POST", "/pbx/events/a-wrong-guess", ""));
    expect(await statuses(20, right)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(accepted).toHaveLength(20);
  });

  test("from within pbx.events.allowFrom never silence it either", async () => {
    const { port } = await serve({ strangers, allowFrom: ["127.0.0.1"] });
    await statuses(20, () => ask(port, "POST", "/pbx/events/a-wrong-guess", ""));
    expect((await ask(port, "POST", events, "kind=text-in")).status).toBe(200);
  });
});

test("requests from outside pbx.events.allowFrom are limited, and fill no log", async () => {
  const { port, logged, refused } = await serve({ strangers, allowFrom: ["192.0.2.1"] });
  const right = () => ask(port, "POST", events, "kind=text-in");
  expect(await statuses(50, right)).toEqual([403, 403, 403, ...Array.from({ length: 47 }, () => 429)]);
  expect(logged).toHaveLength(3);
  expect(refused.filter((why) => why === "address")).toHaveLength(3);
});

test("the PBX may send thousands of events a second, from one address", async () => {
  const { port, accepted, refused } = await serve({ strangers });
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  onTestFinished(() => agent.destroy());
  const answers = await Promise.all(
    Array.from({ length: 3000 }, () => ask(port, "POST", events, "kind=text-in&text=a", { agent })),
  );
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect([accepted.length, refused.length]).toEqual([3000, 0]);
});

test.each([401, 403])("webhooks with wrong signatures or secrets (%i) meet the same limit", async (status) => {
  const handle = ({ body }: { body: Buffer }) => Promise.resolve({ status: body.length > 0 ? 200 : status });
  const { port, refused } = await serve(behindProxy, { webhooks: [webhook("/slack/events", handle)] });
  const wrong = () => ask(port, "POST", "/slack/events", "", from("203.0.113.1"));
  expect(await statuses(5, wrong)).toEqual([status, status, status, 429, 429]);
  expect(refused).toEqual(["secret", "secret", "secret", "too-many", "too-many"]);
  for (const address of ["192.0.2.1", "203.0.113.1"])
    expect((await ask(port, "POST", "/slack/events", "signed", from(address))).status).toBe(200);
});

test("who is refused is hung up on, so that nobody reads what more they send", async () => {
  const { port } = await serve();
  const socket = await connected(port);
  socket.on("error", () => undefined);
  socket.write(`POST /pbx/events/a-wrong-guess HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n`);
  const pour = setInterval(() => socket.writable && socket.write("x".repeat(65_536)), 5);
  onTestFinished(() => clearInterval(pour));
  await new Promise((resolve) => socket.once("close", resolve));
  expect(socket.bytesWritten).toBeLessThan(100_000_000);
});

/** Sends all of `bodies` but their last byte, each on a connection of its own. Gives what was answered: the status, or 0 for nothing yet. */
async function withheld(port: number, bodies: readonly string[], path: string, headers = ""): Promise<number[]> {
  const sent = bodies.map(async (body) => {
    const socket = await connected(port);
    onTestFinished(() => void socket.destroy());
    let answer = "";
    socket.on("error", () => undefined).on("data", (chunk) => (answer += String(chunk)));
    socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\n${headers}Content-Length: ${body.length}\r\n\r\n`);
    socket.write(body.slice(0, -1));
    return () => Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1] ?? 0);
  });
  const answers = await Promise.all(sent);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return answers.map((answer) => answer());
}

describe("bodies whose last byte does not come", () => {
  const large = Array.from({ length: 100 }, () => "a".repeat(1024 * 1024));
  const heldNow = (): number => process.memoryUsage().arrayBuffers;

  test("are not received for a path or a method that is none", async () => {
    const { port } = await serve();
    const before = heldNow();
    expect(new Set(await withheld(port, large, "/pbx/nothing"))).toEqual(new Set([404]));
    expect(new Set(await withheld(port, large.slice(90), "/metrics"))).toEqual(new Set([404]));
    expect(heldNow() - before).toBeLessThan(30_000_000);
  });

  test("are not received by a webhook whose headers are wrong, and are counted", async () => {
    const hook = { ...webhook("/telegram/webhook", async () => ({ status: 200 })), refuses: () => ({ status: 403 }) };
    const { port, refused } = await serve({ strangers }, { webhooks: [hook] });
    const before = heldNow();
    const answers = await withheld(port, large, "/telegram/webhook");
    expect(answers.toSorted((a, b) => a - b)).toEqual([403, 403, 403, ...Array.from({ length: 97 }, () => 429)]);
    expect(refused.filter((why) => why === "secret")).toHaveLength(3);
    expect(heldNow() - before).toBeLessThan(30_000_000);
  });

  test("fill no more than 64 MiB where the headers may be right, and usual ones are taken all the same", async () => {
    const hook = webhook("/slack/events", async () => ({ status: 200 }));
    const { port } = await serve({}, { webhooks: [hook] });
    const answers = await withheld(port, large, "/slack/events");
    expect(answers.filter((status) => status === 503)).toHaveLength(36);
    expect((await ask(port, "POST", "/slack/events", "a".repeat(65_536))).status).toBe(200);
    const late = await ask(port, "POST", "/slack/events", large[0]);
    expect(late).toMatchObject({ status: 503, headers: { "retry-after": "30", connection: "close" } });
  });

  test("give their room back when their connections end", async () => {
    const hook = webhook("/slack/events", async () => ({ status: 200 }));
    const { port } = await serve({ patience: { requestMs: 500, headersMs: 100 } }, { webhooks: [hook] });
    await withheld(port, large, "/slack/events");
    await vi.waitFor(async () => expect((await ask(port, "POST", "/slack/events", large[0])).status).toBe(200), 5000);
  });
});

describe("connections", () => {
  test("that say nothing, or little and slowly, give their places to newcomers", async () => {
    const { port } = await serve({ mostConnections: 20 });
    const starts = ["", "POST /pbx", `POST ${events} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nkind`];
    const slow: Socket[] = [];
    for (let n = 0; n < 60; n += 1) {
      const socket = await connected(port);
      socket.on("error", () => undefined).resume();
      socket.write(starts[n % starts.length] ?? "");
      slow.push(socket);
    }
    expect((await ask(port, "POST", events, "kind=text-in")).status).toBe(200);
    await vi.waitFor(() => expect(slow.filter(({ closed }) => !closed).length).toBeLessThanOrEqual(20));
  });

  test("that wait for an answer keep their places", async () => {
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    let finish = (): void => undefined;
    const stored = new Promise<void>((resolve) => (finish = resolve));
    const { port, counted } = await serve({ mostConnections: 5 }, { accept: () => stored });
    const waiting = Array.from({ length: 4 }, () => ask(port, "POST", events, "kind=text-in", { agent }));
    await vi.waitFor(() => expect(counted).toHaveLength(4));
    const silent = await Promise.all(Array.from({ length: 10 }, () => connected(port)));
    for (const socket of silent) socket.on("error", () => undefined);
    await vi.waitFor(() => expect(silent.filter(({ closed }) => closed).length).toBeGreaterThanOrEqual(9));
    finish();
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });
});

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}
