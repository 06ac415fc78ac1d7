/** What the bridge asks of its tables as it goes takes an index: no statement reads through all that there is. */
import { expect, onTestFinished, test } from "vitest";
import type { Entry } from "../../src/ledger.js";
import type { MessageId } from "../../src/message.js";
import type { Batch, NewDelivery } from "../../src/queue/port.js";
import type { Store, Transaction } from "../../src/store/port.js";
import type { Sql, SqlValue } from "../../src/store/sql.js";
import { openSqliteFile, type SqliteFile } from "../../src/store/sqlite.js";
import { ANNA, conversationWith, SLACK } from "../fixtures/conversations.js";
import { storeOn } from "../fixtures/store-on.js";

const anna = conversationWith(ANNA);
const message = "m00000000000000000000" as MessageId;
const LANE = "lane";

const entry = (id: string, pbxId?: string): Entry => ({
  ...{ id, message, conversation: anna.id, direction: "out", digest: "d", at: 5, status: "queued", echoed: false },
  ...(pbxId === undefined ? {} : { pbxId }),
});

const delivery = (key: string): NewDelivery => ({
  ...{ key, lane: LANE, target: "t", urgency: 1, message },
  work: { kind: "card", conversation: anna.id, place: SLACK },
});

/** The file, and the statements that were made on it, each with the values of its first time. */
function watched(file: SqliteFile): { file: SqliteFile; asked: ReadonlyMap<string, readonly SqlValue[]> } {
  const asked = new Map<string, readonly SqlValue[]>();
  const sql = new Proxy(file.sql, {
    get: (target, name: keyof Sql) => (text: string, values: readonly SqlValue[]) => {
      if (!asked.has(text)) asked.set(text, values ?? []);
      return target[name](text, values);
    },
  });
  return { asked, file: { ...file, sql, commit: (work) => file.commit(() => work(sql)) } };
}

const whileWriting: readonly ((tx: Transaction, batch: Batch) => Promise<unknown>)[] = [
  (tx) => tx.noteConversation(anna),
  (tx) => tx.conversation(anna.id),
  (tx) => tx.firstTime("slack 1"),
  (tx) => tx.note("x"),
  (tx) => tx.ledger.add(entry(`${message}.000`, "p1")),
  (tx) => tx.ledger.get(`${message}.000`),
  (tx) => tx.ledger.outgoing(anna.id, 0),
  (tx) => tx.ledger.equal(entry(`${message}.000`), 0),
  (tx) => tx.ledger.unlisted(anna.extension, 0),
  (tx) => tx.ledger.withPbxIds(anna.extension, ["p1"]),
  (tx) => tx.ledger.ofMessage(message),
  (tx) => tx.ledger.change(`${message}.000`, { status: "sent" }),
  (tx) => tx.ledger.restart(`${message}.000`, "m1" as MessageId),
  (tx) => tx.ledger.forget(message),
  (tx, batch) => tx.queue.begin(batch, 5),
  (tx, batch) => tx.queue.postpone(batch, 9, true),
  (tx) => tx.queue.hasten(LANE, 6),
  (tx, batch) => tx.queue.putOff(batch, 9),
  (tx) => tx.queue.setAside("k1", "why"),
  (tx) => tx.queue.revive("k1", 6),
  (tx) => tx.queue.revise("k2", delivery("k2").work),
  (tx) => tx.queue.behind("k1"),
  (tx) => tx.queue.putLast("k2"),
  (tx) => tx.queue.ofMessage(message),
  (tx) => tx.queue.waits(LANE, "t"),
  (tx) => tx.queue.inLane(LANE),
  (tx, [{ id }]) => tx.queue.isStill({ id, state: "held" }),
  (tx) => tx.queue.withdraw("k2"),
  (tx) => tx.queue.replace(delivery("k4")),
  (tx, batch) => tx.queue.finish(batch, 9),
  (tx, batch) => tx.queue.finish(batch),
  (tx) => tx.queue.erase("k3"),
  (tx) => tx.queue.release(),
  (tx) => tx.forgetConversation(anna.id),
];

const whileReading: readonly ((store: Store) => unknown)[] = [
  ({ queue }) => queue.next("t", 9, new Set(["other"]), () => 2),
  ({ queue }) => queue.nextDue("t", new Set()),
  ({ queue }) => queue.begun("t"),
  ({ queue }) => queue.inLane(LANE, 1),
  ({ queue }) => queue.aside(10),
  (store) => store.conversation(anna.id),
  (store) => store.conversationsSince(5),
  (store) => store.wasTaken("slack 1"),
];

/** Whatever reads a table from one end to the other or from some row on; an index that holds nothing but what is asked for may be. */
function isSlow(detail: string): boolean {
  if (detail.endsWith("USING INDEX deliveries_aside")) return false;
  return /^SCAN (deliveries|ledger|conversations|seen|links|lanes)\b/.test(detail) || detail.endsWith("(rowid>?)");
}

test("every statement of the usual work finds its rows by an index", async () => {
  const { file, asked } = watched(openSqliteFile(":memory:"));
  onTestFinished(() => file.close());
  const store = storeOn(file, { owner: "one", clock: { now: 5 }, gone: new Set() });
  await store.commit(async (tx) => {
    for (const key of ["k1", "k2", "k3"]) await tx.queue.add(delivery(key));
  });
  const batch = store.queue.next("t", 9, new Set(), () => 1);
  if (batch === undefined) throw new Error("nothing waits");
  await store.commit(async (tx) => {
    for (const write of whileWriting) await write(tx, batch);
  });
  for (const read of whileReading) read(store);

  expect(asked.size).toBeGreaterThan(50);
  const slow = [...asked]
    .filter(([text]) => !/^(pragma|begin|commit)/.test(text))
    .flatMap(([text, values]) =>
      file.sql
        .all(`explain query plan ${text}`, values)
        .map((row) => String(row["detail"]))
        .filter(isSlow)
        .map((detail) => `${detail}: ${text}`),
    );
  expect(slow).toEqual([]);
});
