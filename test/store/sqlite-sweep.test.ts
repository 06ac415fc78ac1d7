import { statSync } from "node:fs";
import { join } from "node:path";
import LibsqlDatabase from "libsql";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Entry } from "../../src/ledger.js";
import type { MessageId } from "../../src/message.js";
import type { NewDelivery } from "../../src/queue/port.js";
import { openSqliteFile, type SqliteFile } from "../../src/store/sqlite.js";
import { ANNA, BEN, conversationWith, SLACK } from "../fixtures/conversations.js";
import { temporaryFolder } from "../fixtures/folder.js";
import { storeOn } from "../fixtures/store-on.js";

const DAY = 24 * 3_600_000;
const anna = conversationWith(ANNA);

function opened(path = ":memory:") {
  const clock = { now: 1_800_000_000_000 };
  const file = openSqliteFile(path);
  onTestFinished(() => file.close());
  return { clock, file, store: storeOn(file, { owner: "one", clock, gone: new Set() }) };
}

function delivery(key: string, { id } = anna): NewDelivery {
  const message = key.split(".")[0] as MessageId;
  const work = {
    kind: "post",
    conversation: id,
    place: SLACK,
    speaker: { kind: "bridge", name: "SMS" },
    text: key,
    at: 0,
  } as const;
  return { key, lane: `${id}>slack:C1`, target: "slack:C1", urgency: 1, message, work };
}

function entry(id: string, at: number, more: Partial<Entry> = {}): Entry {
  const message = id.split(".")[0] as MessageId;
  return {
    id,
    message,
    conversation: anna.id,
    direction: "in",
    digest: "d",
    at,
    status: "taken",
    echoed: false,
    ...more,
  };
}

function count(file: SqliteFile, table: string): number {
  return Number(file.sql.get(`select count(*) as n from ${table}`)?.["n"]);
}

describe("what was set aside or held", () => {
  it("is kept with its text for 30 days and then discarded; the ledger still knows that there was one", async () => {
    const { store, clock } = opened();
    await store.commit(async (tx) => {
      await tx.queue.addAside(delivery("m1.000"), "set-aside", "refused");
      await tx.queue.addAside(delivery("m2.000"), "held", "a command?");
      await tx.ledger.add(entry("m1.000", clock.now));
    });
    clock.now += 30 * DAY - 1;
    expect(await store.sweep()).toMatchObject({ aside: 0 });
    expect(store.queue.aside()).toHaveLength(2);
    clock.now += 1;
    expect(await store.sweep()).toMatchObject({ aside: 2, ledger: 0 });
    expect(store.queue.aside()).toEqual([]);
  });

  it("is kept so long since it was set aside, not since it came: some is tried for a week", async () => {
    const { store, clock } = opened();
    await store.commit((tx) => tx.queue.add(delivery("m1.000")));
    clock.now += 7 * DAY;
    await store.commit(async (tx) => {
      const [first] = await tx.queue.inLane(delivery("m1.000").lane);
      if (first !== undefined) await tx.queue.postpone([first], clock.now, false);
      await tx.queue.setAside("m1.000", "refused");
    });
    clock.now += 30 * DAY - 1;
    expect(await store.sweep()).toMatchObject({ aside: 0 });
    clock.now += 1;
    expect(await store.sweep()).toMatchObject({ aside: 1 });
  });

  it("begins anew when it was retried", async () => {
    const { store, clock } = opened();
    await store.commit((tx) => tx.queue.addAside(delivery("m1.000"), "set-aside", "refused"));
    clock.now += 29 * DAY;
    await store.commit((tx) => tx.queue.revive("m1.000", clock.now));
    await store.commit((tx) => tx.queue.setAside("m1.000", "refused again"));
    clock.now += 29 * DAY;
    expect(await store.sweep()).toMatchObject({ aside: 0 });
  });
});

describe("what still waits", () => {
  it("stays however old it is, and with it its ledger entry and its conversation", async () => {
    const { store, file, clock } = opened();
    await store.commit(async (tx) => {
      await tx.noteConversation(anna);
      await tx.noteConversation(conversationWith(BEN));
      await tx.ledger.add(entry("m1.000", clock.now));
      await tx.ledger.add(entry("m2.000", clock.now));
      await tx.queue.add(delivery("m1.000"));
    });
    clock.now += 400 * DAY;
    expect(await store.sweep()).toMatchObject({ ledger: 1, conversations: 1 });
    expect(store.conversation(anna.id)).toEqual(anna);
    await store.commit((tx) => tx.queue.withdraw("m1.000"));
    expect(await store.sweep()).toMatchObject({ ledger: 1, conversations: 1 });
    expect([count(file, "ledger"), count(file, "conversations")]).toEqual([0, 0]);
  });
});

describe("a ledger entry", () => {
  it("stays for 60 days", async () => {
    const { store, clock } = opened();
    await store.commit((tx) => tx.ledger.add(entry("m1.000", clock.now)));
    clock.now += 60 * DAY - 1;
    expect(await store.sweep()).toMatchObject({ ledger: 0 });
    clock.now += 1;
    expect(await store.sweep()).toMatchObject({ ledger: 1 });
  });
});

describe("a conversation", () => {
  it("stays while something happens in it, seen to the day", async () => {
    const { store, clock } = opened();
    for (let month = 0; month < 24; month += 1) {
      await store.commit((tx) => tx.noteConversation(anna));
      clock.now += 30 * DAY;
      await store.sweep();
    }
    expect(store.conversation(anna.id)).toEqual(anna);
  });

  it("stays while a text to the contact is known", async () => {
    const { store, clock } = opened();
    await store.commit((tx) => tx.noteConversation(anna));
    clock.now += 170 * DAY;
    await store.commit((tx) => tx.ledger.add(entry("m1.000", clock.now, { direction: "out" })));
    clock.now += 50 * DAY;
    expect(await store.sweep()).toMatchObject({ conversations: 0 });
    clock.now += 20 * DAY;
    expect(await store.sweep()).toMatchObject({ ledger: 1, conversations: 1 });
  });
});

describe("a sweep", () => {
  it("goes in small steps, between which others commit", async () => {
    const { store, file, clock } = opened();
    await store.commit(async (tx) => {
      for (let n = 0; n < 1000; n += 1) await tx.ledger.add(entry(`m${n}.000`, clock.now));
    });
    clock.now += 61 * DAY;
    const left: number[] = [];
    const sweeping = store.sweep().then((swept) => left.push(-swept.ledger));
    for (let others = 0; others < 10; others += 1) left.push(await file.commit(() => count(file, "ledger")));
    await sweeping;
    expect(left.at(-1)).toBe(-1000);
    const steps = left.slice(0, -1).map((each, index) => (left[index - 1] ?? 1000) - each);
    expect(Math.max(...steps)).toBeLessThanOrEqual(100);
    expect(count(file, "ledger")).toBe(0);
  });

  it("ends between two steps when it is told to", async () => {
    const { store, file, clock } = opened();
    await store.commit(async (tx) => {
      for (let n = 0; n < 1000; n += 1) await tx.ledger.add(entry(`m${n}.000`, clock.now));
    });
    clock.now += 61 * DAY;
    const stopped = new AbortController();
    const sweeping = store.sweep(stopped.signal);
    await file.commit(() => stopped.abort());
    expect((await sweeping).ledger).toBeLessThan(500);
  });

  it("leaves nothing in the write-ahead log, and waits for no reader to do that", async () => {
    const path = join(temporaryFolder(), "bridge.db");
    const { store } = opened(path);
    await store.commit((tx) => tx.noteConversation(anna));
    const logSize = (): number => statSync(`${path}-wal`).size;
    expect(logSize()).toBeGreaterThan(0);

    const reader = new LibsqlDatabase(path);
    onTestFinished(() => void reader.close());
    reader.exec("begin");
    reader.prepare("select * from conversations").all();
    await store.commit((tx) => tx.noteConversation(conversationWith(BEN)));
    const since = performance.now();
    await store.sweep();
    expect(performance.now() - since).toBeLessThan(900);
    reader.exec("commit");
    await store.sweep();
    expect(logSize()).toBe(0);
  });
});
