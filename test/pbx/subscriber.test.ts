import { expect, test } from "vitest";
import { GiveUp, RetryLater } from "../../src/errors.js";
import { createSubscriber } from "../../src/pbx/subscriber.js";
import type { PbxClient, PbxSubscription } from "../../src/pbx/types.js";
import { manualClock } from "../fixtures/manual-clock.js";
import { createLog } from "./harness.js";

const url = "https://sms.example.com/pbx/events/0123456789abcdef";
const MINUTES = 60_000;

/** A PBX with extensions 7 and 8 that has what `held` has, and a subscriber to it that has begun. `unknown`: an extension that it does not know. */
async function subscribed(refuses: readonly string[] = [], unknown?: number) {
  const clock = manualClock();
  const { logger, lines } = createLog();
  const held = new Map<string, PbxSubscription & { readonly extension: number }>();
  const calls: string[] = [];
  const missing: number[] = [];
  let made = 0;
  let strange = unknown;
  let failing: Error | undefined;
  const call = (what: string): void => {
    calls.push(what);
    if (failing !== undefined) throw failing;
  };
  const events: PbxClient["events"] = {
    async list(extension) {
      call(`list ${extension}`);
      if (extension === strange) throw new GiveUp("no such extension");
      return [...held.values()].filter((one) => one.extension === extension);
    },
    async add(extension, { type, url: to, method }) {
      call(`add ${extension} ${type}`);
      if (refuses.includes(type)) throw new GiveUp("not a type of event");
      const id = String(++made);
      held.set(id, { id, type, url: to, method, extension });
      return { id };
    },
    async remove(extension, id) {
      call(`remove ${extension} ${id}`);
      held.delete(id);
    },
  };
  const subscriber = createSubscriber([7, 8], url, {
    ...{ client: { events }, clock, logger },
    anotherCall: async () => void calls.push("room"),
    wereMissing: (extension) => void missing.push(extension),
  });
  await subscriber.begin();
  const atStart = lines.splice(0);
  const since = (): string[] => calls.splice(0);
  since();
  const fail = (error?: Error): void => void (failing = error);
  const learn = (): void => void (strange = undefined);
  return { subscriber, clock, lines, atStart, held, missing, since, fail, learn };
}

test("all is looked at every five minutes, within the PBX's rate, and nothing is said where nothing is missing", async () => {
  const { clock, lines, since, missing } = await subscribed();
  await clock.advance(5 * MINUTES - 1);
  expect(since()).toEqual([]);
  await clock.advance(1);
  expect(since()).toEqual(["room", "list 7", "room", "list 8"]);
  await clock.advance(10 * MINUTES);
  expect(since().filter((call) => call.startsWith("list"))).toHaveLength(4);
  expect([lines, missing]).toEqual([[], []]);
});

test("what somebody removed is made again, with a warning, and the texts are looked for", async () => {
  const { clock, lines, held, missing } = await subscribed();
  for (const [id, { extension, type }] of held) if (extension === 8 && type !== "message-out") held.delete(id);
  await clock.advance(5 * MINUTES);
  expect([...held.values()].filter(({ extension }) => extension === 8)).toHaveLength(3);
  expect(lines).toEqual([
    expect.stringMatching(
      /"extension":8,"added":\["message-in","message-out-status"\].*had lost its subscriptions.*made again/,
    ),
  ]);
  expect(missing).toEqual([8]);
});

test("a text that no event told of has its extension looked at soon, however many such texts there are", async () => {
  const { subscriber, clock, held, since } = await subscribed();
  held.clear();
  for (let text = 0; text < 20; text += 1) subscriber.suspect(7);
  await clock.advance(3000);
  expect(since()).toEqual(["room", "list 7", "add 7 message-in", "add 7 message-out", "add 7 message-out-status"]);
  expect([...held.values()].every(({ extension }) => extension === 7)).toBe(true);
});

test.each([new RetryLater("The PBX cannot be reached."), new GiveUp("Too many events.")])(
  "a look that fails is told of once, by the log and by the part, and made again after a minute: %s",
  async (error) => {
    const { subscriber, clock, lines, held, fail } = await subscribed();
    held.clear();
    fail(error);
    await clock.advance(8 * MINUTES);
    expect(lines.filter((line) => line.includes('"extension":7'))).toHaveLength(1);
    expect(subscriber.unwell()).toBe(`The events of extension 7 cannot be subscribed to: ${error.message}`);
    fail();
    await clock.advance(1 * MINUTES);
    expect([subscriber.unwell(), held.size]).toEqual([undefined, 6]);
  },
);

test("a type that the PBX refused at the start is not asked for again", async () => {
  const { clock, lines, since } = await subscribed(["message-out-status"]);
  await clock.advance(5 * MINUTES);
  expect(since()).toEqual(["room", "list 7", "room", "list 8"]);
  expect(lines).toEqual([]);
});

test("an extension that fails at the start is told of and tried again, ever more seldom, and the others are looked after", async () => {
  const { subscriber, clock, lines, atStart, held, missing, since, learn } = await subscribed([], 7);
  expect([...held.values()].map(({ extension }) => extension)).toEqual([8, 8, 8]);
  expect(atStart).toEqual([
    expect.stringMatching(/"extension":7.*could not be subscribed to; trying again/),
    expect.stringMatching(/"extension":8.*Subscribed/),
  ]);
  expect(subscriber.unwell()).toBe("The events of extension 7 cannot be subscribed to: no such extension");
  await clock.advance(5 * MINUTES);
  const looks = since().filter((call) => call.startsWith("list"));
  expect(looks.filter((call) => call === "list 8")).toEqual(["list 8"]);
  expect(looks.length).toBeGreaterThan(8);
  expect(looks.length).toBeLessThan(15);
  learn();
  await clock.advance(1 * MINUTES);
  expect([held.size, subscriber.unwell(), missing]).toEqual([6, undefined, []]);
  expect(lines).toEqual([expect.stringMatching(/"extension":7.*Subscribed/)]);
});

test("nothing is looked at any more once it is stopped", async () => {
  const { subscriber, clock, since } = await subscribed();
  subscriber.stop();
  await clock.advance(60 * MINUTES);
  expect([since(), clock.sleeping]).toEqual([[], 0]);
});
