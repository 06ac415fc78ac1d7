/**
 * `npm run bench`: measures the built bridge on this machine, in one run, beside the least that could do the same, and prints one
 * table. Every server is a process of its own on loopback. Names of measurements as arguments choose some of them.
 */
import { acknowledgement, intake } from "./intake.js";
import { idle } from "./idle.js";
import { relay } from "./relay.js";
import { createSetting, type Setting } from "./setting.js";
import { table, type Row } from "./table.js";

const measurements: Readonly<Record<string, (setting: Setting) => Promise<readonly Row[]>>> = {
  intake,
  acknowledgement,
  relay,
  idle,
};

const chosen = process.argv.slice(2);
const rows: Row[] = [];
for (const [name, measure] of Object.entries(measurements)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  process.stderr.write(`measuring: ${name}\n`);
  const setting = await createSetting();
  try {
    rows.push(...(await measure(setting)));
  } finally {
    await setting.end();
  }
}
process.stdout.write(`${table(rows)}\n`);
