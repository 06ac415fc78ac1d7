import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";

const main = new URL("../../dist/src/main.js", import.meta.url).pathname;

interface Run {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  /** Resolves once stdout holds it. Rejects with what stderr holds where the program ends before. */
  said(words: RegExp): Promise<string>;
  readonly stderr: () => string;
}

function run(...args: readonly string[]): Run {
  const child = spawn(process.execPath, [main, "sandbox", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  const exit = once(child, "exit").then(([code]) => (typeof code === "number" ? code : null));
  return {
    ...{ child, exit, stderr: () => stderr },
    said: (words) =>
      new Promise((resolve, reject) => {
        const look = (): void => void (words.test(stdout) && resolve(stdout));
        child.stdout?.on("data", look);
        void exit.then((code) => reject(new Error(`ended with ${code} before it said so: ${stderr}`)));
        look();
      }),
  };
}

test("says where the page is, serves it, and ends well when told to", async () => {
  const { child, exit, said, stderr } = run("--port", "0");
  const words = await said(/Ctrl\+C/);
  const [url = ""] = /http:\/\/localhost:\d+\//.exec(words) ?? [];
  expect(words.trim().split("\n")).toHaveLength(4);
  expect(await (await fetch(url)).text()).toContain("<title>pbx-chat-bridge sandbox</title>");
  const port = new URL(url).port;
  const second = run("--port", port);
  expect(await second.exit).toBe(1);
  expect(second.stderr()).toMatch(
    new RegExp(`^Port ${port} is taken.*: node dist/src/main\\.js sandbox --port ${Number(port) + 1}\n`),
  );
  child.kill("SIGTERM");
  expect(await exit).toBe(0);
  expect(stderr()).toBe("");
});
