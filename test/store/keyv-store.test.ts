import { join } from "node:path";
import keyvTestSuite, { keyvIteratorTests, keyvNamespaceTest } from "@keyv/test-suite";
import KeyvModule, { Keyv } from "keyv";
import * as vitest from "vitest";
import { StoreUnavailable } from "../../src/errors.js";
import { createKeyvStore } from "../../src/store/keyv-store.js";
import { openSqliteFile, type SqliteFile } from "../../src/store/sqlite.js";
import { temporaryFolder } from "../fixtures/folder.js";

const { afterEach, beforeEach, describe, expect, it } = vitest;

let file: SqliteFile;
let path: string;
beforeEach(() => {
  path = join(temporaryFolder(), "bridge.db");
  file = openSqliteFile(path);
});
afterEach(() => file.close());

const store = () => createKeyvStore(file, Date.now);

function space<T>(namespace: string): Keyv<T> {
  return new Keyv<T>({ store: store(), namespace, throwOnErrors: true }).on("error", () => {});
}

describe("Keyv's own suite", () => {
  keyvTestSuite(vitest, KeyvModule, store);
  keyvNamespaceTest(vitest, KeyvModule, store);
  keyvIteratorTests(vitest, KeyvModule, store);
});

describe("a namespace", () => {
  it("keeps its rows when another is cleared", async () => {
    const [posts, threads] = [space<string>("posts"), space<string>("threads")];
    await posts.set("1", "post");
    await threads.set("1", "thread");
    await posts.clear();
    expect([await posts.get("1"), await threads.get("1")]).toEqual([undefined, "thread"]);
  });

  it("gives only its own rows to whoever goes through them", async () => {
    const [posts, shown] = [space<string>("posts"), space<string>("shown")];
    await posts.set("1", "post");
    await shown.set("posts:1", "shown");
    const rows: unknown[] = [];
    for await (const row of posts.iterator?.(undefined) ?? []) rows.push(row);
    expect(rows).toEqual([["1", "post"]]);
  });

  it("finds keys that begin with its own name", async () => {
    const posts = space<string>("posts");
    await posts.set("posts:1", "x");
    expect(await posts.get("posts:1")).toBe("x");
  });
});

describe("a value", () => {
  it("is on disk once `set` has resolved, and is there after the file was closed and opened", async () => {
    await space<{ a: string }>("posts").set("k", { a: "ü\u0000👩‍👩‍👧" });
    await file.close();
    file = openSqliteFile(path);
    expect(await space("posts").get("k")).toEqual({ a: "ü\u0000👩‍👩‍👧" });
  });

  it("that is written twice at once is the one written last", async () => {
    const posts = space<number>("posts");
    await Promise.all([posts.set("k", 1), posts.set("k", 2), posts.set("k", 3)]);
    expect(await posts.get("k")).toBe(3);
  });

  it("that has run out is not given, and loses its end when written again without one", async () => {
    let now = Date.now();
    const keyv = createKeyvStore(file, () => now);
    await keyv.set("k", "v", 1000);
    now += 1001;
    expect(await keyv.get("k")).toBeUndefined();
    await keyv.set("k", "v");
    now += 1e12;
    expect(await keyv.get("k")).toBe("v");
  });
});

describe("a sick store", () => {
  it("rejects reading and writing instead of looking empty", async () => {
    const posts = space<string>("posts");
    await posts.set("k", "v");
    file.sql.get("pragma query_only = on");
    await expect(posts.set("k", "w")).rejects.toThrow(StoreUnavailable);
    await expect(posts.delete("k")).rejects.toThrow(StoreUnavailable);
    file.sql.get("pragma query_only = off");
    await file.close();
    await expect(posts.get("k")).rejects.toThrow(StoreUnavailable);
  });
});
