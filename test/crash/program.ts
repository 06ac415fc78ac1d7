/** The built program, fault points and all, as a process that can be killed. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const mainFile = fileURLToPath(new URL("../../dist-crash/src/main.js", import.meta.url));

export interface Program {
  /** Resolves to true once it is ready, to false if it ends before. */
  readonly ready: Promise<boolean>;
  /** Resolves when it has ended. `code`: undefined if by a signal. */
  readonly ended: Promise<{ readonly code: number | undefined; readonly signal: NodeJS.Signals | undefined }>;
  isAlive(): boolean;
  kill(signal?: NodeJS.Signals): void;
  /** The last lines of its log. */
  log(): readonly string[];
}

const LINES_KEPT = 400;

/** `faultPoint`: `name:n`, where it shall kill itself. */
export function startProgram(config: string, faultPoint?: string): Program {
  const { FAULT_POINT: _other, ...env } = process.env;
  const child = spawn(process.execPath, [mainFile, "start", "--config", config], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...env, ...(faultPoint === undefined ? {} : { FAULT_POINT: faultPoint }) },
  });
  const lines: string[] = [];
  let alive = true;
  const ended = new Promise<{ code: number | undefined; signal: NodeJS.Signals | undefined }>((resolve) => {
    child.once("exit", (code, signal) => {
      alive = false;
      resolve({ code: code ?? undefined, signal: signal ?? undefined });
    });
  });
  const ready = new Promise<boolean>((resolve) => {
    const read = (line: string): void => {
      lines.push(line);
      if (lines.length > LINES_KEPT) lines.shift();
      if (line.includes('"msg":"ready"')) resolve(true);
    };
    createInterface({ input: child.stdout }).on("line", read);
    createInterface({ input: child.stderr }).on("line", read);
    void ended.then(() => resolve(false));
  });
  return {
    ready,
    ended,
    isAlive: () => alive,
    kill: (signal = "SIGKILL") => void child.kill(signal),
    log: () => lines,
  };
}
