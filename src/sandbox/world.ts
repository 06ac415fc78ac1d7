/**
 * A whole outside world on loopback: a PBX, a Slack workspace and a Telegram group, as real HTTP servers. The `sandbox` command
 * runs the bridge against it; so do the tests.
 */
import { loadConfig, type Config } from "../config.js";
import { createPbxSimulator } from "./pbx/simulator.js";
import type { PbxSimulator, PbxSimulatorOptions } from "./pbx/types.js";
import { createSlackEmulator, type SlackEmulator, type SlackEmulatorOptions } from "./slack/index.js";
import { createTelegramEmulator, type TelegramEmulator, type TelegramEmulatorOptions } from "./telegram/index.js";

export interface WorldOptions {
  readonly pbx?: PbxSimulatorOptions;
  readonly slack?: SlackEmulatorOptions;
  readonly telegram?: TelegramEmulatorOptions;
}

export interface World {
  readonly pbx: PbxSimulator;
  readonly slack: SlackEmulator;
  readonly telegram: TelegramEmulator;
  /** Our number, E.164. */
  readonly did: string;
  readonly extension: number;
  /** The channel and the forum group where its texts go. */
  readonly channel: string;
  readonly group: number;
  /** A colleague on each platform. */
  readonly anna: string;
  readonly boris: number;
  /** The config of a bridge in this world, as YAML. */
  configText(options: BridgeInWorld): string;
  config(options: BridgeInWorld): Config;
  close(): Promise<void>;
}

export interface BridgeInWorld {
  /** Where the bridge listens. */
  readonly port: number;
  /** Path of the SQLite file. */
  readonly storage: string;
  /** Slack by HTTP instead of Socket Mode; Telegram by webhook instead of polling. */
  readonly slackHttp?: boolean;
  readonly telegramWebhook?: boolean;
  /** Places of the line; both unless told. */
  readonly to?: readonly ("slack" | "telegram")[];
  /** How long the simulated PBX may take to list what it took; 3 s unless told. */
  readonly listsWithinSeconds?: number;
  /** More lines of YAML, at the top level. */
  readonly more?: string;
}

export const EVENTS_SECRET = "sandbox-events-secret";
export const SIGNING_SECRET = "0123456789abcdef0123456789abcdef";
export const WEBHOOK_SECRET = "sandbox-webhook-secret";

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const pbx = await createPbxSimulator(options.pbx ?? {});
  const slack = await createSlackEmulator({ signingSecret: SIGNING_SECRET, ...options.slack });
  const telegram = await createTelegramEmulator(options.telegram ?? {});
  const did = "+12015550100";
  const extension = 1234;
  pbx.addExtension({ id: extension, name: "100*101", dids: [did] });
  const channel = slack.addChannel({ name: "sales-texts" }).id;
  const anna = slack.addUser({ name: "anna", displayName: "Anna" }).id;
  const group = telegram.addGroup({ title: "Sales texts", forum: true, botIsAdmin: true });
  const boris = telegram.addUser({ firstName: "Boris" });
  telegram.joins(group, boris);

  const configText = (bridge: BridgeInWorld): string => {
    const { port, storage, to = ["slack", "telegram"] } = bridge;
    return `
server: { host: 127.0.0.1, port: ${port}, publicUrl: "http://127.0.0.1:${port}" }
storage: "sqlite:${storage}"
pbx:
  url: ${pbx.url}
  clientId: "${pbx.credentials.clientId}"
  clientSecret: "${pbx.credentials.clientSecret}"
  events: { secret: ${EVENTS_SECRET} }
  limits: { perSecond: 20, concurrent: 4 }
  catchUp: { everySeconds: 5, listsWithinSeconds: ${bridge.listsWithinSeconds ?? 3} }
slack:
  botToken: ${slack.botToken}
  ${bridge.slackHttp === true ? `signingSecret: "${SIGNING_SECRET}"` : `appToken: ${slack.appToken}`}
  apiUrl: ${slack.apiUrl}
telegram:
  botToken: "${telegram.botToken}"
  ${bridge.telegramWebhook === true ? `webhookSecret: ${WEBHOOK_SECRET}` : ""}
  apiUrl: ${telegram.apiUrl}
  allowedUsers: [${boris}]
lines:
  - name: Sales
    extension: ${extension}
    did: "${did}"
    to:
${to.map((platform) => `      - ${platform}: ${platform === "slack" ? channel : group}`).join("\n")}
${bridge.more ?? ""}
`;
  };

  return {
    ...{ pbx, slack, telegram, did, extension, channel, group, anna, boris, configText },
    config: (bridge) => loadConfig(configText(bridge), {}),
    close: async () => void (await Promise.all([pbx.close(), slack.close(), telegram.close()])),
  };
}
