import { PassThrough } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import type { ChatEvent } from "../../src/adapter.js";
import { RetryLater } from "../../src/errors.js";
import type { ThreadId } from "../../src/message.js";
import { describeChatAdapter } from "./first-promises.js";
import { createConsoleAdapter } from "./console-adapter.js";

const place = { platform: "console", chat: "terminal" };

describeChatAdapter("The example's console", async () => {
  const input = new PassThrough();
  const output = new PassThrough();
  let printed = "";
  output.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  const events: ChatEvent[] = [];
  const another = () => createConsoleAdapter({ input, output, now: Date.now });
  const adapter = another();
  await adapter.start({ accept: async (event) => void events.push(event) });
  onTestFinished(() => adapter.stop());
  const shown = (thread: ThreadId): string =>
    printed
      .split("\n")
      .filter((line) => line.startsWith(thread))
      .join("\n");
  const write = (thread: ThreadId, text: string): void => void input.write(`${thread} ${text}\n`);
  return { adapter, place, events, shown, write, another };
});

test("the example's console asks for words again that could not be stored", async () => {
  const input = new PassThrough();
  const output = new PassThrough();
  const adapter = createConsoleAdapter({ input, output, now: Date.now });
  onTestFinished(() => adapter.stop());
  await adapter.start({ accept: () => Promise.reject(new Error("disk full")) });
  const answer = new Promise((resolve) => output.once("data", (chunk: Buffer) => resolve(chunk.toString())));
  input.write("t0123456789ab hello\n");
  expect(await answer).toMatch(/Type it again/);
});

test("the example's console lets a post wait when the terminal takes none", async () => {
  const output = new PassThrough();
  output.destroy();
  output.on("error", () => {});
  const adapter = createConsoleAdapter({ input: new PassThrough(), output, now: Date.now });
  const post = { speaker: { kind: "bridge", name: "SMS" }, texts: [{ text: "a", at: 0 }] } as const;
  await expect(adapter.send("t0123456789ab" as ThreadId, post, "k")).rejects.toBeInstanceOf(RetryLater);
});
