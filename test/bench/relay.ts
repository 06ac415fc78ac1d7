/** How many texts a second go from the PBX's webhook until all of them are shown in Slack, beside relays that store nothing. */
import { startHelper, type Child } from "./child.js";
import { CHANNEL, EVENTS, median, pause, type Setting } from "./setting.js";
import { figure, type Row } from "./table.js";

const ROUNDS = 5;
const TEXTS = 4000;

interface Seen {
  readonly texts: number;
  readonly posts: number;
  readonly lastAt: number;
}

interface Round {
  readonly perSecond: number;
  readonly posts: number;
  readonly cpuMicros: number;
}

interface Relay {
  readonly what: string;
  readonly child: Child;
  readonly rounds: Round[];
}

/** All run all the time and relay into the same fake; rounds alternate. */
export async function relay(setting: Setting): Promise<Row[]> {
  const slack = await setting.keep(startHelper("fake-slack.ts"));
  const bare = (by: "sdk" | "http") =>
    startHelper("bare-relay.ts", { by, channel: CHANNEL, apiUrl: `http://127.0.0.1:${slack.port}/api/` });
  const bridge = async (name: string, alone: boolean) =>
    startHelper("unpaced.ts", { config: await setting.config(name, slack.port), alone });
  const begin = async (what: string, child: Promise<Child>): Promise<Relay> => {
    const begun = { what, child: await setting.keep(child), rounds: [] };
    await round(setting, begun.child, slack);
    return begun;
  };
  const relays = [
    await begin("Relay: bare, Slack's SDK", bare("sdk")),
    await begin("Relay: bare, http by hand", bare("http")),
    await begin("Relay: the bridge", bridge("relay", false)),
    await begin("Relay: the bridge, one post per text", bridge("alone", true)),
  ];
  for (let n = 0; n < ROUNDS; n += 1) {
    for (const { child, rounds } of relays) rounds.push(await round(setting, child, slack));
  }
  const base = rate(relays[0]?.rounds ?? []);
  return relays.map(({ what, rounds }) => rowOf(what, rounds, base));
}

async function round(setting: Setting, child: Child, slack: Child): Promise<Round> {
  await ask(slack, "/forget");
  const before = child.cpuMs();
  const job = { port: child.port, path: EVENTS, connections: 64, contacts: 200, count: TEXTS };
  const { startedAt } = await setting.load(job);
  const seen = await allSeen(slack);
  return {
    perSecond: (TEXTS * 1000) / (seen.lastAt - startedAt),
    posts: seen.posts,
    cpuMicros: ((child.cpuMs() - before) * 1000) / TEXTS,
  };
}

/** When the last came is noted by the fake, so that looking seldom costs no precision. */
async function allSeen(slack: Child): Promise<Seen> {
  const patientUntil = Date.now() + 30_000;
  for (;;) {
    const seen = (await ask(slack, "/seen")) as Seen;
    if (seen.texts === TEXTS) return seen;
    if (Date.now() > patientUntil) throw new Error(`${TEXTS - seen.texts} of ${TEXTS} texts never came to Slack`);
    await pause(100);
  }
}

async function ask(slack: Child, path: string): Promise<unknown> {
  return (await fetch(`http://127.0.0.1:${slack.port}${path}`)).json();
}

const rate = (rounds: readonly Round[]): number => median(rounds.map(({ perSecond }) => perSecond));

function rowOf(what: string, rounds: readonly Round[], base: number): Row {
  const middle = (of: (round: Round) => number): string => figure(median(rounds.map(of)));
  const perSecond = rate(rounds);
  const figures =
    `${figure(perSecond)} texts/s, ${TEXTS} in ${middle(({ posts }) => posts)} posts, ` +
    `${middle(({ cpuMicros }) => cpuMicros)} µs CPU each`;
  return { what, figures, ...(perSecond === base ? {} : { ratio: perSecond / base, aim: "≥ 1" }) };
}
