/** What every measurement needs: a folder on disk, children that end with it, the load generator, a config for the bridge. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startHelper, type Child } from "./child.js";
import type { Job, Result } from "./load.js";

export const SECRET = "bench-events-secret";
export const CHANNEL = "C0BENCH00";
export const EVENTS = `/pbx/events/${SECRET}`;

export interface Setting {
  /** A path in the folder. */
  file(name: string): string;
  /** Writes a config; resolves to its path. `slack`: port of the fake. */
  config(name: string, slack: number): Promise<string>;
  /** Starts, and ends when the setting ends. */
  keep(child: Promise<Child>): Promise<Child>;
  load(job: Job): Promise<Result>;
  end(): Promise<void>;
}

export async function createSetting(): Promise<Setting> {
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  const children: Child[] = [];
  const keep = async (child: Promise<Child>): Promise<Child> => {
    children.push(await child);
    return child;
  };
  const file = (name: string): string => join(folder, name);
  const loader = await keep(startHelper("load.ts"));
  return {
    file,
    keep,
    async config(name, slack) {
      const path = file(`${name}.yaml`);
      await writeFile(path, configText(file(`${name}.db`), slack));
      return path;
    },
    async load(job) {
      const answer = await fetch(`http://127.0.0.1:${loader.port}/run`, { method: "POST", body: JSON.stringify(job) });
      const result = (await answer.json()) as Result;
      if (result.failed > 0) throw new Error(`${result.failed} of ${result.sent} events were not acknowledged`);
      return result;
    },
    async end() {
      await Promise.all(children.map((child) => child.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configText(database: string, slack: number): string {
  return `
server: { host: 127.0.0.1, port: 0, publicUrl: "http://127.0.0.1" }
storage: "sqlite:${database}"
pbx:
  url: http://127.0.0.1:${slack}
  clientId: bench
  clientSecret: bench
  events: { secret: ${SECRET}, register: false }
slack: { botToken: xoxb-bench, signingSecret: bench, apiUrl: "http://127.0.0.1:${slack}/api/" }
lines:
  - { name: Sales, extension: 1234, did: "+12015550100", to: [{ slack: ${CHANNEL} }] }
log: { level: info }
`;
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
