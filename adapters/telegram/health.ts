/** Why the platform is not well, part by part; told in the log when it changes. */
import type { Logger } from "../../src/log.js";

export interface Health {
  /** `part`: what is troubled, such as `connection`. `reason`: what is wrong and how to mend it. */
  trouble(part: string, reason: string): void;
  fine(part: string): void;
  unwell(): string | undefined;
}

/** `initial`: what is not well from the start. */
export function createHealth(logger: Logger, initial: readonly (readonly [string, string])[] = []): Health {
  const troubles = new Map<string, string>(initial);
  return {
    trouble(part, reason) {
      if (troubles.get(part) === reason) return;
      troubles.set(part, reason);
      logger.warn({ part }, reason);
    },
    fine(part) {
      if (troubles.delete(part)) logger.info({ part }, `telegram: ${part} is well`);
    },
    unwell: () => (troubles.size === 0 ? undefined : [...troubles.values()].join(" ")),
  };
}
