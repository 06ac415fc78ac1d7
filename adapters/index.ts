/** The chat platforms, one entry each. An SDK is loaded only where the config asks for its platform. */
import type { z } from "zod";
import type { ChatAdapter } from "../src/adapter.js";
import type { PlatformConfig } from "../src/config/platform.js";
import type { Logger } from "../src/log.js";
import type { Line } from "../src/message.js";
import { slackConfig } from "./slack/config.js";
import { telegramConfig } from "./telegram/config.js";

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

/** What an adapter may ask of the config beside its own section. */
export interface Surroundings {
  readonly server: { readonly publicUrl?: string };
  readonly inbox: { readonly notePrefix: string };
  readonly lines: readonly Line[];
}

export const platforms = [
  platform(slackConfig, async (options, { inbox }, deps) => {
    const { createSlackAdapter } = await import("./slack/index.js");
    return createSlackAdapter({ ...options, notePrefix: inbox.notePrefix }, deps);
  }),
  platform(telegramConfig, async (options, { server, lines }, deps) => {
    const { createTelegramAdapter } = await import("./telegram/index.js");
    const places = lines.flatMap(({ to }) =>
      to.filter(({ platform: of }) => of === "telegram").map(({ chat }) => chat),
    );
    const webhookUrl = server.publicUrl === undefined ? {} : { webhookUrl: `${server.publicUrl}/telegram/webhook` };
    return createTelegramAdapter({ ...options, ...webhookUrl, places }, { ...deps, memory: deps.memory("telegram") });
  }),
] as const;

/** The sections of the config that belong to platforms. */
export type Sections = {
  readonly [Each in (typeof platforms)[number]["config"] as Each["name"]]?: z.output<Each["section"]>;
};

export async function createAdapters(config: Surroundings & Sections, deps: AdapterDeps): Promise<ChatAdapter[]> {
  const adapters = await Promise.all(platforms.map(({ create }) => create(config, deps)));
  return adapters.filter((adapter) => adapter !== undefined);
}

/** `create` is called where the config has the platform's section. */
function platform<Name extends string, Section extends z.ZodType>(
  config: PlatformConfig<Name, Section>,
  create: (options: z.output<Section>, around: Surroundings, deps: AdapterDeps) => Promise<ChatAdapter>,
) {
  return {
    config,
    async create(all: Surroundings & { readonly [Key in Name]?: z.output<Section> }, deps: AdapterDeps) {
      const options = all[config.name];
      return options === undefined ? undefined : create(options, all, deps);
    },
  };
}
