/** Texts told with words that were told before, while the PBX's list does not answer. */
import { describe, expect, it } from "vitest";
import { RetryLater } from "../../src/errors.js";
import type { Party } from "../../src/message.js";
import { createWorld, startBridge } from "../fixtures/bridge.js";
import { openSqliteFile } from "../../src/store/sqlite.js";
import { createLimits } from "../../src/limits.js";
import { listPace } from "../../src/paces.js";
import { ANNA, BEN, LINE } from "../fixtures/conversations.js";

const MINUTE = 60_000;
const others: readonly Party[] = ["+15550121", "+15550122", "+15550123"].map((number) => ({ number, wire: number }));

/** Everybody has said `ok`; from now on the list answers nobody. */
async function hanging() {
  const world = createWorld();
  const bridge = await startBridge({ world });
  const { receive, run, pbx, clock } = bridge;
  for (const contact of [ANNA, BEN, ...others]) await receive("ok", contact);
  await run(2 * MINUTE);
  pbx.messages.list = async () => {
    await clock.sleep(45_000);
    throw new RetryLater("no answer");
  };
  return bridge;
}

it("is shown, and what was said behind it, within minutes although every look at the list hangs", async () => {
  const { receive, run, slack } = await hanging();
  await receive("ok");
  await receive("urgent");
  await run(2 * MINUTE + 15_000);
  expect(slack.lines().slice(-2)).toEqual([`${ANNA.number}: ok`, `${ANNA.number}: urgent`]);
});

it("does not wait for the texts of other contacts", async () => {
  const { receive, run, slack } = await hanging();
  const texts = slack.lines().length;
  for (const contact of [ANNA, BEN, ...others]) await receive("ok", contact);
  await run(3 * MINUTE);
  expect(slack.lines()).toHaveLength(texts + 5);
});

it("is looked for together with all others that wait, by one reading of the list at a time", async () => {
  const { receive, tell, run, pbx, clock, slack } = await startBridge();
  const contacts = Array.from({ length: 60 }, (_, index) => `+155502${String(index).padStart(2, "0")}`);
  const parties = contacts.map((number) => ({ number, wire: number }));
  for (const contact of parties) await receive("ok", contact);
  await run(2 * MINUTE);
  const { list } = pbx.messages;
  let [open, most, readings] = [0, 0, 0];
  pbx.messages.list = async (extension, options) => {
    readings += 1;
    most = Math.max(most, (open += 1));
    await clock.sleep(500);
    open -= 1;
    return list(extension, options);
  };
  // Every other one was said again, the rest was told twice.
  for (const [index, contact] of parties.entries()) await (index % 2 === 0 ? receive : tell)("ok", contact);
  await run(20_000);
  expect(slack.lines()).toHaveLength(90);
  // The first asks alone, for a short and for a long part of it.
  expect(most).toBeLessThanOrEqual(2);
  expect(readings).toBeLessThan(20);
});

it("is not shown again where the list fails once for many that have waited long, as after a stop", async () => {
  const [world, file] = [createWorld(), openSqliteFile(":memory:")];
  const before = await startBridge({ world, file });
  const contacts = [ANNA, BEN, ...others];
  for (const contact of contacts) await before.receive("ok", contact);
  await before.run(2 * MINUTE);
  await before.stop();
  for (const contact of contacts) await before.tell("ok", contact);
  await before.run(10 * MINUTE);
  for (const error of [new RetryLater("busy"), new RetryLater("busy")]) world.pbx.script.fail("list", error);
  const { run, slack } = await startBridge({ world, file });
  await run(MINUTE);
  expect(slack.lines()).toHaveLength(contacts.length);
});

it("is not shown while the list is too long to tell, and is after two minutes", async () => {
  const { receive, run, slack, pbx } = await startBridge();
  await receive("ok");
  await run(2 * MINUTE);
  pbx.readsAtMost = 1;
  await receive("ok");
  await run(MINUTE);
  expect(slack.lines()).toHaveLength(1);
  await run(MINUTE + 15_000);
  expect(slack.lines()).toHaveLength(2);
});

it("is shown after two minutes where only the long part of the list cannot be read", async () => {
  const { receive, run, slack, pbx, clock } = await startBridge();
  await receive("ok");
  await run(2 * MINUTE);
  const { list } = pbx.messages;
  pbx.messages.list = async (extension, options) => {
    if (clock.now() - (options?.since ?? 0) > 60 * MINUTE) throw new RetryLater("too long", { afterMs: MINUTE });
    return list(extension, options);
  };
  await receive("ok");
  // The PBX lists it late: the short part does not have it.
  pbx.list.pop();
  await run(MINUTE);
  expect(slack.lines()).toHaveLength(1);
  await run(2 * MINUTE);
  expect(slack.lines()).toHaveLength(2);
});

it("is not shown again after two minutes, nor what was said behind it, where catching up has found them meanwhile", async () => {
  const { receive, run, slack, pbx } = await startBridge({ catchesUp: true });
  await receive("ok");
  await run(2 * MINUTE);
  const { list } = pbx.messages;
  // The whole of it is too long; catching up takes what it is given.
  pbx.messages.list = async (extension, options) => {
    if (options?.whole === true) throw new RetryLater("too long", { afterMs: MINUTE });
    return list(extension, options);
  };
  await receive("ok");
  await receive("urgent");
  await run(4 * MINUTE);
  const words = slack.lines().filter((line) => line.startsWith(ANNA.number));
  expect(words).toEqual(["ok", "ok", "urgent"].map((text) => `${ANNA.number}: ${text}`));
});

describe("once shown because nobody knew better", () => {
  /** `ok` was told twice while the list was away for minutes, and stands there twice. */
  const shownTwice = async () => {
    const bridge = await startBridge({ catchesUp: true });
    const { receive, tell, run, pbx, slack } = bridge;
    await receive("ok");
    await run(2 * MINUTE);
    const { list } = pbx.messages;
    pbx.messages.list = async () => {
      throw new RetryLater("down");
    };
    await tell("ok");
    await run(3 * MINUTE);
    pbx.messages.list = list;
    expect(slack.lines()).toHaveLength(2);
    return bridge;
  };

  it("does not stand for a text that is said later", async () => {
    const { receive, run, slack } = await shownTwice();
    await run(MINUTE);
    await receive("ok");
    await run(10_000);
    expect(slack.lines()).toHaveLength(3);
    await run(10 * MINUTE);
    expect(slack.lines()).toHaveLength(3);
  });

  it("is not shown once more when the list has it after all", async () => {
    const { run, slack, pbx, clock } = await shownTwice();
    pbx.receive("ok", ANNA, { at: clock.now() - 3 * MINUTE });
    await run(10 * MINUTE);
    expect(slack.lines()).toHaveLength(2);
  });
});

it("is looked for once more where a slow list was asked before it had to have it", async () => {
  const { receive, run, slack, pbx, clock } = await startBridge();
  await receive("ok");
  await run(2 * MINUTE);
  const { list } = pbx.messages;
  pbx.messages.list = async (extension, options) => {
    const found = await list(extension, options);
    await clock.sleep(6000);
    return found;
  };
  await receive("ok");
  const late = pbx.list.splice(-1);
  await run(8000);
  pbx.list.push(...late);
  await run(MINUTE);
  expect(slack.lines()).toHaveLength(2);
});

it("is not shown again where its list is long and is read at the PBX's rate, beside others", async () => {
  const { receive, tell, run, pbx, clock, slack } = await startBridge();
  const contacts = [ANNA, BEN, ...others.slice(0, 2)];
  for (const contact of contacts) await receive("ok", contact);
  await run(2 * MINUTE);
  const limits = createLimits(clock);
  const { list } = pbx.messages;
  pbx.messages.list = async (extension, options) => {
    const found = await list(extension, options);
    const pace = listPace("pages", { perSecond: 5, concurrent: 2 });
    for (let page = 1; page < 20 && options?.over?.aborted !== true; page += 1) await limits.another(pace);
    return found;
  };
  for (const contact of contacts) await tell("ok", contact);
  await run(3 * MINUTE);
  expect(slack.lines()).toHaveLength(contacts.length);
});

it("of a phone is shown although equal words were sent from a thread while the list was read", async () => {
  const { receive, write, echo, run, pbx, clock, slack } = await startBridge({
    world: createWorld({ givesIds: false }),
  });
  await receive("can you come?");
  await run(2 * MINUTE);
  await write("slack", "ok");
  await run(MINUTE);
  await echo("ok");
  await run(MINUTE);
  const phone = { id: "desk", extension: 7, direction: "out", contact: ANNA, text: "ok", at: clock.now() } as const;
  const { list } = pbx.messages;
  pbx.messages.list = async (extension, options) => {
    const found = await list(extension, options);
    await clock.sleep(5000);
    return found;
  };
  await echo("ok");
  // The short part is read, and it is listed; then the long part is.
  await run(3000);
  pbx.list.push(phone);
  await run(3500);
  await write("slack", "ok");
  await run(MINUTE);
  const fromPhone = slack.lines().filter((line) => line.startsWith(LINE.name));
  expect(fromPhone).toEqual([`${LINE.name}: ok`]);
});
