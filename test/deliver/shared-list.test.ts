import { expect, it } from "vitest";
import { GiveUp, RetryLater, Stopping } from "../../src/errors.js";
import { createSharedList, type Asked } from "../../src/deliver/shared-list.js";
import type { ListOptions } from "../../src/pbx/types.js";
import { ANNA } from "../fixtures/conversations.js";
import { createScriptedPbx } from "../fixtures/scripted-pbx.js";
import { manualClock } from "../fixtures/manual-clock.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const READING_MS = 1000;

function opened() {
  const clock = manualClock();
  const pbx = createScriptedPbx(clock, []);
  const { list } = pbx.messages;
  const readings: { since: number; at: number }[] = [];
  const outcome: { error?: Error } = {};
  pbx.messages.list = async (extension, options: ListOptions = {}) => {
    readings.push({ since: clock.now() - (options.since ?? 0), at: clock.monotonic() });
    await clock.sleep(READING_MS);
    if (outcome.error !== undefined) throw outcome.error;
    return list(extension, options);
  };
  const room = { calls: 0, stopping: false };
  const anotherCall = async (): Promise<void> => {
    room.calls += 1;
    if (room.stopping) throw new Stopping();
  };
  const read = createSharedList({ pbx, clock, anotherCall });
  /** Of so long ago until now. */
  const ask = (ms: number, more: Partial<Asked> = {}) =>
    read({ extension: 7, direction: "in", since: clock.now() - ms, ...more });
  return { clock, pbx, readings, outcome, room, ask };
}

const failureOf = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => undefined,
    (error: unknown) => error,
  );

it("is read once for all who asked before the reading began, and gives each what it asked for", async () => {
  const { clock, pbx, readings, room, ask } = opened();
  pbx.receive("old", ANNA, { at: clock.now() - 30 * MINUTE });
  pbx.receive("new", ANNA, { at: clock.now() - MINUTE });
  const asked = [ask(10 * MINUTE), ask(50 * MINUTE), ask(20 * MINUTE)];
  await clock.advance(READING_MS);
  const words = (await Promise.all(asked)).map((found) => found.map(({ text }) => text));
  expect(words).toEqual([["new"], ["old", "new"], ["new"]]);
  expect(readings).toEqual([{ since: 50 * MINUTE, at: 0 }]);
  expect(room.calls).toBe(1);
});

it("is read anew for those who ask while it is read, and that reading begins when the first has ended", async () => {
  const { clock, readings, ask } = opened();
  const first = ask(MINUTE);
  await clock.advance(READING_MS / 2);
  const later = [ask(MINUTE), ask(MINUTE)];
  await clock.advance(READING_MS);
  await first;
  await clock.advance(READING_MS);
  await Promise.all(later);
  expect(readings.map(({ at }) => at)).toEqual([0, READING_MS]);
});

it("is read apart for another extension, another direction, and a much longer time", async () => {
  const { clock, readings, ask } = opened();
  const asked = [ask(MINUTE), ask(MINUTE, { extension: 8 }), ask(MINUTE, { direction: "out" }), ask(15 * HOUR)];
  await clock.advance(READING_MS);
  await Promise.all(asked);
  expect(readings.map(({ since }) => since)).toEqual([MINUTE, MINUTE, MINUTE, 15 * HOUR]);
});

it("fails for all who asked, and tells for how long it has been failing; an answer ends that", async () => {
  const { clock, outcome, ask } = opened();
  outcome.error = new RetryLater("The PBX is busy.", { afterMs: 7000, patient: true, scope: "target" });
  const together = [failureOf(ask(MINUTE)), failureOf(ask(MINUTE))];
  await clock.advance(READING_MS);
  for (const failure of await Promise.all(together))
    expect(failure).toMatchObject({
      ...{ name: "RetryLater", message: "The PBX is busy.", afterMs: 7000, patient: true, scope: "target" },
      failedForMs: READING_MS,
    });
  await clock.advance(MINUTE);
  const again = failureOf(ask(MINUTE));
  await clock.advance(READING_MS);
  expect(await again).toMatchObject({ failedForMs: MINUTE + 2 * READING_MS });
  delete outcome.error;
  await clock.advance(7000);
  const answered = ask(MINUTE);
  await clock.advance(READING_MS);
  await answered;
  outcome.error = new RetryLater("busy");
  const anew = failureOf(ask(MINUTE));
  await clock.advance(READING_MS);
  expect(await anew).toMatchObject({ failedForMs: READING_MS });
});

it("goes on failing for who needs a long part of it, although a shorter one is answered; not for ever after", async () => {
  const { clock, outcome, ask } = opened();
  const failing = async (ms: number): Promise<unknown> => {
    outcome.error = new RetryLater("too long");
    const asked = failureOf(ask(ms));
    await clock.advance(READING_MS);
    delete outcome.error;
    return asked;
  };
  await failing(15 * HOUR);
  const short = ask(MINUTE);
  await clock.advance(READING_MS);
  await short;
  expect(await failing(15 * HOUR)).toMatchObject({ failedForMs: 3 * READING_MS });
  await clock.advance(6 * MINUTE);
  expect(await failing(15 * HOUR)).toMatchObject({ failedForMs: READING_MS });
});

it("is failing no longer once as long a part is answered, though a longer one is not asked for any more", async () => {
  const { clock, outcome, ask } = opened();
  const asking = async (ms: number, error?: Error): Promise<unknown> => {
    if (error === undefined) delete outcome.error;
    else outcome.error = error;
    const asked = failureOf(ask(ms));
    await clock.advance(READING_MS);
    return asked;
  };
  await asking(62 * HOUR, new RetryLater("too long"));
  for (let time = 0; time < 5; time += 1) {
    await asking(15 * HOUR);
    await clock.advance(4 * MINUTE);
    expect(await asking(15 * HOUR, new RetryLater("a blip"))).toMatchObject({ failedForMs: READING_MS });
  }
});

it("is left alone for as long as the PBX asks, also by those who asked before it said so", async () => {
  const { clock, readings, outcome, ask } = opened();
  outcome.error = new RetryLater("429", { afterMs: MINUTE, patient: true, scope: "target" });
  const first = failureOf(ask(MINUTE));
  await clock.advance(READING_MS / 2);
  const joined = failureOf(ask(MINUTE));
  await clock.advance(READING_MS / 2);
  const long = failureOf(ask(15 * HOUR));
  const elsewhere = failureOf(ask(MINUTE, { extension: 8 }));
  await clock.advance(READING_MS);
  expect(await first).toMatchObject({ afterMs: MINUTE });
  for (const failure of [joined, long]) {
    expect(await failure).toMatchObject({ ...{ message: "429", patient: true, scope: "target" }, afterMs: MINUTE });
  }
  await elsewhere;
  expect(readings).toHaveLength(2);
  delete outcome.error;
  await clock.advance(MINUTE);
  const after = ask(MINUTE);
  await clock.advance(READING_MS);
  expect(await after).toEqual([]);
});

it("that is refused is told as it is, and whoever asks then is not kept", async () => {
  const { clock, outcome, room, ask } = opened();
  outcome.error = new GiveUp("The PBX forbids it.");
  const refused = failureOf(ask(MINUTE));
  await clock.advance(READING_MS);
  expect(await refused).toBe(outcome.error);
  room.stopping = true;
  expect(await failureOf(ask(MINUTE))).toBeInstanceOf(Stopping);
  room.stopping = false;
  delete outcome.error;
  const answered = ask(MINUTE);
  await clock.advance(READING_MS);
  expect(await answered).toEqual([]);
});

it("that hangs fails after half a minute, and holds up the next for no longer", async () => {
  const { clock, pbx, ask } = opened();
  pbx.messages.list = () => new Promise(() => {});
  const first = failureOf(ask(MINUTE));
  await clock.advance(1);
  const next = failureOf(ask(MINUTE));
  await clock.advance(30_000);
  expect(await first).toMatchObject({ failedForMs: 30_000 });
  await clock.advance(30_000);
  expect(await next).toMatchObject({ failedForMs: 60_000 });
});
