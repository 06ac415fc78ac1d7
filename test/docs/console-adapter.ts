/** A terminal as a chat platform: posts are printed; a line such as `t3f2a9c Hello` answers in that thread. */
import { createHash } from "node:crypto";
import { createInterface, type Interface } from "node:readline";
import type { ChatAdapter, Inbox } from "../../src/adapter.js";
import { RetryLater } from "../../src/errors.js";
import type { PostId, ThreadId } from "../../src/message.js";

export interface ConsoleDeps {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** Epoch ms. */
  readonly now: () => number;
  /** What stands before each line that is printed. */
  readonly prompt?: string;
}

export function createConsoleAdapter({ input, output, now, prompt = "" }: ConsoleDeps): ChatAdapter {
  const since = now();
  let typed = 0;
  let lines: Interface | undefined;

  const print = (line: string): Promise<void> =>
    new Promise((resolve, reject) => {
      output.write(`${prompt}${line}\n`, (error) => {
        if (error) reject(new RetryLater("The terminal does not take a line; it is tried again.", { cause: error }));
        else resolve();
      });
    });

  const hear = async (line: string, { accept }: Inbox): Promise<void> => {
    const [, thread, text] = /^(t[0-9a-f]{12}) (.*)$/.exec(line) ?? [];
    if (thread === undefined || text === undefined) return;
    const key = `${since}.${++typed}`;
    const event = { kind: "written", key, at: now(), place: { platform: "console", chat: "terminal" } } as const;
    const author = { id: "operator", name: "Operator" };
    const what = { post: `typed.${key}` as PostId, thread: thread as ThreadId, author, text, files: [] };
    // A terminal cannot be asked to say it again, so whoever typed it is.
    await accept({ ...event, ...what }).catch(() => output.write("This could not be stored. Type it again.\n"));
  };

  return {
    platform: "console",
    textLimit: 2000,
    pace: ({ chat }) => ({ target: `console:${chat}`, concurrency: 1, rates: [] }),
    async start(inbox) {
      let turn = Promise.resolve();
      lines = createInterface({ input });
      lines.on("line", (line) => {
        turn = turn.then(() => hear(line, inbox));
      });
    },
    async open(conversation, _place, card) {
      // Made from the conversation's id: an attempt that is repeated opens the same thread.
      const thread = `t${createHash("sha256").update(conversation.id).digest("hex").slice(0, 12)}` as ThreadId;
      await print(`${thread} | ${card.contact} (${card.line})`);
      return { thread };
    },
    async send(thread, { speaker, texts, note, repeat }, key) {
      const signs = `${note === true ? " (note)" : ""}${repeat === true ? " (maybe a repeat)" : ""}`;
      const who = `${thread} ${speaker.name}${signs}`;
      await print(texts.map(({ text }) => `${who}: ${text}`).join("\n"));
      return `printed.${thread}.${key}` as PostId;
    },
    async stop() {
      lines?.close();
    },
  };
}
