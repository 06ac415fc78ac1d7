/** A world for the crash tests: the simulators, a gate before each of them and before the bridge, and people who write. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWorld, type World } from "../../src/sandbox/world.js";
import { freePort } from "../fixtures/port.js";
import { createGate, type Gate } from "./gate.js";

export const GATES = ["pbx", "slack", "telegram", "bridge"] as const;
export type GateName = (typeof GATES)[number];

export interface Ways {
  readonly slackHttp: boolean;
  readonly telegramWebhook: boolean;
  /** Whether the PBX tells an event again that was not answered with 200. */
  readonly pbxRetries: boolean;
}

export interface Office extends World {
  readonly ways: Ways;
  /** Path of the config. */
  readonly configFile: string;
  readonly gates: Readonly<Record<GateName, Gate>>;
  /** The bridge's own address, past its gate. */
  readonly bridge: string;
  close(): Promise<void>;
}

/** Until it is back, however long a busy machine takes for that: it would be the simulators who lose a text otherwise. */
const RETRY_MS = 150;
const RETRIES = 2000;

export async function openOffice(ways: Ways): Promise<Office> {
  const world = await createWorld({
    pbx: ways.pbxRetries ? { eventRetries: { times: RETRIES, waitMs: RETRY_MS, inTurn: true } } : {},
    slack: { retryDelaysMs: Array.from({ length: RETRIES }, () => RETRY_MS) },
    telegram: { paceLimits: false, webhookRetryMs: 50, webhookLongestRetryMs: RETRY_MS },
  });
  const port = await freePort();
  const bridge = `http://127.0.0.1:${port}`;
  const gates = {
    pbx: await createGate(world.pbx.url),
    slack: await createGate(new URL(world.slack.apiUrl).origin),
    telegram: await createGate(world.telegram.apiUrl),
    bridge: await createGate(bridge),
  };
  if (ways.slackHttp) world.slack.sendEventsTo(`${gates.bridge.url}/slack/events`);
  const folder = await mkdtemp(join(tmpdir(), "bridge-crash-"));
  const configFile = join(folder, "config.yaml");
  const text = world
    .configText({ port, storage: join(folder, "bridge.db"), listsWithinSeconds: 0.5, ...ways })
    .replace(`publicUrl: "${bridge}"`, `publicUrl: "${gates.bridge.url}"`)
    .replace(world.pbx.url, gates.pbx.url)
    .replace(world.slack.apiUrl, `${gates.slack.url}/api/`)
    .replace(world.telegram.apiUrl, gates.telegram.url)
    .replace("everySeconds: 5", "everySeconds: 1")
    .replace("limits: { perSecond: 20,", "limits: { perSecond: 1000,");
  await writeFile(configFile, text);
  return {
    ...world,
    ...{ ways, configFile, gates, bridge },
    close: async () => {
      await Promise.all(GATES.map((name) => gates[name].close()));
      await world.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
