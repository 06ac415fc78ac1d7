/** A database that is damaged, or none: said at the start or when it is met, and never written over. */
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import LibsqlDatabase from "libsql";
import { describe, expect, it } from "vitest";
import { StoreUnavailable } from "../../src/errors.js";
import { createSqliteStore } from "../../src/store/sqlite-store.js";
import { openSqliteFile } from "../../src/store/sqlite.js";
import { temporaryFolder } from "../fixtures/folder.js";
import { RETENTION, storeOn } from "../fixtures/store-on.js";
import { delivery } from "../fixtures/working.js";

const PAGE = 4096;
const CLOCK = { now: 1_800_000_000_000 };

/** A database with some hundred deliveries, all in its file; or left as by a kill, with a write-ahead log. */
async function filled(how: "whole" | "killed" = "whole"): Promise<string> {
  const path = join(temporaryFolder(), "bridge.db");
  const file = openSqliteFile(path);
  const store = storeOn(file, { owner: "one", clock: CLOCK, gone: new Set() });
  for (let round = 0; round < 30; round += 1)
    await store.commit(async (tx) => {
      for (let index = 0; index < 20; index += 1)
        await tx.queue.add(delivery(`k${round}.${index}.${"x".repeat(300)}`, `l${round}`));
    });
  if (how === "whole") {
    file.sql.all("pragma wal_checkpoint(truncate)");
    await store.close();
    return path;
  }
  const copy = join(temporaryFolder(), "bridge.db");
  for (const end of ["", "-wal"]) copyFileSync(`${path}${end}`, `${copy}${end}`);
  await store.close();
  return copy;
}

function flip(path: string, from: number, bytes = 16): void {
  const content = readFileSync(path);
  for (let at = from; at < from + bytes; at += 1) content[at] = (content[at] ?? 0) ^ 0xff;
  writeFileSync(path, content);
}

const hashes = (path: string): string[] =>
  ["", "-wal"].map((end) =>
    existsSync(path + end)
      ? createHash("sha256")
          .update(readFileSync(path + end))
          .digest("hex")
      : "none",
  );

describe("at the start", () => {
  it.each<[string, "whole" | "killed", (path: string) => void, RegExp]>([
    ["a damaged header", "whole", (path) => flip(path, 0), /not a database/],
    ["a file cut off in the middle", "whole", (path) => truncateSync(path, 20 * PAGE), /its end is missing/],
    ["a file cut off within its first page", "whole", (path) => truncateSync(path, 1000), /its end is missing/],
    ["a file emptied beside its log", "killed", (path) => truncateSync(path, 0), /empty, while its write-ahead log/],
    ["a log with a damaged header", "killed", (path) => flip(`${path}-wal`, 8), /beginning of its write-ahead log/],
    [
      "a log damaged in the middle",
      "killed",
      (path) => flip(`${path}-wal`, Math.floor(readFileSync(`${path}-wal`).length / 2)),
      /log is damaged in the middle/,
    ],
    [
      "something that never was a database",
      "whole",
      (path) => writeFileSync(path, "notes\n".repeat(900)),
      /not a database/,
    ],
  ])("%s is named with the remedy, and stays as it is", async (_, how, damage, message) => {
    const path = await filled(how);
    damage(path);
    const before = hashes(path);
    for (let time = 0; time < 2; time += 1) {
      expect(() => openSqliteFile(path)).toThrow(StoreUnavailable);
      expect(() => openSqliteFile(path)).toThrow(message);
      expect(() => openSqliteFile(path)).toThrow(/bridge\.db: .*restore a backup/s);
    }
    expect(hashes(path)).toEqual(before);
  });

  it("a folder in its place is named", () => {
    const path = join(temporaryFolder(), "bridge.db");
    mkdirSync(path);
    expect(() => openSqliteFile(path)).toThrow(StoreUnavailable);
  });

  it("an empty file holds nothing to be lost: it is a first start", async () => {
    const path = join(temporaryFolder(), "bridge.db");
    writeFileSync(path, "");
    const file = openSqliteFile(path);
    await expect(file.commit((sql) => sql.run("update meta set value = value"))).resolves.toBe(1);
    await file.close();
  });

  it.each([
    ["whole", (wal: string) => readFileSync(wal).length],
    ["with a last write that broke off", (wal: string) => readFileSync(wal).length - 5000],
    ["with a header alone", () => 32],
    ["with half a header", () => 10],
  ])("a log as a kill leaves it, %s, is no damage", async (_, length) => {
    const path = await filled("killed");
    truncateSync(`${path}-wal`, length(`${path}-wal`));
    const file = openSqliteFile(path);
    expect(file.sql.get("pragma integrity_check")).toMatchObject({ integrity_check: "ok" });
    await file.close();
  });
});

describe("while the bridge runs", () => {
  it("damage that is met stops every write, says so, and keeps the rest of the file", async () => {
    const path = await filled();
    // All but the ends of the file, which the start reads.
    const pages = readFileSync(path).length / PAGE;
    for (let page = 25; page < pages - 15; page += 1) flip(path, page * PAGE, 200);
    const file = openSqliteFile(path);
    const store = createSqliteStore(file, {
      now: () => CLOCK.now,
      lease: { owner: "one", ms: 30_000, gone: () => false },
      newSecret: () => "secret",
      retention: RETENTION,
    });
    const add = (key: string) => store.commit((tx) => tx.queue.add(delivery(key, key)));
    const results = await Promise.allSettled(Array.from({ length: 40 }, (_, index) => add(`k${index}.new`)));
    const refused = results.filter(({ status }) => status === "rejected");
    expect(refused.length).toBeGreaterThan(0);
    for (const result of refused)
      expect(result).toMatchObject({
        reason: { name: "StoreUnavailable", message: expect.stringMatching(/damaged/) as unknown },
      });
    await expect(store.probe()).rejects.toThrow(/database is damaged.*Stop this program.*backup/s);
    await expect(add("one more")).rejects.toThrow(StoreUnavailable);
    const after = hashes(path);
    await expect(add("one more")).rejects.toThrow(StoreUnavailable);
    expect(hashes(path)).toEqual(after);
    await store.close();
  });
});

it("a file of another program or a newer version stays as it is, its log too", async () => {
  const path = join(temporaryFolder(), "bridge.db");
  const newer = new LibsqlDatabase(path);
  newer.exec("create table meta (key text primary key, value text); insert into meta values ('schema', '99')");
  newer.close();
  const before = hashes(path);
  expect(() => openSqliteFile(path)).toThrow(/another version/);
  expect(hashes(path)).toEqual(before);
});
