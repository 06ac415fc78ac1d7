/** Anna has written "Hello", and her threads are open, in both places. */
import { startBridge, type BridgeOptions } from "../fixtures/bridge.js";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export async function opened(options: BridgeOptions = {}) {
  const bridge = await startBridge(options);
  await bridge.receive("Hello");
  await bridge.run();
  /** When something was written, that long ago. */
  const ago = (ms: number): { at: number } => ({ at: bridge.clock.now() - ms });
  return { ...bridge, ago };
}
