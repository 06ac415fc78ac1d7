/** A terminal in the config: `console: { prompt: "> " }`, and `- console: terminal` in a line's `to`. */
import * as field from "../../src/config/fields.js";
import type { PlatformConfig } from "../../src/config/platform.js";

export const consoleConfig = {
  name: "console",
  section: field.section({
    /** What stands before each line that is printed. */
    prompt: field.text("Write what stands before each line, such as >").default(""),
  }),
  chat: field.textLike(/^terminal$/, "Write terminal: there is one only"),
  exampleChat: "terminal",
} as const satisfies PlatformConfig;
