import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Logger } from "../../src/log.js";
import { startSandbox, type Sandbox } from "../../src/sandbox/index.js";

const quiet = (): void => {};
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** What a browser would know. */
interface Watched {
  readonly sandbox: Sandbox;
  readonly parts: Map<string, unknown>;
  /** Everything that the page was told of a part, as one text. */
  text(part: string): string;
  act(action: object): Promise<number>;
}

async function watch(log: Logger = logger): Promise<Watched> {
  const sandbox = await startSandbox({ port: 0, logger: log });
  const parts = new Map<string, unknown>();
  const stopped = new AbortController();
  onTestFinished(async () => {
    stopped.abort();
    await sandbox.close();
  });
  const response = await fetch(`${sandbox.url}events`, { signal: stopped.signal });
  void read(response, parts).catch(quiet);
  const act = async (action: object): Promise<number> => {
    const headers = { "content-type": "application/json" };
    return (await fetch(`${sandbox.url}actions`, { method: "POST", headers, body: JSON.stringify(action) })).status;
  };
  return { sandbox, parts, act, text: (part) => JSON.stringify(parts.get(part)) ?? "" };
}

async function read(response: Response, parts: Map<string, unknown>): Promise<void> {
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString("utf8");
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const [, part = "", json = ""] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? [];
      if (part !== "") parts.set(part, JSON.parse(json));
    }
  }
}

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 15_000, interval: 20 });

test("the first texts stand in both chats, and the bridge tells that all is connected", async () => {
  const { text } = await watch();
  await until(() => {
    expect(text("slack")).toContain("Is my bike ready?");
    expect(text("telegram")).toContain("Is my bike ready?");
    expect(text("bridge")).toContain(`"part":"telegram","ok":true`);
  });
});

test("a thread is the same one after the bridge was started again", async () => {
  const { text, act } = await watch();
  const maria = "+12015550142";
  await until(() => expect(text("slack")).toContain("Is my bike ready?"));
  expect(await act({ do: "stop" })).toBe(204);
  expect(await act({ do: "start" })).toBe(204);
  await until(() => expect(text("feed")).toContain("The bridge is back after"));
  expect(await act({ do: "text", contact: maria, text: "Still there?" })).toBe(204);
  await until(() => expect(text("slack")).toContain("Still there?"));
  const threads = JSON.parse(text("slack")).threads.filter((one: { contact?: string }) => one.contact === maria);
  expect(threads).toHaveLength(1);
});

test("what is written while the bridge is stopped is handled once it is started, however long that takes", async () => {
  const { text, act } = await watch();
  const maria = "+12015550142";
  await until(() => expect(text("slack")).toContain("Is my bike ready?"));
  expect(await act({ do: "stop" })).toBe(204);
  await until(() => expect(text("bridge")).toContain(`"phase":"stopped"`));
  await until(() => expect(text("feed")).toContain("The bridge is away"));
  const { threads, people } = JSON.parse(text("slack"));
  const { ts } = threads.find((one: { contact?: string }) => one.contact === maria).root;
  expect(await act({ do: "slack-reply", thread: ts, user: people[0].id, text: "Nearly." })).toBe(204);
  expect(await act({ do: "text", contact: maria, text: "Still there?" })).toBe(204);
  expect(await act({ do: "stop" })).toBe(204);
  expect(text("phone")).not.toContain("Nearly.");
  expect(await act({ do: "start" })).toBe(204);
  await until(() => expect(text("feed")).toMatch(/The bridge is back after \d+ s/));
  await until(() => expect(text("phone")).toContain("Nearly."));
  await until(() => expect(text("slack")).toContain("Still there?"));
});

test("a bridge that starts while Slack is down runs all the same, and ends when told", async () => {
  const { text, act, sandbox } = await watch();
  await act({ do: "break", what: "slack-down", on: true });
  expect(await act({ do: "stop" })).toBe(204);
  expect(await act({ do: "start" })).toBe(204);
  await until(() => expect(text("bridge")).toMatch(/"part":"slack","ok":false/));
  await act({ do: "text", contact: "+13125550117", text: "Anybody?" });
  await until(() => expect(text("telegram")).toContain("Anybody?"));
  await sandbox.close();
});

test("while Slack is down nothing is logged that only the page should tell, and no words of a library stand alone", async () => {
  const lines: string[] = [];
  const log = (level: string) => (_: object, words: string) => void lines.push(`${level} ${words}`);
  const { text, act } = await watch({ debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") });
  await act({ do: "break", what: "slack-down", on: true });
  await until(() => expect(text("bridge")).toMatch(/"part":"slack","ok":false/));
  await until(() => expect(lines).toContain("warn Slack is not connected; trying again"));
  expect(lines).toContain("debug Slack's SDK met with trouble");
  expect(lines.filter((line) => line.startsWith("error"))).toEqual([]);
  expect(lines.filter((line) => /websocket|wss/i.test(line))).toEqual([]);
});

test("the bot has the name that the app's manifest gives it", async () => {
  const manifest = readFileSync(new URL("../../adapters/slack/manifest.socket.yaml", import.meta.url), "utf8");
  const [, name] = /display_name: (\S+)/.exec(manifest) ?? [];
  const { text, act } = await watch();
  await until(() => expect(text("slack")).toContain("Is my bike ready?"));
  const { threads, people } = JSON.parse(text("slack"));
  await act({ do: "slack-reply", thread: threads[0].root.ts, user: people[0].id, text: "/refund" });
  await until(() => expect(text("slack")).toContain("looks like a command"));
  const replies = JSON.parse(text("slack")).threads.flatMap((one: { replies: object[] }) => one.replies);
  const asked = replies.find((one: { text: string }) => one.text.includes("looks like a command"));
  expect(asked.author).toMatchObject({ name, kind: "bot" });
});

test("a limit tells when it ends, and can be lifted before", async () => {
  const { parts, text, act } = await watch();
  await act({ do: "break", what: "telegram-limit", on: true });
  await until(() => expect(parts.get("broken")).toEqual({ "telegram-limit": { until: expect.any(Number) } }));
  await act({ do: "text", contact: "+16175550133", text: "Hello from Priya" });
  await until(() => expect(text("slack")).toContain("Hello from Priya"));
  await act({ do: "break", what: "telegram-limit", on: false });
  await until(() => expect(parts.get("broken")).toEqual({}));
  await until(() => expect(text("feed")).toContain("Telegram answers 429 for 10 s"));
  expect(text("feed")).toContain("Telegram takes posts again");
});

test("an edit and a deletion of what is gone are refused", async () => {
  const { act } = await watch();
  expect(await act({ do: "slack-edit", ts: "1.000001", text: "new" })).toBe(409);
  expect(await act({ do: "slack-delete", ts: "1.000001" })).toBe(409);
  expect(await act({ do: "telegram-edit", message: 4711, text: "new" })).toBe(409);
  expect(await act({ do: "telegram-press", message: 4711, data: "retry:x", user: 1 })).toBe(409);
});

test("nothing is left when it ends, nor when its port was taken", async () => {
  const own = mkdtempSync(join(tmpdir(), "sandbox-test-"));
  vi.stubEnv("TMPDIR", own);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(own, { recursive: true });
  });
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void taken.close());
  await expect(startSandbox({ port: (taken.address() as AddressInfo).port, logger })).rejects.toThrow("EADDRINUSE");
  expect(readdirSync(own)).toEqual([]);
  const sandbox = await startSandbox({ port: 0, logger });
  expect(readdirSync(own)).toHaveLength(1);
  await sandbox.close();
  expect(readdirSync(own)).toEqual([]);
  await expect(fetch(sandbox.url)).rejects.toThrow();
});
