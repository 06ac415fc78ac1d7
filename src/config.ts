/**
 * The config: YAML and environment variables in, checked and frozen data out. Every problem is reported at once, one
 * line each: `config.yaml:12 pbx.events.secret: has 8 characters, needs at least 16. Make one with: openssl rand -hex 24`.
 */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { crossCheck } from "./config/checks.js";
import { keysAt, schema } from "./config/schema.js";
import { pathText, readSource, type Env, type Path, type Problem, type Source } from "./config/source.js";
import { didYouMean } from "./config/spelling.js";
import { ConfigError } from "./errors.js";
import type { Line } from "./message.js";

export interface Config {
  readonly server: ServerConfig;
  /** `sqlite:` and the path of the file. */
  readonly storage: string;
  /** A Keyv URL. Absent: links are kept in `storage`. */
  readonly links?: string;
  readonly pbx: PbxConfig;
  /** At least one of `slack` and `telegram` is there. */
  readonly slack?: SlackConfig;
  readonly telegram?: TelegramConfig;
  /** At least one; no two of them claim the same number. */
  readonly lines: readonly Line[];
  readonly inbox: InboxConfig;
  readonly retention: RetentionConfig;
  readonly log: { readonly level: LogLevel };
}

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface ServerConfig {
  readonly host: string;
  readonly port: number;
  /** How the outside reaches this server; without a slash at the end. */
  readonly publicUrl?: string;
  /** Addresses and CIDR ranges of reverse proxies, whose X-Forwarded-For counts. */
  readonly trustProxy: readonly string[];
}

export interface PbxConfig {
  /** Scheme and host, without a slash at the end. */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** How long one call of the API may take. */
  readonly timeoutSeconds: number;
  readonly events: {
    /** The last part of the event URL. */
    readonly secret: string;
    /** Whether to keep the extensions' event subscriptions pointed at this server. */
    readonly register: boolean;
    /** Addresses and CIDR ranges of the PBX; empty: any. */
    readonly allowFrom: readonly string[];
  };
  readonly catchUp: {
    /** How often the PBX's list of messages is read. */
    readonly everySeconds: number;
    /** How far back it is read at a start, and once an hour. */
    readonly lookBackHours: number;
    /** Within this time the PBX lists what it took. */
    readonly listsWithinSeconds: number;
  };
  readonly limits: { readonly perSecond: number; readonly concurrent: number };
  readonly send: {
    /** UTF-16 units; longer replies are split. */
    readonly maxLength: number;
    /** The names of the fields in the PBX's send call. */
    readonly fields: { readonly to: string; readonly from: string; readonly text: string };
  };
}

/** Exactly one of `appToken` (Socket Mode) and `signingSecret` (HTTP mode) is there. */
export interface SlackConfig {
  readonly botToken: string;
  readonly appToken?: string;
  readonly signingSecret?: string;
  /** Ends with a slash. */
  readonly apiUrl: string;
  /** The slash command, with its slash. */
  readonly command: string;
  /** Whether what guests write may leave the team. */
  readonly allowGuests: boolean;
  /** Whether what people of other workspaces write may leave the team. */
  readonly allowOutsiders: boolean;
}

export interface TelegramConfig {
  readonly botToken: string;
  /** Webhook mode; absent: long polling. */
  readonly webhookSecret?: string;
  /** Without a slash at the end. */
  readonly apiUrl: string;
  /** Ids of the people who may use the bot in private chats. */
  readonly allowedUsers: readonly number[];
}

export interface InboxConfig {
  /** A reply that begins with it is a note for the team. */
  readonly notePrefix: string;
  /** How long a reply waits before it is sent. */
  readonly undoSeconds: number;
  /** How long a sent text is kept, so that it can be sent again. */
  readonly keepTextHours: number;
  /** ISO 3166 code of the country whose numbers are written without +. */
  readonly country: string;
  /** IANA name of the zone in which the bridge writes times. Absent: this machine's. */
  readonly timeZone?: string;
}

/** In days. Each of the first three is at least as long as the one before. */
export interface RetentionConfig {
  /** How long what gave up, what no line lists and what waits for somebody's decision is kept, with its text. */
  readonly asideDays: number;
  /** How long is known which texts there were; longer than the PBX's list is looked back through. */
  readonly ledgerDays: number;
  /** How long a thread is known after the last thing that happened in it, and a post after it was made. */
  readonly linkDays: number;
  /** How long is known which events were taken. */
  readonly seenDays: number;
}

/** Throws `ConfigError` with every problem. `name`: what the file is called in them. */
export function loadConfig(text: string, env: Env, name = "config.yaml"): Config {
  const source = readSource(text, env);
  const nothing = source.value === undefined;
  if (nothing && source.problems.length === 0) {
    throw new ConfigError([`${name}:1 the file is empty. Begin with a copy of config.example.yaml`]);
  }
  const result = schema.safeParse(source.value);
  const found = nothing ? [] : [...shapeProblems(result.error?.issues ?? [], source), ...crossCheck(source.value)];
  const problems = [...source.problems, ...found];
  if (problems.length > 0 || !result.success) throw new ConfigError(report(problems, source, name));
  return freeze(result.data);
}

/** As `loadConfig`, from a file. */
export async function readConfig(file: string, env: Env): Promise<Config> {
  return loadConfig(await read(file), env, basename(file));
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw new ConfigError([`${file}: ${unreadable[code] ?? `cannot be read (${code})`}`]);
  }
}

const unreadable: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file. Copy config.example.yaml to it and fill it in, or name another with --config",
  EACCES: "may not be read by the user that runs the bridge. Change its owner or its mode",
  EISDIR: "is a directory. Name the file in it with --config",
};

type Issues = NonNullable<ReturnType<typeof schema.safeParse>["error"]>["issues"];

function shapeProblems(issues: Issues, source: Source): readonly Problem[] {
  // A value that could not be filled in is a problem already; what it looks like then says nothing.
  const known = new Set(source.problems.map(({ path }) => pathText(path)));
  return issues.flatMap((issue): readonly Problem[] => {
    const path = issue.path.filter((key) => typeof key !== "symbol");
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(path, key, issue.message));
    return known.has(pathText(path)) ? [] : [{ path, what: issue.message }];
  });
}

function unknownKey(path: Path, key: string, what: string): Problem {
  const keys = keysAt(path);
  const meant = didYouMean(key, keys);
  const remedy = meant === undefined ? `The keys here: ${keys.join(", ")}` : `Did you mean ${meant}?`;
  return { path: [...path, key], what: `${what}. ${remedy}` };
}

/** In the order of the file. */
function report(problems: readonly Problem[], source: Source, name: string): readonly string[] {
  return problems
    .map((problem) => ({ ...problem, line: problem.line ?? source.lineOf(problem.path) }))
    .toSorted((a, b) => a.line - b.line)
    .map(({ path, line, what }) => {
      const variables = source.variablesOf(path);
      const told = variables.length === 0 || variables.some((variable) => what.includes(variable));
      const origin = told ? "" : ` (the value comes from ${variables.join(", ")})`;
      return path.length === 0
        ? `${name}:${line} ${what}${origin}`
        : `${name}:${line} ${pathText(path)}: ${what}${origin}`;
    });
}

function freeze<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
}
