/** How soon the bridge is ready, and how much memory it takes when nothing happens, with both platforms connected. */
import { writeFile } from "node:fs/promises";
import { createWorld } from "../../src/sandbox/world.js";
import { startBuilt, type Child } from "./child.js";
import { median, pause, type Setting } from "./setting.js";
import { figure, type Row } from "./table.js";

const STARTS = 5;
const IDLE_MS = 10_000;

/** The world's servers are quick enough to stay in this process. */
export async function idle(setting: Setting): Promise<Row[]> {
  const world = await createWorld();
  try {
    const config = setting.file("idle.yaml");
    await writeFile(config, world.configText({ port: 0, storage: setting.file("idle.db") }));
    const startMs: number[] = [];
    let last: Child | undefined;
    for (let n = 0; n < STARTS; n += 1) {
      await last?.stop();
      last = await setting.keep(startBuilt(config));
      startMs.push(last.startMs);
    }
    await pause(IDLE_MS);
    const resident = last?.residentMB() ?? Number.NaN;
    await last?.stop();
    return [
      {
        what: "Start until ready, Slack and Telegram connected",
        figures: `${figure(median(startMs))} ms`,
        aim: "< 700 ms",
      },
      { what: "Memory when idle (RSS after 10 s)", figures: `${figure(resident)} MB`, aim: "< 100 MB" },
    ];
  } finally {
    await world.close();
  }
}
