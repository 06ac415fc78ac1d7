/** Whenever the program dies, nothing is lost and nothing is there twice. The simulators' records are the judge. */
import { beforeAll, describe, expect, test } from "vitest";
import { runBatch, type BatchResult } from "./batch.js";
import { createChance } from "./chance.js";
import { buildDoomed } from "./doomed.js";
import { anyKill, atGates, lawOf, nameOf, pointsOf, type Kill } from "./kill.js";
import type { Ways } from "./office.js";

const BY_SOCKET: Ways = { slackHttp: false, telegramWebhook: false, pbxRetries: true };
const BY_HTTP: Ways = { slackHttp: true, telegramWebhook: true, pbxRetries: true };
const TOLD_ONCE: Ways = { slackHttp: false, telegramWebhook: false, pbxRetries: false };

/** Long enough for a busy machine: a run ends when its fault strikes. */
const LONGEST_MS = 30_000;

function expectNothingWrong({ judgement, log }: BatchResult): void {
  const wrong = judgement.tallies
    .map(({ flow, lost, doubled, reordered }) => ({ flow, lost, doubled, reordered }))
    .filter(({ lost, doubled, reordered }) => lost.length + doubled.length + reordered.length > 0);
  const because = `The program's last words:\n${log.slice(-40).join("\n")}`;
  expect({ wrong, faults: judgement.faults }, because).toEqual({ wrong: [], faults: [] });
  for (const { flow, texts } of judgement.tallies) expect(texts, `texts on the way ${flow}`).toBeGreaterThan(0);
}

const wanted = process.env["KILLS"] !== undefined;

beforeAll(async () => {
  if (wanted) await buildDoomed();
}, 60_000);

/** Where `KILLS` is set: they take a minute and a half of two processors. */
describe.runIf(wanted).concurrent("the program, killed again and again", { timeout: 600_000 }, () => {
  // In two worlds, since they take long.
  test.for([0, 1])("at each of its fault points, loses nothing and doubles nothing (half %i)", async (half) => {
    const points = pointsOf(BY_SOCKET).filter((_, index) => index % 2 === half);
    const kills = points.map((name): Kill => ({ by: "point", name, pass: 1 }));
    const result = await runBatch({ seed: half, ways: BY_SOCKET, kills, law: lawOf(BY_SOCKET), longestMs: LONGEST_MS });
    expectNothingWrong(result);
    expect(result.asOrdered.map(nameOf)).toEqual(kills.map(nameOf));
  });

  test("as its calls and its callers' come, take effect or are answered, does so neither", async () => {
    const kills = atGates(BY_HTTP);
    const result = await runBatch({ seed: 2, ways: BY_HTTP, kills, law: lawOf(BY_HTTP), longestMs: LONGEST_MS });
    expectNothingWrong(result);
    expect(result.asOrdered.map(nameOf)).toEqual(kills.map(nameOf));
  });

  test("at random moments, with a PBX that tells everything once, neither", { timeout: 600_000 }, async () => {
    const chance = createChance(3);
    const kills = Array.from({ length: 6 }, () => anyKill(TOLD_ONCE, chance));
    expectNothingWrong(await runBatch({ seed: 3, ways: TOLD_ONCE, kills, law: lawOf(TOLD_ONCE), longestMs: 1200 }));
  });
});
