/** `start`: runs the bridge until a signal. */
import { resolve } from "node:path";
import { readConfig, type Config } from "../config.js";
import { createBridge } from "../compose.js";
import { ConfigError, StoreUnavailable } from "../errors.js";
import { createLogger } from "../log.js";
import { fileOf, missingStorage } from "../storage.js";
import { untilSignal } from "./signal.js";

/** In the wrong folder, all that is kept elsewhere would seem to be gone. */
const MADE_ANEW =
  "there was no database here yet, so an empty one was made; if the bridge has run before, look at storage and at the folder it starts in";

/** Exit codes: 0 after a signal, 1 when the storage or the port cannot be used, 2 when the config is wrong. */
export async function start(file: string): Promise<void> {
  const config = await configOrExit(file);
  if (config === undefined) return;
  const logger = createLogger({ level: config.log.level, pretty: process.stdout.isTTY });
  try {
    const isNew = missingStorage(config.storage) !== undefined;
    const bridge = await createBridge(config, logger);
    if (isNew) logger.info({ file: resolve(fileOf(config.storage)) }, MADE_ANEW);
    const signal = untilSignal();
    await bridge.start();
    const name = await signal;
    logger.info({ signal: name }, "stopping: nothing new is taken, what is under way is finished");
    await bridge.stop();
    logger.info({}, "stopped");
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exit(error instanceof ConfigError ? 2 : 1);
  }
}

/** The config; or, with every problem on stderr, undefined, and the process will end with 2. */
export async function configOrExit(file: string): Promise<Config | undefined> {
  try {
    return await readConfig(file, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
    return undefined;
  }
}

function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof StoreUnavailable) return error.message;
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "EADDRINUSE")
    return `${error.message}. Another program, perhaps this one, listens there: stop it, or choose another server.port.`;
  if ("code" in error && error.code === "EACCES")
    return `${error.message}. This user may not listen there: choose a server.port above 1023.`;
  return error.stack ?? error.message;
}
