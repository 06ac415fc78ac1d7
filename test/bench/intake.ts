/** How many events a second are stored and acknowledged, beside bare servers that store as durably; and how soon, at a usual pace. */
import type { Rows } from "./bare-intake.js";
import { startBuilt, startHelper, type Child } from "./child.js";
import type { Result } from "./load.js";
import { EVENTS, median, type Setting } from "./setting.js";
import { figure, type Row } from "./table.js";

const ROUNDS = 5;
const flood = { path: EVENTS, connections: 64, contacts: 200 };

interface Round extends Result {
  readonly cpuMicros: number;
}

interface Server {
  readonly child: Child;
  readonly rounds: Round[];
}

/** All run all the time; rounds alternate, so that whatever else the machine does meets all. */
export async function intake(setting: Setting): Promise<Row[]> {
  const round = async ({ child, rounds }: Server, seconds: number): Promise<void> => {
    const before = child.cpuMs();
    const result = await setting.load({ ...flood, port: child.port, seconds });
    rounds.push({ ...result, cpuMicros: ((child.cpuMs() - before) * 1000) / result.sent });
  };
  const begin = async (starting: Promise<Child>): Promise<Server> => {
    const child = await setting.keep(starting);
    await round({ child, rounds: [] }, 1);
    return { child, rounds: [] };
  };
  const slack = await setting.keep(startHelper("fake-slack.ts"));
  const one = await begin(bare(setting, "one"));
  const same = await begin(bare(setting, "same"));
  const bridge = await begin(startBuilt(await setting.config("intake", slack.port)));
  for (let n = 0; n < ROUNDS; n += 1) for (const server of [one, same, bridge]) await round(server, 2);
  const ofSame = (rate(bridge) / rate(same)).toFixed(2);
  return [
    rowOf("bare durable server, one row", one),
    { ...rowOf("bare durable server, the same rows", same), ratio: rate(same) / rate(one) },
    { ...rowOf("the bridge", bridge), ratio: rate(bridge) / rate(one), aim: `≥ 0.5 (of the same rows: ${ofSame})` },
  ];
}

function bare(setting: Setting, rows: Rows): Promise<Child> {
  return startHelper("bare-intake.ts", { file: setting.file(`bare-${rows}.db`), rows });
}

/** How long an event waits for its answer at a usual pace, also while every call of Slack takes its time. */
export async function acknowledgement(setting: Setting): Promise<Row[]> {
  const bridgeWith = async (latencyMs: number): Promise<Child> => {
    const slack = await setting.keep(startHelper("fake-slack.ts", { latencyMs }));
    return startBuilt(await setting.config(`slack-${latencyMs}`, slack.port));
  };
  return [
    await atUsualPace(setting, "bare durable server, one row", bare(setting, "one")),
    { ...(await atUsualPace(setting, "the bridge", bridgeWith(0))), aim: "p99 < 5 ms" },
    { ...(await atUsualPace(setting, "the bridge, Slack taking 200 ms", bridgeWith(200))), aim: "p99 < 5 ms" },
  ];
}

async function atUsualPace(setting: Setting, what: string, starting: Promise<Child>): Promise<Row> {
  const child = await setting.keep(starting);
  const steady = { ...flood, port: child.port, contacts: 20, perSecond: 100 };
  await setting.load({ ...steady, seconds: 2 });
  const { p50Ms, p99Ms } = await setting.load({ ...steady, seconds: 10 });
  await child.stop();
  return { what: `100 events/s: ${what}`, figures: `p50 ${figure(p50Ms)} ms, p99 ${figure(p99Ms)} ms` };
}

const rate = ({ rounds }: Server): number => median(rounds.map(({ sent, seconds }) => sent / seconds));

function rowOf(what: string, server: Server): Row {
  const middle = (of: (round: Round) => number): string => figure(median(server.rounds.map(of)));
  const figures =
    `${figure(rate(server))} events/s, p50 ${middle(({ p50Ms }) => p50Ms)} ms, ` +
    `p99 ${middle(({ p99Ms }) => p99Ms)} ms, ${middle(({ cpuMicros }) => cpuMicros)} µs CPU each`;
  return { what: `Intake: ${what}`, figures };
}
