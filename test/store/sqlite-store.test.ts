import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { MessageId, PostId } from "../../src/message.js";
import type { Entry } from "../../src/ledger.js";
import { openSqliteFile } from "../../src/store/sqlite.js";
import { createSqliteStore } from "../../src/store/sqlite-store.js";
import { ANNA, conversationWith, SLACK } from "../fixtures/conversations.js";
import { temporaryFolder } from "../fixtures/folder.js";
import { RETENTION, storeOn } from "../fixtures/store-on.js";

const HOUR = 3_600_000;
const anna = conversationWith(ANNA);

function opened() {
  const clock = { now: 1_800_000_000_000 };
  const file = openSqliteFile(":memory:");
  return { clock, file, store: storeOn(file, { owner: "one", clock, gone: new Set() }) };
}

function entry(id: string, more: Partial<Entry> = {}): Entry {
  const message = id.split(".")[0] as MessageId;
  return {
    ...{ id, message, conversation: anna.id, direction: "out", digest: "d", at: 5, status: "queued", echoed: false },
    ...more,
  };
}

describe("the store", () => {
  it("has one secret for digests, the same each time it is opened", () => {
    const { store, file } = opened();
    let asked = 0;
    const again = createSqliteStore(file, {
      now: () => 0,
      lease: { owner: "two", ms: 1, gone: () => false },
      newSecret: () => `another ${(asked += 1)}`,
      retention: RETENTION,
    });
    expect(again.digestKey).toBe(store.digestKey);
  });

  it("remembers a conversation, with the numbers as the PBX wrote them last", async () => {
    const { store } = opened();
    expect(store.conversation(anna.id)).toBeUndefined();
    await store.commit((tx) => tx.noteConversation(anna));
    expect(store.conversation(anna.id)).toEqual(anna);
    const rewritten = { ...anna, line: "Support", contact: { ...ANNA, wire: "001555" } };
    await store.commit((tx) => tx.noteConversation(rewritten));
    expect(store.conversation(anna.id)).toEqual(rewritten);
    const { did: _, ...without } = { ...anna, id: "7//x" as never };
    await store.commit((tx) => tx.noteConversation(without));
    expect(store.conversation(without.id)).toEqual(without);
  });

  it("knows which conversations had texts lately, the latest first, and which events were taken", async () => {
    const { store } = opened();
    const of = (conversation: string, at: number) =>
      entry(`m${conversation}${at}.000`, { conversation: conversation as never, at, direction: "in" });
    await store.commit(async (tx) => {
      for (const each of [of("old", 10), of("a", 20), of("b", 25), of("a", 30)]) await tx.ledger.add(each);
      await tx.firstTime("slack w:1");
    });
    expect(store.conversationsSince(20)).toEqual(["a", "b"]);
    expect(store.conversationsSince(31)).toEqual([]);
    expect([store.wasTaken("slack w:1"), store.wasTaken("slack w:2")]).toEqual([true, false]);
  });

  it("does not take a conversation for written whose work was undone", async () => {
    const { store } = opened();
    const undone = store.commit(async (tx) => {
      await tx.noteConversation(anna);
      throw new Error("ours");
    });
    await expect(undone).rejects.toThrow("ours");
    await store.commit((tx) => tx.noteConversation(anna));
    expect(store.conversation(anna.id)).toEqual(anna);
  });

  it("remembers an event's key for a week", async () => {
    const { store, clock } = opened();
    const first = (): Promise<boolean> => store.commit((tx) => tx.firstTime("slack e1"));
    expect(await first()).toBe(true);
    clock.now += 6 * 24 * HOUR;
    await store.sweep();
    expect(await first()).toBe(false);
    clock.now += 24 * HOUR;
    await store.sweep();
    expect(await first()).toBe(true);
  });

  it("removes links that have run out", async () => {
    const { store, file, clock } = opened();
    await file.commit((sql) => sql.run("insert into links values ('a', 'k', 'v', ?)", [clock.now + 1]));
    expect(await store.sweep()).toMatchObject({ links: 0 });
    clock.now += 1;
    expect(await store.sweep()).toMatchObject({ links: 1 });
  });

  it("says that it cannot be written, and that it can again", async () => {
    const { store, file } = opened();
    await store.probe();
    file.sql.get("pragma query_only = on");
    await expect(store.probe()).rejects.toThrow(/could not be written/);
    file.sql.get("pragma query_only = off");
    await store.probe();
  });
});

describe("a conversation that another process erased", () => {
  it("is written again with the next text, though this process had written it before", async () => {
    const path = join(temporaryFolder(), "bridge.db");
    const [file, other] = [openSqliteFile(path), openSqliteFile(path)];
    onTestFinished(async () => void (await Promise.all([file.close(), other.close()])));
    const store = storeOn(file, { owner: "one", clock: { now: 1_800_000_000_000 }, gone: new Set() });
    await store.commit((tx) => tx.noteConversation(anna));
    await store.commit((tx) => tx.noteConversation(anna));
    await other.commit((sql) => sql.run("delete from conversations"));
    expect(store.conversation(anna.id)).toBeUndefined();
    await store.commit((tx) => tx.noteConversation(anna));
    expect(store.conversation(anna.id)).toEqual(anna);
  });
});

describe("the ledger", () => {
  it("gives back what was entered, and changes only what is told", async () => {
    const { store } = opened();
    const origin = { place: SLACK, post: "p1" as PostId };
    await store.commit(async ({ ledger }) => {
      await ledger.add(entry("m1.000", { origin }));
      await ledger.change("m1.000", { status: "taken", pbxId: "9" });
      expect(await ledger.get("m1.000")).toEqual(entry("m1.000", { origin, status: "taken", pbxId: "9" }));
      await ledger.change("m1.000", { echoed: true, at: 7 });
      await ledger.change("m1.000", { echoed: false });
      expect(await ledger.get("m1.000")).toMatchObject({ echoed: false, at: 7, status: "taken", pbxId: "9" });
      expect(await ledger.get("m1.001")).toBeUndefined();
    });
  });

  it("keeps the first of two entries with one id", async () => {
    const { store } = opened();
    await store.commit(async ({ ledger }) => {
      await ledger.add(entry("m1.000", { digest: "first" }));
      await ledger.add(entry("m1.000", { digest: "second" }));
      expect((await ledger.get("m1.000"))?.digest).toBe("first");
    });
  });

  it("finds a message's texts in order, and forgets them alone", async () => {
    const { store } = opened();
    await store.commit(async ({ ledger }) => {
      for (const id of ["m1.001", "m1.000", "m10.000", "m2.000"]) await ledger.add(entry(id));
      expect((await ledger.ofMessage("m1" as MessageId)).map(({ id }) => id)).toEqual(["m1.000", "m1.001"]);
      await ledger.forget("m1" as MessageId);
      expect(await ledger.ofMessage("m1" as MessageId)).toEqual([]);
      expect(await ledger.ofMessage("m10" as MessageId)).toHaveLength(1);
    });
  });

  it("finds what left a conversation since a time, oldest first", async () => {
    const { store } = opened();
    await store.commit(async ({ ledger }) => {
      await ledger.add(entry("m3.000", { at: 30 }));
      await ledger.add(entry("m2.000", { at: 20 }));
      await ledger.add(entry("m1.000", { at: 10 }));
      await ledger.add(entry("m4.000", { at: 40, direction: "in" }));
      await ledger.add(entry("m5.000", { at: 40, conversation: "other" as never }));
      expect((await ledger.outgoing(anna.id, 20)).map(({ id }) => id)).toEqual(["m2.000", "m3.000"]);
    });
  });
});
