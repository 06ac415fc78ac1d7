/** The chat platforms, one entry each. An SDK is loaded only where the config asks for its platform. */
import type { ChatAdapter } from "../src/adapter.js";
import type { Config } from "../src/config.js";
import type { Logger } from "../src/log.js";

export interface AdapterDeps {
  readonly logger: Logger;
  /** Epoch ms. */
  readonly now: () => number;
  /** A small durable store of each platform's own. */
  memory(platform: string): Memory;
}

export interface Memory {
  get(key: string): Promise<string | undefined>;
  /** `ttl`: ms; absent: for ever. */
  set(key: string, value: string, ttl?: number): Promise<void>;
}

export async function createAdapters(config: Config, deps: AdapterDeps): Promise<ChatAdapter[]> {
  const adapters = await Promise.all([slack(config, deps), telegram(config, deps)]);
  return adapters.filter((adapter) => adapter !== undefined);
}

async function slack({ slack: options, inbox }: Config, deps: AdapterDeps): Promise<ChatAdapter | undefined> {
  if (options === undefined) return undefined;
  const { createSlackAdapter } = await import("./slack/index.js");
  return createSlackAdapter({ ...options, notePrefix: inbox.notePrefix }, deps);
}

async function telegram(
  { telegram: options, server, lines }: Config,
  deps: AdapterDeps,
): Promise<ChatAdapter | undefined> {
  if (options === undefined) return undefined;
  const { createTelegramAdapter } = await import("./telegram/index.js");
  const places = lines.flatMap(({ to }) => to.filter((place) => place.platform === "telegram").map(({ chat }) => chat));
  const webhookUrl = server.publicUrl === undefined ? {} : { webhookUrl: `${server.publicUrl}/telegram/webhook` };
  return createTelegramAdapter({ ...options, ...webhookUrl, places }, { ...deps, memory: deps.memory("telegram") });
}
