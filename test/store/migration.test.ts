import { join } from "node:path";
import LibsqlDatabase from "libsql";
import { describe, expect, it, onTestFinished } from "vitest";
import { createLinks } from "../../src/links.js";
import type { MessageId, ThreadId } from "../../src/message.js";
import { openSpace } from "../../src/store/keyv-space.js";
import { createKeyvStore } from "../../src/store/keyv-store.js";
import { SCHEMA_VERSION, stepsFrom } from "../../src/store/schema.js";
import { openSqliteFile, type SqliteFile } from "../../src/store/sqlite.js";
import { ANNA, conversationWith, SLACK } from "../fixtures/conversations.js";
import { temporaryFolder } from "../fixtures/folder.js";
import { FILE_OF_VERSION_1 } from "../fixtures/schema-1.js";
import { storeOn } from "../fixtures/store-on.js";

const DAY = 24 * 3_600_000;
const anna = conversationWith(ANNA);

function oldFile(): string {
  const path = join(temporaryFolder(), "bridge.db");
  const database = new LibsqlDatabase(path);
  database.exec(FILE_OF_VERSION_1);
  database.close();
  return path;
}

function opened(path: string): SqliteFile {
  const file = openSqliteFile(path);
  onTestFinished(() => file.close());
  return file;
}

function columnsOf(file: SqliteFile, table: string): unknown[] {
  return file.sql.all("select name from pragma_table_info(?) order by name", [table]).map(({ name }) => name);
}

/** The names of all that the schema makes, in a file, with their columns; indexes as they are made. */
function things(file: SqliteFile): unknown[] {
  return file.sql
    .all("select name, type, sql from sqlite_master where name not like 'sqlite%' order by name")
    .map(({ name, type, sql }) => (type === "index" ? sql : [name, columnsOf(file, String(name))]));
}

describe("a file of version 1", () => {
  it("opens, keeps everything, and is of this version then", async () => {
    const file = opened(oldFile());
    const store = storeOn(file, { owner: "one", clock: { now: Date.now() }, gone: new Set(["gone"]) });
    expect(store.digestKey).toBe("the old secret");
    expect(store.conversation(anna.id)).toEqual(anna);
    expect(await store.commit((tx) => tx.ledger.ofMessage("m2" as MessageId))).toMatchObject([{ pbxId: "99" }]);
    expect(store.queue.next("pbx:7", Date.now(), new Set(), () => 1)).toMatchObject([{ work: { text: "kept" } }]);
    expect(store.queue.aside()).toMatchObject([
      { work: { text: "aside" }, reason: "refused" },
      { work: { kind: "unmatched", message: "m12345678901234567890" } },
    ]);
    expect(await store.commit((tx) => tx.firstTime("slack e1"))).toBe(false);
    expect(file.sql.all("select value from meta where key = 'schema'")).toEqual([{ value: SCHEMA_VERSION }]);
    expect(things(file)).toEqual(things(opened(":memory:")));
  });

  it("opens a second time, and by two processes at once", () => {
    const path = oldFile();
    const [one, other] = [opened(path), opened(path)];
    for (const file of [one, other]) expect(file.sql.all("select id from ledger")).toHaveLength(2);
  });

  it("has its threads and conversations begin to age with that day, and what must stay for ever stays", async () => {
    const file = opened(oldFile());
    const clock = { now: Date.now() + 170 * DAY };
    const store = storeOn(file, { owner: "one", clock, gone: new Set() });
    const links = createLinks(
      (name) =>
        openSpace(
          createKeyvStore(file, () => clock.now),
          name,
          () => {},
        ),
      {
        keepDays: 180,
        now: () => clock.now,
      },
    );
    const look = async () => [
      (await links.thread(anna.id, SLACK))?.thread,
      await links.conversationOf("slack", "T1" as ThreadId),
      store.conversation(anna.id)?.id,
    ];
    await store.sweep();
    expect(await look()).toEqual(["T1", anna.id, anna.id]);
    clock.now += 30 * DAY;
    await store.commit((tx) => tx.queue.withdraw("m3.000"));
    await store.sweep();
    expect(await look()).toEqual([undefined, undefined, undefined]);
    expect(file.sql.all("select key from links")).toEqual([{ key: "adapter-telegram:offset" }]);
  });
});

it("steps lead from every version to this one, and from no other", () => {
  expect(stepsFrom(SCHEMA_VERSION)).toEqual([]);
  for (let version = 1; version < Number(SCHEMA_VERSION); version += 1)
    expect(stepsFrom(String(version))).toHaveLength(Number(SCHEMA_VERSION) - version);
  for (const foreign of ["0", "99", "undefined", ""]) expect(stepsFrom(foreign)).toBeUndefined();
});
