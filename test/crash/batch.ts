/** Some kills in one world, one after the other, with people writing all the time; then peace, and the judgement. */
import { setTimeout as pause } from "node:timers/promises";
import { createChance, type Chance } from "./chance.js";
import { isFine, judge, type Judgement, type Law, type Records } from "./judge.js";
import { nameOf, startDoomed, type Kill } from "./kill.js";
import { GATES, openOffice, type Office, type Ways } from "./office.js";
import { startProgram, type Program } from "./program.js";
import { isAnswered, recordsOf } from "./records.js";
import { createTraffic, type Traffic } from "./traffic.js";

export interface BatchOptions {
  readonly seed: number;
  readonly ways: Ways;
  readonly kills: readonly Kill[];
  readonly law: Law;
  /** How long a run may last, once ready, that its fault does not end; then it is killed all the same. */
  readonly longestMs: number;
  /** For whoever wants to watch. */
  readonly tell?: (line: string) => void;
}

export interface BatchResult {
  readonly judgement: Judgement;
  /** What was judged. */
  readonly records: Records;
  /** The runs that did not end as ordered, but because time was up; and what the program logged in each. */
  readonly late: readonly { readonly kill: Kill; readonly log: readonly string[] }[];
  /** The last lines that the program logged: for when something is wrong. */
  readonly log: readonly string[];
}

const FIRST_CONTACTS = 4;
/** After the list was given: until it is gone through and that is noted. */
const LOOKED_AT_MS = 300;
/**
 * More would pile up: a run that is killed at once gets nothing done. Where the call that kills has not come by then, less is said; and
 * nothing after half of the time that a run may last, so that a slow machine comes to what is done last, such as cards.
 */
const SAYINGS_A_RUN = 8;
const THEN_ONE_IN = 6;

export async function runBatch({ seed, ways, kills, law, longestMs, tell }: BatchOptions): Promise<BatchResult> {
  const chance = createChance(seed);
  const office = await openOffice(ways);
  try {
    const traffic = createTraffic(office, chance);
    await firstRun(office, traffic);
    const late: { kill: Kill; log: readonly string[] }[] = [];
    const faults: string[] = [];
    for (const kill of kills) {
      const { how, log } = await die(office, traffic, chance, kill, longestMs);
      tell?.(`${nameOf(kill)}${how === "as ordered" ? "" : ` (${how})`}`);
      if (how === "time was up") late.push({ kill, log });
      if (how === "by itself")
        faults.push([`${nameOf(kill)}: the program ended by itself`, ...log.slice(-20)].join("\n"));
    }
    const { judgement, ...peace } = await settle(office, traffic, law);
    return { judgement: { ...judgement, faults: [...faults, ...judgement.faults] }, ...peace, late };
  } finally {
    await office.close();
  }
}

/**
 * The PBX must have been told where to call, and its list looked at once: what it had before that is none of the bridge's. And there
 * must be threads to answer in.
 */
async function firstRun(office: Office, traffic: Traffic): Promise<void> {
  const { configFile, pbx } = office;
  const program = startProgram(configFile);
  if (!(await program.ready)) throw new Error(`The program did not start:\n${program.log().join("\n")}`);
  while (
    !pbx.calls().some(({ method, path, status }) => method === "GET" && /\/message\//.test(path) && status === 200)
  )
    await pause(20);
  await pause(LOOKED_AT_MS);
  for (let count = 0; count < FIRST_CONTACTS; count += 1) traffic.greet();
  while (recordsOf(office, traffic, 0).threads.length < 2 * FIRST_CONTACTS) await pause(20);
  program.kill();
  await program.ended;
}

interface Ending {
  readonly how: "as ordered" | "time was up" | "by itself";
  /** The last lines that it logged. */
  readonly log: readonly string[];
}

async function die(office: Office, traffic: Traffic, chance: Chance, kill: Kill, longestMs: number): Promise<Ending> {
  const program = startDoomed(office, kill);
  let since = Infinity;
  void program.ready.then(() => (since = performance.now()));
  const mend = trouble(office, chance);
  traffic.greet();
  traffic.repeat();
  const lastedMs = (): number => performance.now() - since;
  for (let said = 1; program.isAlive() && lastedMs() < longestMs; said += 1) {
    if (said < SAYINGS_A_RUN || (said % THEN_ONE_IN === 0 && lastedMs() < longestMs / 2)) traffic.speak();
    await Promise.race([program.ended, pause(chance.whole(20, 120))]);
  }
  const inTime = !program.isAlive();
  program.kill();
  const { signal } = await program.ended;
  for (const name of GATES) office.gates[name].order(undefined);
  mend();
  return { how: signal !== "SIGKILL" ? "by itself" : inTime ? "as ordered" : "time was up", log: program.log() };
}

/** Every other run meets something slow or failing besides. Gives what ends it. */
function trouble({ pbx, slack, telegram }: Office, chance: Chance): () => void {
  switch (chance.whole(1, 6)) {
    case 1: {
      const slow = chance.oneOf([pbx, slack, telegram]);
      slow.latency(chance.whole(20, 200));
      return () => slow.latency(0);
    }
    case 2: {
      const fault = pbx.fail({
        kind: chance.oneOf(["reset after effect", "reset before effect"]),
        path: "send",
        times: 1,
      });
      return () => fault.stop();
    }
    case 3: {
      const kind = chance.oneOf(["reset after effect", "reset before effect"] as const);
      const fault = slack.fail({ kind, method: "chat.postMessage", times: 1 });
      return () => fault.stop();
    }
    default:
      return () => {};
  }
}

/** One run that nobody disturbs, until all is done, or nothing happens any more. */
async function settle(office: Office, traffic: Traffic, law: Law): Promise<Omit<BatchResult, "late">> {
  const program = startProgram(office.configFile);
  if (!(await program.ready)) throw new Error(`The program did not start again:\n${program.log().join("\n")}`);
  let judgement: Judgement;
  let records: Records;
  let quietMs = 0;
  let [least, since] = [Infinity, performance.now()];
  for (let before = ""; ;) {
    const left = await leftIn(office);
    if (left < least) [least, since] = [left, performance.now()];
    records = recordsOf(office, traffic, left);
    judgement = judge(records, law);
    const now = `${left} ${callsIn(office)}`;
    quietMs = now === before && isCalm(office) ? quietMs + LOOK_EVERY_MS : 0;
    before = now;
    if (quietMs >= (isFine(judgement) ? GOOD_MS : left === 0 ? BAD_MS : STUCK_MS)) break;
    if (performance.now() - since > RESTLESS_MS) {
      judgement = { ...judgement, faults: [...judgement.faults, restless(office, left)] };
      break;
    }
    await pause(LOOK_EVERY_MS);
  }
  await stop(program);
  return { judgement, records, log: program.log() };
}

const LOOK_EVERY_MS = 150;
/** How long nothing may happen before what is good counts as good. */
const GOOD_MS = 450;
/** The same for what is not good: longer than the wait after a call that failed a few times. */
const BAD_MS = 4000;
/** The same while there is work left: what waits is tried again every second. */
const STUCK_MS = 15_000;

/** So long without getting any further, it will never end. */
const RESTLESS_MS = 120_000;

function restless({ pbx, slack, telegram }: Office, left: number): string {
  const unanswered = pbx.events().filter((event) => !isAnswered(event)).length;
  const untold = `${unanswered} events of the PBX, ${slack.unacknowledged().length} of Slack, ${telegram.unconfirmed()} of Telegram`;
  return `no further for ${RESTLESS_MS / 1000} s: ${left} deliveries left, not taken yet: ${untold}`;
}

/** The other sides have told everything. */
function isCalm({ pbx, slack, telegram, ways }: Office): boolean {
  const untold = slack.unacknowledged().length + telegram.unconfirmed();
  return untold === 0 && (!ways.pbxRetries || pbx.events().every(isAnswered));
}

function callsIn({ pbx, slack, telegram }: Office): number {
  const posted = slack.calls.length + telegram.calls.filter(({ method }) => method !== "getUpdates").length;
  return posted + pbx.sentTexts().length;
}

async function leftIn({ bridge }: Office): Promise<number> {
  const metrics = await (await fetch(`${bridge}/metrics`)).text();
  const values = [...metrics.matchAll(/^bridge_(?:deliveries_waiting|set_aside)(?:\{.*\})? (\d+)$/gm)];
  return values.reduce((total, [, value]) => total + Number(value), 0);
}

async function stop(program: Program): Promise<void> {
  program.kill("SIGTERM");
  const { code } = await program.ended;
  if (code !== 0) throw new Error(`The program did not stop well:\n${program.log().join("\n")}`);
}
