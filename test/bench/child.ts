/** A server of the bench: a process of its own on loopback that says `"msg":"ready"` with its port, as the bridge itself does. */
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Child {
  readonly port: number;
  /** From the start of the process until it was ready. */
  readonly startMs: number;
  /** User and system time of the process so far; NaN where the system has no /proc. */
  cpuMs(): number;
  residentMB(): number;
  /** SIGTERM; resolves once the process has ended. */
  stop(): Promise<void>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The built program, as users run it. `flags` are for node. */
export const startBuilt = (configFile: string, flags: readonly string[] = []): Promise<Child> =>
  startChild([...flags, "dist/src/main.js", "start", "--config", configFile]);

/** A file of this folder. It gets `options` as JSON. */
export const startHelper = (file: string, options: object = {}): Promise<Child> =>
  startChild(["--import", "tsx", `test/bench/${file}`, JSON.stringify(options)]);

async function startChild(args: readonly string[]): Promise<Child> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  const port = await ready(child, args.join(" "));
  return {
    port,
    startMs: performance.now() - startedAt,
    cpuMs: () => cpuMs(child.pid ?? 0),
    residentMB: () => residentMB(child.pid ?? 0),
    stop: async () => {
      if (child.exitCode !== null) return;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
    },
  };
}

/** What is printed besides is read and dropped, so that the process never waits for us. */
function ready(child: ChildProcess, what: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`ended with ${code} before it was ready: ${what}`)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (!line.includes('"msg":"ready"')) return;
      const { port } = JSON.parse(line) as { port: number };
      resolve(port);
    });
  });
}

/** Clock ticks are 10 ms on every Linux that Node runs on. */
const TICK_MS = 10;

/** Fields 14 and 15 of proc_pid_stat(5), counted from behind the name, which may hold spaces. */
function cpuMs(pid: number): number {
  const fields = readProc(pid, "stat")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

function residentMB(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readProc(pid, "status"))?.[1]) / 1024;
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}

/** For helpers: what they were started with. */
export function givenOptions(): unknown {
  return JSON.parse(process.argv[2] ?? "{}");
}

/** For helpers. */
export function sayReady(port: number): void {
  process.stdout.write(`${JSON.stringify({ msg: "ready", port })}\n`);
}
