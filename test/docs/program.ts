/** The built program as the docs tell to run it, in a folder of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { onTestFinished } from "vitest";
import { pbxCommand } from "../../src/cli/pbx.js";
import { queueCommand } from "../../src/cli/queue.js";
import { top } from "./reading.js";

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs a command line that begins with `node` and names `dist/src/main.js`, beside these files. `until`: a signal is sent once the
 * output holds this.
 */
export async function run(line: string, files: Readonly<Record<string, string>>, until?: string): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), "docs-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const [, ...args] = line.split(" ").map((word) => (word === "dist/src/main.js" ? join(top, word) : word));
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const output = { out: "", err: "" };
  let signalled = false;
  child.stdout.setEncoding("utf8").on("data", (words: string) => {
    output.out += words;
    if (until === undefined || signalled || !output.out.includes(until)) return;
    signalled = child.kill("SIGTERM");
  });
  child.stderr.setEncoding("utf8").on("data", (words: string) => (output.err += words));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...output };
}

/** The commands whose parts can be looked at without running them. */
function commandTree(): Command {
  const unused = (): never => {
    throw new Error("no command is run here");
  };
  const deps = { open: unused, stdout: unused, stderr: unused, ask: unused, exit: unused, now: () => 0 };
  return new Command().addCommand(pbxCommand(deps)).addCommand(queueCommand(deps));
}

/** What in `pbx messages list --since 2h` is not known; undefined: all is. Arguments are not looked at. */
export function unknownIn(words: string): string | undefined {
  let at = commandTree();
  for (const word of words.split(" ")) {
    const inner = at.commands.find((each) => each.name() === word);
    if (inner !== undefined) at = inner;
    else if (word.startsWith("--") && word !== "--help" && !at.options.some(({ long }) => long === word)) return word;
    else if (!word.startsWith("--") && at.commands.length > 0) return word;
  }
  return undefined;
}
