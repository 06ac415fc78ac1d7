/** How many events a second are stored and acknowledged, beside a bare server that stores as durably; and how soon, at a usual pace. */
import { startBuilt, startHelper, type Child } from "./child.js";
import type { Result } from "./load.js";
import { EVENTS, median, type Setting } from "./setting.js";
import { figure, type Row } from "./table.js";

const ROUNDS = 5;
const flood = { path: EVENTS, connections: 64, contacts: 200 };

interface Round extends Result {
  readonly cpuMicros: number;
}

/** Both run all the time; rounds alternate, so that whatever else the machine does meets both. */
export async function intake(setting: Setting): Promise<Row[]> {
  const slack = await setting.keep(startHelper("fake-slack.ts"));
  const bare = await setting.keep(startHelper("bare-intake.ts", { file: setting.file("bare.db") }));
  const bridge = await setting.keep(startBuilt(await setting.config("intake", slack.port)));
  const round = async (child: Child, seconds: number): Promise<Round> => {
    const before = child.cpuMs();
    const result = await setting.load({ ...flood, port: child.port, seconds });
    return { ...result, cpuMicros: ((child.cpuMs() - before) * 1000) / result.sent };
  };
  for (const child of [bare, bridge]) await round(child, 1);
  const ofBare: Round[] = [];
  const ofBridge: Round[] = [];
  for (let n = 0; n < ROUNDS; n += 1) {
    ofBare.push(await round(bare, 2));
    ofBridge.push(await round(bridge, 2));
  }
  const base = rate(ofBare);
  return [rowOf("Intake: bare durable server", ofBare, base), rowOf("Intake: the bridge", ofBridge, base)];
}

/** How long an event waits for its answer at a usual pace, also while every call of Slack takes its time. */
export async function acknowledgement(setting: Setting): Promise<Row[]> {
  const bridgeWith = async (latencyMs: number): Promise<Child> => {
    const slack = await setting.keep(startHelper("fake-slack.ts", { latencyMs }));
    return startBuilt(await setting.config(`slack-${latencyMs}`, slack.port));
  };
  return [
    await atUsualPace(setting, "bare durable server", startHelper("bare-intake.ts", { file: setting.file("bare.db") })),
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

const rate = (rounds: readonly Round[]): number => median(rounds.map(({ sent, seconds }) => sent / seconds));

function rowOf(what: string, rounds: readonly Round[], base: number): Row {
  const middle = (of: (round: Round) => number): string => figure(median(rounds.map(of)));
  const perSecond = rate(rounds);
  const figures =
    `${figure(perSecond)} events/s, p50 ${middle(({ p50Ms }) => p50Ms)} ms, p99 ${middle(({ p99Ms }) => p99Ms)} ms, ` +
    `${middle(({ cpuMicros }) => cpuMicros)} µs CPU each`;
  return { what, figures, ...(perSecond === base ? {} : { ratio: perSecond / base, aim: "≥ 0.5" }) };
}
