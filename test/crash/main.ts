/**
 * `npm run crash -- --kills 1000 --seed 7`: kills the built program so often, in one world after the other, two at a time, and prints
 * what was lost and doubled. Ends with 1 if anything was. SIGINT (Ctrl-C) makes the worlds under way the last ones.
 */
import { parseArgs } from "node:util";
import { runBatch } from "./batch.js";
import { createChance } from "./chance.js";
import { buildDoomed } from "./doomed.js";
import { FLOWS, isFine, sum, type Judgement } from "./judge.js";
import { anyKill, lawOf } from "./kill.js";
import type { Ways } from "./office.js";
import { keepRecords } from "./records.js";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "1000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    /** How many of them in one world. */
    batch: { type: "string", default: "25" },
    /** Worlds side by side. */
    worlds: { type: "string", default: "2" },
    verbose: { type: "boolean", default: false },
  },
});
const { kills, seed, batch, worlds } = {
  kills: Number(values.kills),
  seed: Number(values.seed),
  batch: Number(values.batch),
  worlds: Number(values.worlds),
};

const WAYS: readonly Ways[] = [
  { slackHttp: false, telegramWebhook: false, pbxRetries: true },
  { slackHttp: true, telegramWebhook: true, pbxRetries: true },
  { slackHttp: false, telegramWebhook: true, pbxRetries: false },
  { slackHttp: true, telegramWebhook: false, pbxRetries: false },
];

await buildDoomed();
say(`${kills} kills, seed ${seed}. The same again: npm run crash -- --kills ${kills} --seed ${seed}`);
const startedAt = Date.now();
const judgements: Judgement[] = [];
let begun = 0;
let done = 0;
let enough = false;
process.once("SIGINT", () => (enough = true));
await Promise.all(Array.from({ length: worlds }, worldAfterWorld));
const total = sum(judgements);
say(`\n${done} kills in ${seconds()} s, seed ${seed}\n\n${table(total)}`);
if (total.faults.length > 0) say(`\n${total.faults.join("\n")}`);
process.exit(isFine(total) ? 0 : 1);

async function worldAfterWorld(): Promise<void> {
  while (begun < kills && !enough) {
    const number = Math.floor(begun / batch);
    const count = Math.min(batch, kills - begun);
    begun += count;
    await world(number, count);
  }
}

async function world(number: number, count: number): Promise<void> {
  const ways = WAYS[number % WAYS.length];
  if (ways === undefined) return;
  const chance = createChance(seed + number);
  const { judgement, records, log } = await runBatch({
    ...{ seed: seed + number, ways, law: lawOf(ways), longestMs: 1200 },
    kills: Array.from({ length: count }, () => anyKill(ways, chance)),
    ...(values.verbose ? { tell: (line: string) => say(`  ${seconds()} s, world ${number}: ${line}`) } : {}),
  });
  done += count;
  judgements.push(judgement);
  say(`${done} of ${kills} after ${seconds()} s: ${isFine(judgement) ? "fine" : "NOT FINE"} (${named(ways)})`);
  if (isFine(judgement)) return;
  const file = keepRecords(records, seed + number);
  say([`  seed ${seed + number}; what the simulators recorded: ${file}`, ...wrong(judgement), ...log].join("\n"));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function seconds(): number {
  return Math.round((Date.now() - startedAt) / 1000);
}

function named({ slackHttp, telegramWebhook, pbxRetries }: Ways): string {
  const slack = `Slack by ${slackHttp ? "HTTP" : "Socket Mode"}`;
  const telegram = `Telegram by ${telegramWebhook ? "webhook" : "polling"}`;
  return `${slack}, ${telegram}, the PBX tells ${pbxRetries ? "again" : "once"}`;
}

function wrong({ tallies, faults }: Judgement): string[] {
  const told = tallies.flatMap(({ flow, lost, doubled, reordered }) =>
    Object.entries({ lost, doubled, reordered })
      .filter(([, texts]) => texts.length > 0)
      .map(([what, texts]) => `  ${flow} ${what}: ${texts.join(" ")}`),
  );
  return [...told, ...faults.map((fault) => `  ${fault}`)];
}

function table({ tallies }: Judgement): string {
  const rows = FLOWS.flatMap((flow) => tallies.filter((each) => each.flow === flow)).map(
    ({ flow, texts, lost, doubled, repeated, asked, reordered }) => [
      flow,
      ...[texts, lost.length, doubled.length, repeated.length, asked.length, reordered.length].map(String),
    ],
  );
  const head = ["", "texts", "lost", "doubled", "repeats that say so", "asked about", "out of order"];
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  return [head, ...rows]
    .map((row) =>
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))),
    )
    .map((cells) => cells.join("  "))
    .join("\n");
}
