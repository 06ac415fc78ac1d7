/** A terminal's Ctrl+C reaches the process itself and npm, which passes it on: within this time two are one. */
const ONE_PRESS_MS = 1000;

/** Resolves with the first SIGTERM or SIGINT. A later one ends the process at once. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let askedAt: number | undefined;
    const take = (signal: NodeJS.Signals): void => {
      const now = performance.now();
      if (askedAt !== undefined && now - askedAt > ONE_PRESS_MS) process.exit(130);
      askedAt ??= now;
      resolve(signal);
    };
    process.on("SIGTERM", take);
    process.on("SIGINT", take);
  });
}
