/** The program as built and as an admin runs it: a process of its own, with its config file, its output and its exit code. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Office } from "./harness.js";

/** `npm run build` makes it. */
const main = fileURLToPath(new URL("../../dist/src/main.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Program {
  readonly pid: number;
  /** Its output so far. */
  out(): string;
  /** Nobody reads its output any more, as behind `| head`. */
  hangUp(): void;
  /** Resolves when it has ended by itself or by a signal. */
  readonly ended: Promise<Ended>;
  /** Resolves when it says that it is ready. */
  ready(): Promise<void>;
  /** Signals it, and gives how it ended and how many ms that took. */
  end(signal?: NodeJS.Signals): Promise<Ended & { readonly ms: number }>;
}

/** Runs in the office's folder, with the office's config unless another is given. Ends with the office. */
export function run(office: Office, args: readonly string[], config = office.yaml): Program {
  writeFileSync(join(office.folder, "config.yaml"), config);
  return runBare(office, args);
}

/** The same without writing a config. */
export function runBare(office: Office, args: readonly string[]): Program {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: office.folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  office.onFinish(() => stop(child));
  const output = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (words: string) => {
    output.out += words;
    office.logs.push(...words.split("\n").filter((line) => line.startsWith("{")));
  });
  child.stderr.setEncoding("utf8").on("data", (words: string) => (output.err += words));
  const ended = once(child, "close").then(([code]): Ended => ({ code: code as number | null, ...output }));
  return {
    pid: child.pid ?? 0,
    out: () => output.out,
    hangUp: () => void child.stdout.destroy(),
    ended,
    ready: () =>
      office.eventually(() => {
        if (!output.out.includes('"msg":"ready"')) throw new Error(`not ready: ${output.out}${output.err}`);
      }, 30_000),
    async end(signal = "SIGTERM") {
      const since = performance.now();
      child.kill(signal);
      return { ...(await ended), ms: performance.now() - since };
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
}
