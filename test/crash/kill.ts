/** How a run of the program ends: by a fault point of its own, by a call at a gate, or whenever it may be. */
import type { Chance } from "./chance.js";
import type { Flow, Law } from "./judge.js";
import { MOMENTS, type Moment } from "./gate.js";
import type { GateName, Office, Ways } from "./office.js";
import { startProgram, type Program } from "./program.js";

export type Kill =
  | { readonly by: "point"; readonly name: string; readonly pass: number }
  | {
      readonly by: "gate";
      readonly gate: GateName;
      readonly call: RegExp;
      readonly moment: Moment;
      readonly pass: number;
    }
  /** `ms` after it is ready. */
  | { readonly by: "chance"; readonly ms: number };

/** While this traffic runs, no button is pressed and no text without a line is tried again: see `by-hand.ts`. */
export const BY_HAND = ["settle", "unmatched"] as const;
const KINDS = ["heard", "text", "post", "mark", "check"] as const;
export const STEPS = ["begun", "returned", "concluded"] as const;

/** Every name that a fault point has while the traffic of these tests runs, but for the two that concern one way of Slack's alone. */
export const POINTS: readonly string[] = [
  // First, while hardly anything waits: a card is drawn behind all else.
  ...STEPS.map((step) => `card.${step}`),
  ...["start", "sweep", "stop", "commit", "event.stored", "event.answered"],
  ...["reply.linked", "thread.opened", "thread.card-linked", "thread.half-linked", "post.sent"],
  ...["updates.taken", "slack.stored", "slack.acknowledged"],
  ...KINDS.flatMap((kind) => STEPS.map((step) => `${kind}.${step}`)),
];

/** Those that are never passed where the platform works the other way. */
export function pointsOf({ slackHttp, telegramWebhook }: Ways): string[] {
  const never = [...(slackHttp ? ["slack.acknowledged"] : []), ...(telegramWebhook ? ["updates.taken"] : [])];
  return POINTS.filter((name) => !never.includes(name));
}

/** What holds in every case. */
export function lawOf({ pbxRetries }: Ways): Law {
  // What an event did not bring is found in the PBX's list, when later ones may have been shown.
  const untidy: readonly Flow[] = pbxRetries ? [] : ["PBX → Slack", "PBX → Telegram"];
  return { every: true, anyOrder: untidy };
}

type Calls = readonly { readonly gate: GateName; readonly call: RegExp }[];

const CALLS: Calls = [
  { gate: "pbx", call: /message\/send/ },
  { gate: "slack", call: /chat\.postMessage/ },
  { gate: "slack", call: /reactions\.add/ },
  { gate: "telegram", call: /sendMessage/ },
  { gate: "telegram", call: /createForumTopic/ },
  { gate: "telegram", call: /setMessageReaction/ },
  { gate: "bridge", call: /\/pbx\/events/ },
];

/** The calls at which it can be killed from outside, all of them and at every moment. */
export function callsOf({ slackHttp, telegramWebhook }: Ways): Calls {
  return [
    ...CALLS,
    slackHttp ? { gate: "bridge", call: /\/slack\/events/ } : { gate: "slack", call: /apps\.connections\.open/ },
    telegramWebhook ? { gate: "bridge", call: /\/telegram\/webhook/ } : { gate: "telegram", call: /getUpdates/ },
  ];
}

/** Each call at one of its moments, which take turns. */
export function atGates(ways: Ways): Kill[] {
  return callsOf(ways).map((call, index) => ({ by: "gate", ...call, moment: momentOf(index), pass: 1 }));
}

function momentOf(index: number): Moment {
  return MOMENTS[index % MOMENTS.length] ?? "comes";
}

export function anyKill(ways: Ways, chance: Chance): Kill {
  const pass = chance.whole(1, 4);
  switch (chance.whole(1, 3)) {
    case 1:
      return pointIn(chance.oneOf(pointsOf(ways)), pass);
    case 2:
      return { by: "gate", ...chance.oneOf(callsOf(ways)), moment: chance.oneOf(MOMENTS), pass };
    default:
      return { by: "chance", ms: chance.whole(0, 600) };
  }
}

/** It starts and stops once in each run. */
function pointIn(name: string, pass: number): Kill {
  return { by: "point", name, pass: ["start", "sweep", "stop"].includes(name) ? 1 : pass };
}

export function nameOf(kill: Kill): string {
  switch (kill.by) {
    case "point":
      return `${kill.name}:${kill.pass}`;
    case "gate":
      return `${kill.gate} ${kill.call.source} ${kill.moment}:${kill.pass}`;
    case "chance":
      return `${kill.ms} ms`;
  }
}

/** Starts the program so that it ends in this way. */
export function startDoomed(office: Office, kill: Kill): Program {
  const program = startProgram(office.configFile, kill.by === "point" ? `${kill.name}:${kill.pass}` : undefined);
  if (kill.by === "gate") {
    const order = () => office.gates[kill.gate].order({ ...kill, kill: () => program.kill() });
    // What waits for the bridge knocks all the time, also while there is nobody yet who could take it.
    if (kill.gate === "bridge") void program.ready.then((isReady) => isReady && order());
    else order();
  }
  if (kill.by === "chance") void program.ready.then(() => setTimeout(() => program.kill(), kill.ms));
  // It has to be asked to stop before it can be killed while it stops.
  if (kill.by === "point" && kill.name === "stop") void program.ready.then(() => program.kill("SIGTERM"));
  return program;
}
