/**
 * Whenever the program dies, nothing is lost and nothing is there twice: the simulators' records are the judge. What is built for users
 * knows nothing of these tests; what is built for them has every fault point.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { RETRY_POLICIES } from "../../src/queue/retry.js";
import { runBatch, type BatchResult } from "./batch.js";
import { createChance } from "./chance.js";
import { buildDoomed, root } from "./doomed.js";
import { killedAsItSettles, killedAsItShowsAfterAll } from "./by-hand.js";
import { anyKill, atGates, BY_HAND, lawOf, nameOf, POINTS, pointsOf, STEPS, type Kill } from "./kill.js";
import type { Ways } from "./office.js";
import { keepRecords } from "./records.js";

const BY_SOCKET: Ways = { slackHttp: false, telegramWebhook: false, pbxRetries: true };
const BY_HTTP: Ways = { slackHttp: true, telegramWebhook: true, pbxRetries: true };
const TOLD_ONCE: Ways = { slackHttp: false, telegramWebhook: false, pbxRetries: false };

/** Long enough for a busy machine: a run ends when its fault strikes. */
const LONGEST_MS = 30_000;

function expectNothingWrong({ judgement, records, log }: BatchResult, seed: number): void {
  const wrong = judgement.tallies
    .map(({ flow, lost, doubled, reordered }) => ({ flow, lost, doubled, reordered }))
    .filter(({ lost, doubled, reordered }) => lost.length + doubled.length + reordered.length > 0);
  const file = wrong.length + judgement.faults.length > 0 ? keepRecords(records, seed) : "";
  const because = `What the simulators recorded: ${file}\nThe program's last words:\n${log.slice(-40).join("\n")}`;
  expect({ wrong, faults: judgement.faults }, because).toEqual({ wrong: [], faults: [] });
  for (const { flow, texts } of judgement.tallies) expect(texts, `texts on the way ${flow}`).toBeGreaterThan(0);
}

function expectAllInTime({ late }: BatchResult): void {
  const because = late.map(({ kill, log }) => `${nameOf(kill)}\n${log.slice(-40).join("\n")}`).join("\n\n");
  expect(
    late.map(({ kill }) => nameOf(kill)),
    because,
  ).toEqual([]);
}

const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => join(root, folder, name));

const javaScript = (folder: string): string =>
  filesIn(folder)
    .filter((name) => name.endsWith(".js"))
    .map((name) => readFileSync(name, "utf8"))
    .join("\n");

// Once, and in this file alone: another build would take the program away from under those that run it.
beforeAll(buildDoomed, 60_000);

describe("a fault point", () => {
  test("leaves no trace in the program that users run", () => {
    const program = javaScript("dist");
    expect(program).toContain("createBridge");
    expect(program).not.toMatch(/faultPoint|FAULT_POINT|SIGKILL/);
  });

  test("is in the program of the crash tests wherever the sources have one, and each is on the list", () => {
    const named = [...javaScript("dist-crash").matchAll(/faultPoint\("([^"]+)"\)/g)].map(([, name = ""]) => name);
    const sources = [...filesIn("src"), ...filesIn("adapters")].filter((name) => name.endsWith(".ts"));
    const written = sources.flatMap((name) => [...readFileSync(name, "utf8").matchAll(/faultPoint\("([^"]+)"\)/g)]);
    expect(named.toSorted()).toEqual(written.map(([, name = ""]) => name).toSorted());
    expect(POINTS).toEqual(expect.arrayContaining(named));
  });

  test("that stands in the work of every kind is passed by every kind", () => {
    const source = readFileSync(join(root, "src/queue/attempts.ts"), "utf8");
    expect([...source.matchAll(/faultPoint\("([^"]+)", batch\)/g)].map(([, name]) => name)).toEqual(STEPS);
    const kinds = Object.keys(RETRY_POLICIES).filter((kind) => !isOneOf(BY_HAND, kind) && kind !== "unreadable");
    expect(POINTS).toEqual(expect.arrayContaining(kinds.flatMap((kind) => STEPS.map((step) => `${kind}.${step}`))));
  });
});

const isOneOf = (list: readonly string[], name: string): boolean => list.includes(name);

const wanted = process.env["KILLS"] !== undefined;

/** Where `KILLS` is set: they take a minute and a half of two processors. */
describe.runIf(wanted).concurrent("the program, killed again and again", { timeout: 600_000 }, () => {
  // In two worlds, since they take long.
  test.for([0, 1])("at each of its fault points, loses nothing and doubles nothing (half %i)", async (half) => {
    const points = pointsOf(BY_SOCKET).filter((_, index) => index % 2 === half);
    const kills = points.map((name): Kill => ({ by: "point", name, pass: 1 }));
    const result = await runBatch({ seed: half, ways: BY_SOCKET, kills, law: lawOf(BY_SOCKET), longestMs: LONGEST_MS });
    expectNothingWrong(result, half);
    expectAllInTime(result);
  });

  test.for(STEPS)("as it settles a button, or shows what an admin tried again (%s), neither", async (step) => {
    await Promise.all([killedAsItSettles(BY_SOCKET, step), killedAsItShowsAfterAll(BY_SOCKET, step)]);
  });

  test("as its calls and its callers' come, take effect or are answered, does so neither", async () => {
    const kills = atGates(BY_HTTP);
    const result = await runBatch({ seed: 2, ways: BY_HTTP, kills, law: lawOf(BY_HTTP), longestMs: LONGEST_MS });
    expectNothingWrong(result, 2);
    expectAllInTime(result);
  });

  test("at random moments, with a PBX that tells everything once, neither", { timeout: 600_000 }, async () => {
    const chance = createChance(3);
    const kills = Array.from({ length: 6 }, () => anyKill(TOLD_ONCE, chance));
    const result = await runBatch({ seed: 3, ways: TOLD_ONCE, kills, law: lawOf(TOLD_ONCE), longestMs: 1200 });
    expectNothingWrong(result, 3);
  });
});
