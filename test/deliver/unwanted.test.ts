/** Replies that were changed or deleted when they might have left, and had not. */
import { describe, expect, it } from "vitest";
import { createAway } from "../../src/away.js";
import { createDeciding } from "../../src/away/deciding.js";
import { RetryLater } from "../../src/errors.js";
import { HOUR, MINUTE, opened } from "./opened.js";

type Bridge = Awaited<ReturnType<typeof opened>>;
const CHANGES = ["is deleted", "is made a note"] as const;

const change = (how: (typeof CHANGES)[number], { edit, remove }: Bridge, post: Parameters<Bridge["edit"]>[1]) =>
  how === "is deleted" ? remove("slack", post) : edit("slack", post, "// the code is 1234");

const isTold = ({ slack }: Bridge): boolean =>
  slack.lines().some((line) => /changed or deleted where it was written .* not tried again by itself/.test(line));

describe.each(CHANGES)("a reply that %s", (how) => {
  it("while nobody knows whether it left is not sent once it is known that it did not", async () => {
    const bridge = await opened();
    const { write, run, pbx, slack } = bridge;
    pbx.script.fail("send", new RetryLater("502", { uncertain: true }));
    for (let time = 0; time < 30; time += 1) pbx.script.fail("list", new RetryLater("502"));
    const post = await write("slack", "the code is 1234");
    await run(2 * MINUTE);
    await change(how, bridge, post);
    await run();
    expect(slack.lines().at(-1)).toMatch(/may have been sent already/);
    await run(HOUR);
    expect(pbx.words()).toEqual([]);
    expect(isTold(bridge)).toBe(true);
  });

  it("while a call is under way is not sent when that is refused", async () => {
    const bridge = await opened();
    const { write, run, pbx, clock } = bridge;
    const { send } = pbx.messages;
    let calls = 0;
    pbx.messages.send = async (...given) => {
      if ((calls += 1) > 1) return send(...given);
      await clock.sleep(5000);
      throw new RetryLater("503", { afterMs: 10 * MINUTE, patient: true, scope: "target" });
    };
    const post = await write("slack", "the code is 1234");
    await run(3000);
    await change(how, bridge, post);
    await run(20 * MINUTE);
    expect(pbx.words()).toEqual([]);
    expect(isTold(bridge)).toBe(true);
  });
});

it("is sent all the same when somebody insists", async () => {
  const bridge = await opened();
  const { write, remove, press, run, pbx } = bridge;
  pbx.script.fail("send", new RetryLater("502", { uncertain: true }));
  pbx.script.fail("list", new RetryLater("502", { afterMs: 5000 }));
  const post = await write("slack", "the code is 1234");
  await run(1000);
  await remove("slack", post);
  await run(10 * MINUTE);
  expect(isTold(bridge)).toBe(true);
  await press("slack", "retry");
  await run(10 * MINUTE);
  expect(pbx.words()).toEqual(["the code is 1234"]);
});

it.each([0, 30])("a deletion that waits to be decided holds the text back, undo time %i s", async (undoSeconds) => {
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const memory = { get: async () => undefined, set: async () => {} };
  const bridge: Bridge = await opened({
    rules: { undoSeconds },
    mayHaveChanged: (written, acceptedAt) => away.mayHaveChanged(written, acceptedAt),
  });
  const { clock, store, pbx, slack, write, remove, run } = bridge;
  const away = createAway({
    ...{ clock, logger, memory, keysKeptMs: 7 * 24 * HOUR, isDeciding: createDeciding(store.queue) },
    ...{ conversationsSince: () => [], threadsOf: async () => [], waitingIn: async () => [], found() {} },
    ...{ isKnown: () => false, isOurs: async () => true },
  });
  away.inbox(slack, { accept: async () => {} });
  away.look(slack);
  await run(MINUTE);
  if (undoSeconds === 0) pbx.script.fail("send", new RetryLater("refused", { afterMs: 30_000 }));
  const post = await write("slack", "no word to her");
  await run(5000);
  // Somebody else writes in the channel, and Slack does not tell who it is for a minute.
  slack.script.fail("person", new RetryLater("limited", { afterMs: MINUTE }));
  await write("slack", "// hm", { author: { id: "U2" } });
  await run(1000);
  await remove("slack", post);
  await run(5 * MINUTE);
  expect(pbx.words()).toEqual([]);
});
