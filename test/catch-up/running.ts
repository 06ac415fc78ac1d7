/** Bridges that read the PBX's list every minute. */
import { openSqliteFile } from "../../src/store/sqlite.js";
import { createWorld, startBridge, type BridgeOptions, type RunningBridge } from "../fixtures/bridge.js";
import { ANNA } from "../fixtures/conversations.js";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A bridge that has caught up once. */
export async function running(options: BridgeOptions = {}): Promise<RunningBridge> {
  const bridge = await startBridge({ ...options, catchesUp: true });
  await bridge.run(1000);
  return bridge;
}

/** A bridge that was there, stopped, and comes again after `meanwhile`. */
export async function away(meanwhile: (bridge: RunningBridge) => Promise<void> | void): Promise<RunningBridge> {
  const world = createWorld();
  const file = openSqliteFile(":memory:");
  const before = await running({ world, file });
  await before.receive("Hello");
  await before.run(2 * MINUTE);
  await before.stop();
  await meanwhile(before);
  return running({ world, file, owner: "two" });
}

export const ofAnna = (texts: readonly string[]): string[] => texts.map((text) => `${ANNA.number}: ${text}`);
