/** A conversation that is open in both places. */
import { startBridge, type BridgeOptions } from "../fixtures/bridge.js";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export async function opened(options: BridgeOptions = {}) {
  const bridge = await startBridge(options);
  await bridge.receive("Hello");
  await bridge.run();
  return bridge;
}
