/** Gives the `pbx` commands the client that the config describes. */
import type { Command } from "commander";
import { createPbx } from "../compose.js";
import { readConfig } from "../config.js";
import { createLogger } from "../log.js";
import { pbxCommand } from "./pbx.js";

export function addPbxCommand(program: Command): void {
  program.addCommand(
    pbxCommand({
      async open(file) {
        const config = await readConfig(file, process.env);
        // Logs would mix with what is printed for machines; failures are told in words.
        const logger = createLogger(
          { level: "error", pretty: false },
          { write: (line) => void process.stderr.write(line) },
        );
        return { client: createPbx(config, logger), extensions: config.lines.map(({ extension }) => extension) };
      },
      stdout: (text) => void process.stdout.write(text),
      stderr: (text) => void process.stderr.write(text),
      exit: (code) => {
        process.exitCode = code;
      },
      now: () => Date.now(),
    }),
  );
}
