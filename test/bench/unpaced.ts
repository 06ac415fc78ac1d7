/**
 * The whole bridge but for the platforms' pace: with one post a second nothing could be measured but the wait. `alone`: texts that
 * wait together are not joined into one post either.
 */
import { createAdapters } from "../../adapters/index.js";
import { createBridge } from "../../src/compose.js";
import { readConfig } from "../../src/config.js";
import { createLogger } from "../../src/log.js";
import { givenOptions } from "./child.js";

const { config: file, alone } = givenOptions() as { config: string; alone: boolean };
const config = await readConfig(file, {});
/** Room for any text of the bench, and not for two. */
const roomForOne = { textLimit: 100 };

const bridge = await createBridge(config, createLogger({ level: "info", pretty: false }), async (...args) =>
  (await createAdapters(...args)).map((adapter) => ({
    ...adapter,
    ...(alone ? roomForOne : {}),
    pace: (place, work) => ({ ...adapter.pace(place, work), rates: [] }),
  })),
);
process.once("SIGTERM", () => void bridge.stop().then(() => process.exit(0)));
await bridge.start();
