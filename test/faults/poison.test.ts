/** What cannot be read or done, for ever: it is set aside with a log line, and everything before, behind and beside it goes on. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { GiveUp } from "../../src/errors.js";
import { openStorage } from "../../src/storage.js";
import { openSqliteFile } from "../../src/store/sqlite.js";
import { ANNA, BEN } from "../fixtures/conversations.js";
import { startBridge } from "../fixtures/bridge.js";
import { temporaryFolder } from "../fixtures/folder.js";
import { RETENTION } from "../fixtures/store-on.js";

/** Four texts of two contacts wait; what the second of Anna's is, in the database, is replaced by `body`. */
async function withPoison(body: string) {
  const file = openSqliteFile(":memory:");
  const bridge = await startBridge({ file });
  for (const [text, contact] of [["one"], ["two"], ["three"], ["four", BEN]] as const)
    await bridge.receive(text, contact);
  const poisoned = file.sql.run("update deliveries set body = ? where body like '%\"two\"%' and target like 'slack%'", [
    body,
  ]);
  expect(poisoned).toBe(1);
  return { file, bridge };
}

const BODIES = {
  "broken JSON": '{"kind":"post","text":"tw',
  "JSON that is no object": "[]",
  "a kind of a newer version": '{"kind":"fax","text":"two"}',
  "the name of something every object has": '{"kind":"constructor"}',
  "a post without what a post needs": '{"kind":"post"}',
  "a text without what a text needs": '{"kind":"text"}',
  "a person's words without an event": '{"kind":"heard","platform":"slack"}',
  "a mark without a place": '{"kind":"mark"}',
  "a text that no line lists, without the text": '{"kind":"unmatched"}',
} as const;

describe("a delivery in the database that cannot be read", () => {
  it.each(Object.entries(BODIES))("(%s) is set aside and logged; its lane and all others go on", async (_, body) => {
    const { bridge, file } = await withPoison(body);
    await bridge.run(60_000);
    expect(bridge.slack.lines().toSorted()).toEqual(["+15550111: one", "+15550111: three", "+15550122: four"]);
    expect(bridge.telegram.lines().toSorted()).toEqual(
      ["one", "two", "three"]
        .map((text) => `+15550111: ${text}`)
        .concat("+15550122: four")
        .toSorted(),
    );
    expect(bridge.warnings.concat(bridge.errors).length).toBeGreaterThan(0);
    expect(bridge.store.queue.aside()).toHaveLength(1);
    expect(bridge.store.queue.counts().waiting).toEqual([]);
    // It stays as it is: another version may be able to read it.
    expect(file.sql.get("select body from deliveries")).toMatchObject({ body });
  });

  it("is found at the start of the bridge too, and still keeps its words when it is tried again", async () => {
    const body = BODIES["a kind of a newer version"];
    const { bridge, file } = await withPoison(body);
    file.sql.run("update deliveries set body = ? where target like 'slack%'", [body]);
    await bridge.worker.stop(0);
    const next = await startBridge({ file, world: bridge.world });
    await next.run(60_000);
    expect(next.telegram.lines()).toHaveLength(4);
    const [first] = next.store.queue.aside();
    await next.store.commit(async (tx) => void (await tx.queue.revive(first?.key ?? "", next.clock.now())));
    await next.run(60_000);
    expect(next.store.queue.aside()).toHaveLength(4);
    expect(file.sql.all("select distinct body from deliveries")).toMatchObject([{ body }]);
  });

  it("is listed and counted, and can be discarded", async () => {
    const { bridge } = await withPoison(BODIES["broken JSON"]);
    await bridge.run(60_000);
    const [aside] = bridge.store.queue.aside();
    expect(aside?.reason).toMatch(/cannot be read.*newer version.*discard/s);
    expect(await bridge.store.commit((tx) => tx.queue.withdraw(aside?.key ?? ""))).toBe(true);
    expect(bridge.store.queue.aside()).toEqual([]);
  });
});

describe("an entry of the ledger that cannot be read", () => {
  it("keeps a failure from being told in the thread, but not its lane from going on", async () => {
    const file = openSqliteFile(":memory:");
    const bridge = await startBridge({ file, rules: { undoSeconds: 5 } });
    await bridge.receive("hello");
    await bridge.run();
    bridge.pbx.script.fail("send", new GiveUp("no credit left"));
    await bridge.write("slack", "a reply");
    await bridge.run();
    expect(file.sql.run("update ledger set origin = '{' where direction = 'out'")).toBe(1);
    await bridge.write("slack", "the next");
    await bridge.run(10_000);
    expect(bridge.pbx.words()).toEqual(["the next"]);
    expect(bridge.store.queue.aside()).toMatchObject([{ reason: "no credit left", work: { text: "a reply" } }]);
    expect(bridge.errors).toHaveLength(1);
  });
});

describe("a link that cannot be read", () => {
  const withBrokenLink = async (namespace: string) => {
    const file = openSqliteFile(":memory:");
    const bridge = await startBridge({ file });
    await bridge.receive("one");
    await bridge.receive("one", BEN);
    await bridge.run();
    const ofAnna = "(key like '%15550111%' or value like '%15550111%' or namespace = 'shown')";
    expect(
      file.sql.run(`update links set value = '{"val' where namespace = ? and ${ofAnna}`, [namespace]),
    ).toBeGreaterThan(0);
    return { file, bridge };
  };

  it.each(["threads", "conversations", "posts", "shown"])("(%s) holds up no other conversation", async (namespace) => {
    const { bridge } = await withBrokenLink(namespace);
    for (const contact of [ANNA, BEN]) await bridge.receive("two", contact);
    await bridge.write("slack", "to Ben");
    await bridge.run(60_000);
    expect(bridge.slack.lines()).toContain("+15550122: two");
    expect(bridge.pbx.words()).toEqual(["to Ben"]);
  });

  it("costs a conversation a new thread, not its texts", async () => {
    const { bridge } = await withBrokenLink("threads");
    await bridge.receive("two");
    await bridge.run(60_000);
    expect(bridge.slack.lines()).toContain("+15550111: two");
    expect(bridge.slack.threads).toHaveLength(3);
    expect(bridge.store.queue.counts()).toEqual({ waiting: [], aside: 0 });
  });

  it("is forgotten where an adapter keeps what it can find out anew, and logged", async () => {
    const path = join(temporaryFolder(), "bridge.db");
    const errors: object[] = [];
    const logger = { debug() {}, info() {}, warn() {}, error: (fields: object) => void errors.push(fields) };
    const open = () =>
      openStorage({ storage: `sqlite:${path}`, retention: RETENTION }, { logger, now: Date.now, secret: () => "s" });
    const before = await open();
    await before.memory("telegram").set("offset", "7");
    await before.close();
    const file = openSqliteFile(path);
    await file.commit((sql) => sql.run("update links set value = '{'"));
    await file.close();
    const after = await open();
    expect(await after.memory("telegram").get("offset")).toBeUndefined();
    expect(errors).toHaveLength(1);
    await after.close();
  });
});
