/** Gives the `pbx` commands the client that the config describes. */
import type { Command } from "commander";
import { readConfig } from "../config.js";
import { createLogger } from "../log.js";
import { pbxCommand, type PbxCommandDeps } from "./pbx.js";

export function pbxCommandOfConfig(output: Pick<PbxCommandDeps, "stdout" | "stderr" | "exit">): Command {
  return pbxCommand({
    async open(file) {
      const config = await readConfig(file, process.env);
      // Logs would mix with what is printed for machines; failures are told in words.
      const logger = createLogger({ level: "error", pretty: false }, { write: output.stderr });
      const { createPbx } = await import("../compose.js");
      const extensions = config.lines.map(({ extension }) => extension);
      return { client: createPbx(config, logger), extensions, country: config.inbox.country };
    },
    ask: async (question) => (await import("./says-yes.js")).decided(question, process),
    ...output,
    now: () => Date.now(),
  });
}
