/** Commands that work on the storage of a config, beside a bridge that runs or without one. */
import { randomBytes } from "node:crypto";
import { createAdapters } from "../../adapters/index.js";
import type { ChatAdapter } from "../adapter.js";
import type { Config } from "../config.js";
import { ConfigError, StoreUnavailable } from "../errors.js";
import { createLogger, type Logger } from "../log.js";
import { missingStorage, openStorage, type Storage } from "../storage.js";
import { configOrExit } from "./start.js";

/** Makes no storage where there is none. The process ends with 2 when the config is wrong, with 1 when there is no storage or it cannot be used. `logger`: for what goes wrong, on stderr. */
export async function inStorage(
  file: string,
  work: (storage: Storage, config: Config, logger: Logger) => Promise<void>,
): Promise<void> {
  const config = await configOrExit(file);
  if (config === undefined) return;
  const logger = createLogger({ level: "error", pretty: false }, standardError);
  const secret = (): string => randomBytes(24).toString("base64url");
  try {
    const missing = missingStorage(config.storage);
    if (missing !== undefined) throw new StoreUnavailable(missing);
    const storage = await openStorage(config, { logger, now: () => Date.now(), secret });
    try {
      await work(storage, config, logger);
    } finally {
      await storage.close();
    }
  } catch (error) {
    if (!(error instanceof StoreUnavailable) && !(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error instanceof ConfigError ? 2 : 1;
  }
}

/** The platforms of the config, connected to nothing; they end with the work. */
export async function withAdapters(
  { memory }: Pick<Storage, "memory">,
  config: Config,
  logger: Logger,
  work: (adapters: ReadonlyMap<string, ChatAdapter>) => Promise<void>,
): Promise<void> {
  const adapters = await createAdapters(config, { logger, now: () => Date.now(), memory });
  try {
    await work(new Map(adapters.map((one) => [one.platform, one])));
  } finally {
    for (const adapter of adapters) await adapter.stop();
  }
}

/** What is printed on stdout is for people or machines; logs would mix with it. */
export const standardError = { write: (line: string): void => void process.stderr.write(line) };
