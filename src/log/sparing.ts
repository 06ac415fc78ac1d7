/**
 * While the store of the links, a platform or the PBX's list is away, so fails every try of whatever needs it. Of such lines the same is
 * written now and then, not for each try.
 */
import { LinksUnavailable, NotConnected, RetryLater } from "../errors.js";
import type { Logger } from "../log.js";

const AGAIN_AFTER_MS = 10 * 60_000;
/** After such a silence it is another failure. Whatever fails is tried again sooner. */
const OVER_AFTER_MS = 90_000;
/** There are a dozen kinds of such lines. */
const MOST = 200;

interface Told {
  readonly at: number;
  readonly lastAt: number;
  readonly unsaid: number;
}

/** `monotonic`: ms. A line that follows on others which were not written has their number in `unsaid`. */
export function sparing(logger: Logger, monotonic: () => number): Logger {
  const known = new Map<string, Told>();

  /** How many lines were not written before this one, which is to be written; undefined: it is not. */
  const unsaidBefore = (line: string): number | undefined => {
    const now = monotonic();
    const { at, lastAt, unsaid } = known.get(line) ?? { at: -Infinity, lastAt: -Infinity, unsaid: 0 };
    const isDue = now - at >= AGAIN_AFTER_MS || now - lastAt >= OVER_AFTER_MS;
    if (known.size >= MOST) known.clear();
    known.set(line, isDue ? { at: now, lastAt: now, unsaid: 0 } : { at, lastAt: now, unsaid: unsaid + 1 });
    return isDue ? unsaid : undefined;
  };

  const at =
    (level: keyof Logger) =>
    (fields: object, msg: string): void => {
      const why = whyOf(fields);
      const unsaid = why === undefined ? 0 : unsaidBefore(`${msg}: ${why}`);
      if (unsaid !== undefined) logger[level](unsaid === 0 ? fields : { ...fields, unsaid }, msg);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function whyOf(fields: object): string | undefined {
  const err: unknown = "err" in fields ? fields.err : undefined;
  if (!(err instanceof LinksUnavailable || err instanceof NotConnected || isForEverybody(err))) return undefined;
  // What comes after the colon may be another thing at each try.
  return err.message.split(": ", 1)[0];
}

/** One reading of the PBX's list fails for all who wait for it, perhaps hundreds. */
function isForEverybody(err: unknown): err is RetryLater {
  return err instanceof RetryLater && err.failedForMs !== undefined;
}
