import { describe, expect, it, vi } from "vitest";
import type { KeyvStoreAdapter } from "keyv";
import { StoreUnavailable } from "../src/errors.js";
import { createLinks, samePlace, type Links } from "../src/links.js";
import type { MessageId, PostId, ThreadId } from "../src/message.js";
import { openSpace } from "../src/store/keyv-space.js";
import { createKeyvStore } from "../src/store/keyv-store.js";
import { openSqliteFile } from "../src/store/sqlite.js";
import { ANNA, BEN, conversationWith, SLACK, TELEGRAM } from "./fixtures/conversations.js";

const anna = conversationWith(ANNA).id;
const ben = conversationWith(BEN).id;
const thread = "T1" as ThreadId;
const message = "m12345678901234567890" as MessageId;

function linked(now: () => number = Date.now): Links {
  const file = openSqliteFile(":memory:");
  const space = <T>(namespace: string) =>
    openSpace<T>(createKeyvStore(file, now), namespace, (error) => expect.unreachable(String(error)));
  return createLinks(space, { keepDays: 180, now });
}

describe("a thread", () => {
  it("is found by its conversation and place, and the conversation by the thread", async () => {
    const links = linked();
    await links.linkThread(anna, SLACK, { thread, card: "P1" as PostId });
    expect(await links.thread(anna, SLACK)).toEqual({ thread, card: "P1" });
    expect(await links.conversationOf("slack", thread)).toBe(anna);
    expect(await links.thread(ben, SLACK)).toBeUndefined();
    expect(await links.thread(anna, TELEGRAM)).toBeUndefined();
    expect(await links.conversationOf("telegram", thread)).toBeUndefined();
  });

  it("that went is known to have gone until another takes its place; words in the old one still find the conversation", async () => {
    const links = linked();
    expect(await links.lostThread(anna, SLACK)).toBe(false);
    await links.linkThread(anna, SLACK, { thread });
    await links.loseThread(anna, SLACK);
    expect([await links.thread(anna, SLACK), await links.lostThread(anna, SLACK)]).toEqual([undefined, true]);
    await links.linkThread(anna, SLACK, { thread: "T2" as ThreadId, recap: true });
    expect(await links.lostThread(anna, SLACK)).toBe(false);
    expect(await links.conversationOf("slack", thread)).toBe(anna);
  });
});

describe("a thread's link", () => {
  const DAY = 24 * 3_600_000;

  it("ends 180 days after the last post in the thread, by whomever, and no sooner", async () => {
    let now = 1_800_000_000_000;
    const links = linked(() => now);
    await links.linkThread(anna, SLACK, { thread, card: "P0" as PostId });
    for (let post = 1; post <= 5; post += 1) {
      now += 150 * DAY;
      await links.linkPost(SLACK, `P${post}` as PostId, { conversation: anna });
      expect(await links.thread(anna, SLACK)).toEqual({ thread, card: "P0" });
    }
    now += 180 * DAY - 1;
    expect(await links.conversationOf("slack", thread)).toBe(anna);
    now += 1;
    expect([await links.thread(anna, SLACK), await links.conversationOf("slack", thread)]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it("is not brought back by a post that comes while the thread goes", async () => {
    let now = 1_800_000_000_000;
    const links = linked(() => now);
    await links.linkThread(anna, SLACK, { thread });
    now += 2 * DAY;
    await Promise.all([
      links.linkPost(SLACK, "P1" as PostId, { conversation: anna }),
      links.loseThread(anna, SLACK),
      links.linkPost(SLACK, "P2" as PostId, { conversation: anna }),
      links.linkThread(anna, SLACK, { thread: "T2" as ThreadId }),
      links.linkPost(SLACK, "P3" as PostId, { conversation: anna }),
    ]);
    expect(await links.thread(anna, SLACK)).toEqual({ thread: "T2" });
  });
});

describe("a post", () => {
  it("is found with what it shows, and a message with its posts in each place", async () => {
    const links = linked();
    const [one, two] = ["P1" as PostId, "P2" as PostId];
    await links.linkPost(SLACK, one, { conversation: anna, message });
    await links.linkPost(SLACK, two, { conversation: anna, message });
    await links.linkPost(SLACK, two, { conversation: anna, message });
    await links.linkPost(TELEGRAM, one, { conversation: ben });
    expect(await links.post("slack", one)).toEqual({ conversation: anna, message });
    expect(await links.post("telegram", one)).toEqual({ conversation: ben });
    expect(await links.shown(message, SLACK)).toEqual([one, two]);
    expect(await links.shown(message, TELEGRAM)).toEqual([]);
  });
});

describe("a store of another kind that fails", () => {
  it("counts as unavailable, so that the work waits instead of being given up", async () => {
    const broken = Object.assign(
      { opts: {}, namespace: undefined, on: () => broken },
      {
        get: () => Promise.reject(new Error("connection refused")),
        set: () => Promise.reject(new Error("connection refused")),
        delete: () => Promise.resolve(false),
        clear: () => Promise.resolve(),
      },
    ) as unknown as KeyvStoreAdapter;
    const onError = vi.fn();
    const links = createLinks((namespace) => openSpace(broken, namespace, onError), { keepDays: 180, now: Date.now });
    await expect(links.thread(anna, SLACK)).rejects.toThrow(StoreUnavailable);
    await expect(links.linkThread(anna, SLACK, { thread })).rejects.toThrow(/connection refused/);
    expect(onError).toHaveBeenCalled();
  });
});

describe("a place", () => {
  it("is the same when platform and chat are", () => {
    expect(samePlace(SLACK, { ...SLACK })).toBe(true);
    expect(samePlace(SLACK, { ...SLACK, platform: "telegram" })).toBe(false);
    expect(samePlace(SLACK, { ...SLACK, chat: "C2" })).toBe(false);
  });
});
