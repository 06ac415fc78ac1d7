/** What is told of a contact's threads, whatever a platform lets us do. */
import { describe, expect, it } from "vitest";
import type { ChatAdapter, Erased } from "../../src/adapter.js";
import { eraseThreads } from "../../src/erase/threads.js";
import { RetryLater } from "../../src/errors.js";
import type { Linked } from "../../src/links/erasing.js";
import type { PostId, ThreadId } from "../../src/message.js";
import { ANNA, BEN, conversationWith } from "../fixtures/conversations.js";
import { createScriptedAdapter } from "../fixtures/scripted-adapter.js";

const [anna, ben] = [ANNA, BEN].map((contact) => conversationWith(contact).id);
if (anna === undefined || ben === undefined) throw new TypeError("two contacts");
const LINKED: Linked = {
  shownIn: [],
  threads: [
    { conversation: anna, platform: "slack", thread: "t1" as ThreadId },
    { conversation: ben, platform: "telegram", thread: "t2" as ThreadId },
  ],
  posts: [
    { conversation: anna, platform: "slack", post: "p1" as PostId },
    { conversation: ben, platform: "slack", post: "p2" as PostId },
  ],
};

/** Erases on a platform whose adapter answers so, one after the other. */
async function erasing(...answers: readonly Erased[]) {
  const waits: number[] = [];
  const asked: unknown[] = [];
  const plain = createScriptedAdapter("slack", { now: () => 0 });
  const left = [...answers];
  const adapter = {
    ...plain,
    eraseThread: async (...given: readonly unknown[]) => {
      asked.push(given);
      return left.shift() ?? { removed: 0, stays: [] };
    },
  };
  const adapters = new Map<string, ChatAdapter>([["slack", adapter]]);
  const told = await eraseThreads("slack", LINKED, { adapters, sleep: async (ms) => void waits.push(ms) });
  return { told, waits, asked };
}

const limited = (removed: number, afterMs = 7000): Erased => ({
  ...{ removed, stays: [] },
  again: new RetryLater("Slack limits chat.delete at the moment.", { afterMs }),
});

describe("a contact's threads", () => {
  it("are erased with the posts that are known of that conversation", async () => {
    const { told, asked } = await erasing({ removed: 3, stays: [] });
    expect(asked).toEqual([["t1", ["p1"]]]);
    expect(told).toEqual([{ state: "done", where: "Slack", what: "1 thread: 3 posts or topics deleted" }]);
  });

  it("of a platform that the config names no more are told as left, with the remedy", async () => {
    const told = await eraseThreads("slack", LINKED, { adapters: new Map(), sleep: async () => {} });
    expect(told).toEqual([
      {
        state: "again",
        where: "Slack",
        what: expect.stringMatching(/no slack section any more.*1 thread.*Add it again/),
      },
    ]);
  });

  it("of a platform on which nothing can be erased are left for people", async () => {
    const adapters = new Map([["slack", createScriptedAdapter("slack", { now: () => 0 })]]);
    const told = await eraseThreads("slack", LINKED, { adapters, sleep: async () => {} });
    expect(told).toEqual([{ state: "stays", where: "Slack", what: expect.stringMatching(/1 thread there.*by hand/) }]);
  });

  it("that stay in part say what stays", async () => {
    const { told } = await erasing({ removed: 2, stays: ["1 message stays. Delete it by hand."] });
    expect(told).toEqual([
      { state: "done", where: "Slack", what: "1 thread: 2 posts or topics deleted" },
      { state: "stays", where: "Slack", what: "1 message stays. Delete it by hand." },
    ]);
  });

  it("go on after a rate limit, as long as it is told", async () => {
    const { told, waits } = await erasing(limited(2), limited(2, 100_000), { removed: 1, stays: [] });
    expect(waits).toEqual([7000, 100_000]);
    expect(told).toEqual([{ state: "done", where: "Slack", what: "1 thread: 5 posts or topics deleted" }]);
  });

  it("are told as left when that brings nothing, or takes too long", async () => {
    const again = { state: "again", where: "Slack", what: "Slack limits chat.delete at the moment." };
    const idle = await erasing(limited(1), limited(0), limited(0), limited(0));
    expect(idle.told).toContainEqual(again);
    expect(idle.waits).toEqual([7000, 7000, 7000]);
    const long = await erasing(limited(0, 31_000));
    expect([long.told.at(-1), long.waits]).toEqual([again, []]);
  });
});
