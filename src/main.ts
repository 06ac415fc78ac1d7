#!/usr/bin/env node
/** The program. Each command loads what it needs when it runs, so that `start` starts quickly. */
import { existsSync } from "node:fs";
import { pbxCommandOfConfig } from "./cli/pbx-setup.js";
import { createProgram, runProgram } from "./cli/program.js";
import { queueCommand } from "./cli/queue.js";

// What Node will one day take away from the libraries in the bundle concerns whoever builds it, not whoever runs it.
process.noDeprecation = true;

const output = {
  stdout: (text: string): void => void process.stdout.write(text),
  stderr: (text: string): void => void process.stderr.write(text),
};
// Whoever reads may have seen enough, as `| head` has: a command goes on to its end all the same.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
const exit = (code: number): void => {
  process.exitCode = code;
};

const program = createProgram({
  commands: {
    start: async (config) => (await import("./cli/start.js")).start(config),
    sandbox: async (port) => (await import("./cli/sandbox.js")).sandbox(port),
    doctor: async (config) => (await import("./cli/doctor.js")).doctor(config),
    erase: async (number, options) => (await import("./cli/erase.js")).erase(number, options),
  },
  more: [pbxCommandOfConfig({ ...output, exit }), queueCommand({ ...output, exit })],
  exists: existsSync,
  ...output,
});

const code = await runProgram(program, process.argv.slice(2));
if (code !== 0) exit(code);
