import fetch from "node-fetch";
import { onTestFinished } from "vitest";
import type { Logger } from "../../src/log.js";
import { createPbxClient, type PbxClientDeps, type PbxClientOptions } from "../../src/pbx/client.js";
import { createPbxSimulator } from "../../src/sandbox/pbx/simulator.js";
import type { PbxSimulatorOptions } from "../../src/sandbox/pbx/types.js";

export const did = "+12025550100";
export const contact = "+12025550199";
export const secondDid = "+12025550101";

/** Everything that was logged, as it would stand in the file. */
export function createLog(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const write = (fields: object, msg: string) => void lines.push(JSON.stringify({ ...fields, msg }));
  return { logger: { debug: write, info: write, warn: write, error: write }, lines };
}

/** A PBX with extension 7, and a client for it that waits for nothing but records how long it would. */
export async function startPbx(
  simulation: PbxSimulatorOptions = {},
  options: Partial<PbxClientOptions> = {},
  deps: Partial<PbxClientDeps> = {},
) {
  const pbx = await createPbxSimulator(simulation);
  onTestFinished(() => pbx.close());
  pbx.addExtension({ id: 7, name: "100*101", dids: [did, secondDid] });
  const waits: number[] = [];
  const log = createLog();
  const client = createPbxClient(
    { url: pbx.url, ...pbx.credentials, country: "US", timeoutMs: 5_000, ...options },
    {
      fetch,
      now: Date.now,
      random: () => 0.5,
      sleep: (ms) => {
        waits.push(ms);
        return Promise.resolve();
      },
      logger: log.logger,
      ...deps,
    },
  );
  return { pbx, client, waits, lines: log.lines };
}

/** The calls of the API without those for a token: `POST /extension/7/message/send/ 200`. */
export function apiCalls(pbx: { calls(): readonly { method: string; path: string; status?: number }[] }): string[] {
  return pbx
    .calls()
    .filter(({ path }) => path.startsWith("/api/ver1.0"))
    .map(({ method, path, status }) => `${method} ${path.slice("/api/ver1.0".length)} ${status ?? "-"}`);
}

/** What a promise is rejected with. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => {
      throw new Error("It was expected to fail.");
    },
    (error: unknown) => error,
  );
}
