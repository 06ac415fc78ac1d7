import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import LibsqlDatabase from "libsql";
import { describe, expect, it, onTestFinished } from "vitest";
import { StoreUnavailable } from "../../src/errors.js";
import { openSqliteFile, type SqliteFile } from "../../src/store/sqlite.js";
import { temporaryFolder } from "../fixtures/folder.js";

const INSERT = "insert into meta (key, value) values (?, ?)";

function opened(path = join(temporaryFolder(), "bridge.db")): { file: SqliteFile; path: string } {
  const file = openSqliteFile(path);
  onTestFinished(() => file.close());
  return { file, path };
}

function keys(file: SqliteFile): string[] {
  return file.sql.all("select key from meta where key <> 'schema' order by key").map((row) => String(row["key"]));
}

/** What another process sees: only what is committed. */
function onDisk(path: string): number {
  const other = new LibsqlDatabase(path);
  try {
    return other.prepare("select key from meta where key <> 'schema'").all().length;
  } finally {
    other.close();
  }
}

/** Changes whenever another connection has committed. */
function dataVersion(connection: LibsqlDatabase.Database): unknown {
  const row: unknown = connection.prepare("pragma data_version").get();
  return typeof row === "object" && row !== null && "data_version" in row ? row.data_version : undefined;
}

describe("a SQLite file", () => {
  it("is in WAL mode, waits for the disk at every commit, and wipes and gives back what is deleted", () => {
    const { sql } = opened().file;
    expect(sql.get("pragma journal_mode")).toMatchObject({ journal_mode: "wal" });
    expect(sql.get("pragma synchronous")).toMatchObject({ synchronous: 2 });
    expect(sql.get("pragma auto_vacuum")).toMatchObject({ auto_vacuum: 2 });
    expect(sql.get("pragma secure_delete")).toMatchObject({ secure_delete: 1 });
  });

  it("makes the folder it is in", () => {
    const path = join(temporaryFolder(), "a", "b", "bridge.db");
    expect(() => opened(path)).not.toThrow();
  });
});

describe("commits of one turn of the event loop", () => {
  it("are one transaction", async () => {
    const { file, path } = opened();
    const watcher = new LibsqlDatabase(path);
    onTestFinished(() => void watcher.close());
    const versions = new Set([dataVersion(watcher)]);
    const commits = Array.from({ length: 200 }, (_, index) =>
      file.commit((sql) => sql.run(INSERT, [`k${index}`, ""])).then(() => versions.add(dataVersion(watcher))),
    );
    await Promise.all(commits);
    expect(versions.size).toBe(2);
    expect(onDisk(path)).toBe(200);
  });

  it("are told only once they are on disk", async () => {
    const { file, path } = opened();
    const seen = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        file.commit((sql) => sql.run(INSERT, [`k${index}`, ""])).then(() => onDisk(path)),
      ),
    );
    expect(seen).toEqual(Array.from({ length: 20 }, () => 20));
  });

  it("are not seen by others before that", async () => {
    const { file, path } = opened();
    const within = await file.commit((sql) => {
      sql.run(INSERT, ["k", ""]);
      return onDisk(path);
    });
    expect(within).toBe(0);
  });

  it("keep the order in which they were asked for, also from one turn to the next", async () => {
    const { file } = opened();
    const order: string[] = [];
    const add = (key: string): Promise<number> => file.commit(() => order.push(key));
    const first = add("a").then(() => add("c"));
    await Promise.all([first, add("b")]);
    expect(order).toEqual(["a", "b", "c"]);
  });

  it("are finished before the file is closed", async () => {
    const { file, path } = opened();
    const commit = file.commit((sql) => sql.run(INSERT, ["k", ""]));
    await file.close();
    await expect(commit).resolves.toBe(1);
    expect(onDisk(path)).toBe(1);
  });

  it("reject once it is closed", async () => {
    const { file } = opened();
    await file.close();
    await expect(file.commit((sql) => sql.run(INSERT, ["k", ""]))).rejects.toThrow(StoreUnavailable);
  });
});

describe("a work that fails", () => {
  const failures: readonly [string, (file: SqliteFile) => Promise<unknown>, RegExp][] = [
    [
      "throws",
      ({ commit }) => commit((sql) => (sql.run(INSERT, ["bad", ""]), Promise.reject(new Error("ours")))),
      /ours/,
    ],
    ["breaks a constraint", ({ commit }) => commit((sql) => sql.run(INSERT, ["bad", null])), /NOT NULL/],
    ["speaks wrong SQL", ({ commit }) => commit((sql) => sql.run("insert into nowhere values (1)")), /no such table/],
  ];

  it.each(failures)("undoes and rejects itself alone when it %s", async (_, fail, message) => {
    const { file, path } = opened();
    const before = file.commit((sql) => sql.run(INSERT, ["before", ""]));
    const failed = fail(file).catch((error: unknown) => error);
    const after = file.commit((sql) => sql.run(INSERT, ["after", ""]));
    await Promise.all([before, after]);
    const error = await failed;
    expect(error).not.toBeInstanceOf(StoreUnavailable);
    expect(String(error)).toMatch(message);
    expect(onDisk(path)).toBe(2);
    expect(keys(file)).toEqual(["after", "before"]);
  });
});

describe("a store that cannot be written", () => {
  it("rejects everything of the turn while the disk is full, says so, and goes on once there is room", async () => {
    const { file, path } = opened();
    const pages = Number(file.sql.get("pragma page_count")?.["page_count"]);
    file.sql.get(`pragma max_page_count = ${pages}`);
    const small = file.commit((sql) => sql.run(INSERT, ["small", ""]));
    const big = file.commit((sql) => {
      for (let index = 0; index < 50; index += 1) sql.run(INSERT, [`big${index}`, "x".repeat(1000)]);
    });
    const failures = await Promise.allSettled([small, big]);
    for (const failure of failures) {
      expect(failure).toMatchObject({ status: "rejected", reason: expect.any(StoreUnavailable) as unknown });
      expect(failure).toMatchObject({ reason: { message: expect.stringContaining("full") as unknown } });
    }
    expect(onDisk(path)).toBe(0);

    file.sql.get("pragma max_page_count = 100000");
    await file.commit((sql) => sql.run(INSERT, ["later", "x".repeat(50_000)]));
    expect(onDisk(path)).toBe(1);
  });

  it("rejects while the file is read-only and goes on afterwards", async () => {
    const { file, path } = opened();
    file.sql.get("pragma query_only = on");
    await expect(file.commit((sql) => sql.run(INSERT, ["k", ""]))).rejects.toThrow(StoreUnavailable);
    file.sql.get("pragma query_only = off");
    await file.commit((sql) => sql.run(INSERT, ["k", ""]));
    expect(onDisk(path)).toBe(1);
  });
});

describe("a file that cannot be used", () => {
  const bytes = (path: string): string => readFileSync(path).toString("base64");

  it("is named, with the remedy, and stays as it is when it is damaged", () => {
    const path = join(temporaryFolder(), "bridge.db");
    writeFileSync(path, "this was a database once".repeat(400));
    const before = bytes(path);
    expect(() => openSqliteFile(path)).toThrow(StoreUnavailable);
    expect(() => openSqliteFile(path)).toThrow(/bridge\.db.*not a database.*restore a backup/s);
    expect(bytes(path)).toBe(before);
  });

  it("is refused and stays as it is when another version wrote it", () => {
    const path = join(temporaryFolder(), "bridge.db");
    const newer = new LibsqlDatabase(path);
    newer.exec("create table meta (key text primary key, value text); insert into meta values ('schema', '99')");
    newer.close();
    const before = bytes(path);
    expect(() => openSqliteFile(path)).toThrow(/another version.*99.*storage/s);
    expect(bytes(path)).toBe(before);
  });

  it("is refused and stays as it is when it belongs to another program", () => {
    const path = join(temporaryFolder(), "bridge.db");
    const foreign = new LibsqlDatabase(path);
    foreign.exec("create table customers (name text)");
    foreign.close();
    const before = bytes(path);
    expect(() => openSqliteFile(path)).toThrow(/another program/);
    expect(bytes(path)).toBe(before);
  });

  it("is named when its folder cannot be made", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "");
    expect(() => openSqliteFile(join(folder, "file", "bridge.db"))).toThrow(StoreUnavailable);
  });
});
