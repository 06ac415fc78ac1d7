/** Logs: one JSON object per line on stdout; easier on the eye on a terminal. */
import { createRequire } from "node:module";
import { pino, stdTimeFunctions } from "pino";
import type PinoPretty from "pino-pretty";
import { cleanFields } from "./log/fields.js";

/** The part of a logger that the rooms use; pino fits it. Never pass message text, full phone numbers or tokens. */
export interface Logger {
  debug(fields: object, msg: string): void;
  info(fields: object, msg: string): void;
  warn(fields: object, msg: string): void;
  error(fields: object, msg: string): void;
}

export interface LogOptions {
  readonly level: "debug" | "info" | "warn" | "error";
  /** Lines for people instead of JSON: where stdout is a terminal. */
  readonly pretty: boolean;
}

/** Takes whole lines. */
export interface LogStream {
  write(line: string): void;
}

/** Each line is written before the call returns, so that the last words of a process are not lost. */
export function createLogger(options: LogOptions, out: LogStream = standardOutput()): Logger {
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: cleanFields },
      // Errors are fields already; pino's own way would put messages and causes together again.
      serializers: { err: (fields: unknown) => fields },
      redact: { paths: hiddenPaths, censor: "[hidden]" },
    },
    options.pretty ? prettyStream(out) : out,
  );
}

/** The second fence; the first is that nobody passes such fields. */
const hiddenNames =
  "text texts body headers authorization cookie password secret token botToken appToken signingSecret webhookSecret clientId clientSecret";
const hiddenPaths = hiddenNames.split(" ").flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** What cannot be written now is kept so far, bytes; beyond it lines are lost. */
const MOST_UNWRITTEN = 1_000_000;

/** Where it is a file and its disk is full, the service goes on without a log. */
function standardOutput(): LogStream {
  const out = pino.destination({ dest: 1, sync: true, maxLength: MOST_UNWRITTEN });
  // Without a listener it would be thrown at whoever writes a line.
  out.on("error", () => {});
  return out;
}

/** pino-pretty is loaded only where it is wanted, and formats here: a worker would lose the last lines of a crash. */
function prettyStream(out: LogStream): LogStream {
  const load: (name: "pino-pretty") => typeof PinoPretty = createRequire(import.meta.url);
  const format = load("pino-pretty").prettyFactory({
    colorize: true,
    translateTime: "SYS:HH:MM:ss",
    ignore: "pid,hostname",
  });
  return { write: (line) => out.write(format(line)) };
}
