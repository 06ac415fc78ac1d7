/** Writes a log as the program does, and says on stderr that it lives. */
import { createLogger } from "../../src/log.js";

const log = createLogger({ level: "info", pretty: false });
for (let line = 0; line < 20_000; line += 1) log.info({ line }, "x".repeat(200));
setTimeout(() => process.stderr.write("alive"), 100);
