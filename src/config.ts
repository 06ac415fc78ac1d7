/**
 * The config: YAML and environment variables in, checked and frozen data out. This is where the sections of the platforms that
 * `adapters/index.ts` lists come to those of the bridge.
 */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { platforms, type Sections } from "../adapters/index.js";
import { loadWith } from "./config/load.js";
import { schemaWith } from "./config/schema.js";
import type { Env } from "./config/source.js";
import { ConfigError } from "./errors.js";
import type { Line } from "./message.js";

/** At least one platform's section is there. */
export type Config = CoreConfig & Sections;

/** But for the sections of the chat platforms. */
export interface CoreConfig {
  readonly server: ServerConfig;
  /** `sqlite:` and the path of the file. */
  readonly storage: string;
  /** A Keyv URL. Absent: links are kept in `storage`. */
  readonly links?: string;
  readonly pbx: PbxConfig;
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

export interface InboxConfig {
  /** A reply that begins with it is a note for the team. */
  readonly notePrefix: string;
  /** How long a reply waits before it is sent. */
  readonly undoSeconds: number;
  /** A reply that was written longer ago than this when it is decided on is asked about; 0: none is. */
  readonly askAfterMinutes: number;
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

const configs = platforms.map(({ config }) => config);

export const schema = schemaWith(configs);

/** Throws `ConfigError` with every problem. `name`: what the file is called in them. */
export function loadConfig(text: string, env: Env, name = "config.yaml"): Config {
  return loadWith(configs, schema, { text, env, name });
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
