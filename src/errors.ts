/**
 * Failures, grouped by what the bridge does next. Anything that is none of these is a bug: it is logged with its stack
 * and its delivery is set aside, and the service lives on.
 */

/**
 * The same attempt may succeed later.
 *
 * `afterMs`: how long to wait; absent: the retry policy decides.
 * `patient`: the other side asked for that wait, so it is kept however old the work gets. A wait of our own counts towards giving up.
 * `scope`: `target` when everything for that target must wait (a rate limit, a revoked token), else `delivery`.
 * `mend`: somebody has to mend something first; the message says what, in words for people, and the conversation's other threads tell it.
 * `uncertain`: the request may have taken effect, so an attempt must be looked up before it is repeated.
 * `failedForMs`: how long what was asked has been failing for everybody, where that is known: work does not give up for a shorter time.
 */
export class RetryLater extends Error {
  override readonly name = "RetryLater";
  readonly afterMs: number | undefined;
  readonly patient: boolean;
  readonly scope: "target" | "delivery";
  readonly mend: boolean;
  readonly uncertain: boolean;
  readonly failedForMs: number | undefined;

  constructor(
    message: string,
    options: {
      afterMs?: number | undefined;
      patient?: boolean;
      scope?: "target" | "delivery";
      mend?: boolean;
      uncertain?: boolean;
      failedForMs?: number | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.afterMs = options.afterMs;
    this.patient = options.patient ?? false;
    this.scope = options.scope ?? "delivery";
    this.mend = options.mend ?? false;
    this.uncertain = options.uncertain ?? false;
    this.failedForMs = options.failedForMs;
  }
}

/** What it needs is not connected yet, and tells itself why. */
export class NotConnected extends RetryLater {
  constructor(part: string) {
    super(`${part} is not connected yet`, { afterMs: 1000, scope: "target" });
  }
}

/** The bridge is being stopped. The attempt stays as it is, as when the process dies, and is gone on with after the next start. */
export class Stopping extends RetryLater {
  constructor() {
    super("The bridge is being stopped.");
  }
}

/** No repetition will help. `message` is shown to the person in the thread: what happened, why, what to do. */
export class GiveUp extends Error {
  override readonly name = "GiveUp";
}

/** The thread is no longer there (deleted, archived, its root removed): open a new one and send again. */
export class ThreadGone extends Error {
  override readonly name = "ThreadGone";
}

/** The store cannot take or give anything at the moment (disk full, read-only, damaged). */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}

/** The same of a store of the links that is elsewhere. */
export class LinksUnavailable extends StoreUnavailable {}

/** The configuration is wrong; one line per problem, each with its path and remedy. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.join("\n"), options);
    this.problems = problems;
  }
}
