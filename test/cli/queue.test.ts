/** `queue`, on a real file: what `all` means, and what it does not. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { expect, test } from "vitest";
import { queueCommand } from "../../src/cli/queue.js";
import { digestOf } from "../../src/ledger.js";
import type { ConversationId, MessageId } from "../../src/message.js";
import { unmatchedReason } from "../../src/deliver/unmatched.js";
import type { TextOut, Unmatched } from "../../src/queue/work.js";
import type { Transaction } from "../../src/store/port.js";
import type { Sql } from "../../src/store/sql.js";
import { openSqliteFile } from "../../src/store/sqlite.js";
import { temporaryFolder } from "../fixtures/folder.js";
import { storeOn } from "../fixtures/store-on.js";
import { delivery } from "../fixtures/working.js";

/** A file with two deliveries that gave up (1 and 2), and a text that waits for somebody's decision (3). */
async function queueOfThree() {
  const { queue } = await queueOn(async (tx) => {
    await tx.queue.addAside(delivery("a", "one"), "set-aside", "No credit left.");
    await tx.queue.addAside(delivery("b", "two"), "set-aside", "No credit left.");
    await tx.queue.addAside(delivery("c", "three"), "held", "It looks like a command.");
  });
  return queue;
}

/** The command on a file that holds what is `put` there; `store` reads it. */
async function queueOn(put: (tx: Transaction) => Promise<void>) {
  const folder = temporaryFolder();
  const config = join(folder, "config.yaml");
  writeFileSync(
    config,
    `storage: "sqlite:${folder}/bridge.db"
pbx: { url: http://127.0.0.1:9, clientId: a, clientSecret: b, events: { secret: 0123456789abcdef, register: false } }
telegram: { botToken: "1:a" }
lines: [{ name: Sales, extension: 7, to: [{ telegram: -100987 }] }]`,
  );
  const store = async <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => {
    const file = openSqliteFile(join(folder, "bridge.db"));
    const opened = storeOn(file, { owner: "one", clock: { now: 0 }, gone: new Set() });
    const done = await opened.commit(work);
    await opened.close();
    return done;
  };
  await store(put);
  const queue = async (...words: string[]) => queueWhile(() => {}, ...words);
  /** `meanwhile`: each time when something is told. */
  const queueWhile = async (meanwhile: (sql: Sql) => void, ...words: string[]) => {
    const told = { code: 0, out: "", err: "" };
    const command = queueCommand({
      stdout(text) {
        told.out += text;
        const file = openSqliteFile(join(folder, "bridge.db"));
        meanwhile(file.sql);
        void file.close();
      },
      stderr: (text) => void (told.err += text),
      exit: (code) => void (told.code = code),
    });
    await new Command().addCommand(command).parseAsync(["queue", ...words, "--config", config], { from: "user" });
    return told;
  };
  return { store, queue, queueWhile };
}

const WAITS = "Left as they are, since somebody has to decide on each: 3. Name the numbers to do so here.\n";

test("retry all takes what gave up, and leaves what nobody has decided on", async () => {
  const queue = await queueOfThree();
  expect(await queue("retry", "all")).toEqual({
    code: 0,
    out: `1 will be tried again\n2 will be tried again\n${WAITS}`,
    err: "",
  });
  expect((await queue("list")).out).toMatch(/^3 .* held .*\n.*\n$/);
  expect(await queue("retry", "3")).toEqual({ code: 0, out: "3 will be tried again\n", err: "" });
  expect((await queue("list")).out).toBe("Nothing has been set aside.\n");
});

const MEANWHILE = {
  "edited, so that it is asked about": "update deliveries set id = 9, state = 'held' where id = 2",
  "tried again by a button": "update deliveries set id = 9, number = 2, state = 'waiting' where id = 2",
  "tried again, and sent": "update deliveries set id = 9, number = 2, state = 'done' where id = 2",
};

test.each(Object.entries(MEANWHILE))("what was listed and then %s is left as it is", async (_, change) => {
  for (const name of ["retry", "discard"]) {
    const { queueWhile, store } = await queueOn(async (tx) => {
      for (const key of ["a", "b"]) await tx.queue.addAside(delivery(key, "one"), "set-aside", "No credit left.");
    });
    const { out } = await queueWhile((sql) => sql.run(change), name, "all");
    expect(out).toContain("2 was changed or decided on meanwhile; nothing was done. See: queue list\n");
    const left = await store(async (tx) => tx.queue.erase("b"));
    expect(left).toBe(true);
  }
});

test("discard all likewise", async () => {
  const queue = await queueOfThree();
  expect((await queue("discard", "all")).out).toBe(`1 was discarded\n2 was discarded\n${WAITS}`);
  expect((await queue("discard", "all")).out).toBe(WAITS);
  expect((await queue("discard", "3")).out).toBe("3 was discarded\n");
  expect((await queue("retry", "all")).out).toBe("Nothing has been set aside.\n");
});

test("what is tried again and gives up once more has the number that it had", async () => {
  const { store, queue } = await queueOn(async (tx) => {
    for (const key of ["a", "b"]) await tx.queue.addAside(delivery(key, "one"), "set-aside", "No credit left.");
  });
  expect((await queue("retry", "1")).out).toBe("1 will be tried again\n");
  await store((tx) => tx.queue.setAside("a", "Still none."));
  expect((await queue("list")).out).toMatch(/^1 .*\n.*Still none\.$/m);
  expect((await queue("discard", "1")).out).toBe("1 was discarded\n");
  expect((await queue("list")).out).toMatch(/^2 .*\n.*\n$/);
});

test("what waits is counted by its target where that is asked for", async () => {
  const { queue } = await queueOn(async (tx) => {
    for (const key of ["a", "b"]) await tx.queue.add(delivery(key, "one"));
  });
  expect((await queue("list")).out).toBe("Nothing has been set aside.\n");
  expect((await queue("list", "--waiting")).out).toMatch(
    /^Nothing has been set aside\.\nwaiting  2 × heard → t\n.*\/readyz and the log\.\n$/,
  );
  const rows: unknown = JSON.parse((await queue("list", "--waiting", "--json")).out);
  expect(rows).toEqual([{ state: "waiting", kind: "heard", target: "t", count: 2 }]);
});

test("the number of ours that no line lists is told whole, the contact's by its last digits, unless it is asked for", async () => {
  const party = (number: string) => ({ number, wire: number });
  const event = {
    kind: "text-in",
    extension: 7,
    did: party("+12015550100"),
    contact: party("+12015550123"),
    text: "Hi",
  };
  const work = { kind: "unmatched", event, at: 1, message: "m1" as MessageId } as const;
  const { queue } = await queueOn(async (tx) => {
    const reason = `${unmatchedReason(work.event)} Not of +12015550123.`;
    await tx.queue.addAside({ ...delivery("a", "one"), work: work as Unmatched }, "set-aside", reason);
  });
  const { out } = await queue("list");
  expect(out).toContain("No line of the config lists extension 7 with the number +12015550100. Add it");
  expect(out).not.toContain("0123");
  expect(out.split("…23")).toHaveLength(3);
  const [row] = JSON.parse((await queue("list", "--json")).out) as { reason: string }[];
  expect(row?.reason).toContain("+12015550100");
  expect((await queue("list", "--full")).out.split("+12015550123")).toHaveLength(3);
});

test("a number of nothing is told, beside what the others did", async () => {
  const queue = await queueOfThree();
  expect(await queue("retry", "1", "99")).toEqual({
    code: 1,
    out: "1 will be tried again\n",
    err: "99: nothing with this number is set aside. See: queue list\n",
  });
});

test("a text that the PBX took and that then failed is sent anew: what the PBX has of it stays known as the former one", async () => {
  const { store, queue } = await queueOn(async (tx) => {
    const digest = digestOf("Hi", "k");
    const entry = { id: "m1.000", message: "m1" as MessageId, conversation: "7/a/b" as ConversationId, digest };
    await tx.ledger.add({
      ...entry,
      ...{ direction: "out", at: 1, status: "failed", echoed: true, calls: 1 },
      pbxId: "p1",
    });
    const work = {
      kind: "text",
      conversation: entry.conversation,
      part: entry.id,
      text: "Hi",
      author: "Eve",
      copyTo: [],
    } as const;
    const text = { key: entry.id, lane: "l", target: "pbx:7", urgency: 0, message: entry.message, work } as const;
    await tx.queue.addAside(text, "set-aside", "It failed.");
  });
  expect((await queue("retry", "1")).out).toBe("1 will be tried again\n");
  const told = await store(async ({ ledger }) => [await ledger.get("m1.000"), ...(await ledger.withPbxIds(7, ["p1"]))]);
  expect(told).toMatchObject([
    { status: "queued", echoed: false },
    { status: "failed", echoed: true, calls: 1 },
  ]);
  expect(told[0]?.pbxId).toBeUndefined();
  expect(told[1]?.id).not.toBe("m1.000");
});

test.each(["retry", "discard"])("the parts of a long text are decided on together: %s", async (name) => {
  const { store, queue } = await queueOn(async (tx) => {
    for (const part of ["m1.000", "m1.001"]) {
      const work = {
        kind: "text",
        conversation: "7/a/b" as ConversationId,
        part,
        text: "Hi",
        author: "Eve",
        copyTo: [],
      };
      const about = { lane: "l", target: "pbx:7", urgency: 0, message: "m1" as MessageId } as const;
      await tx.queue.addAside({ key: part, ...about, work: work as TextOut }, "set-aside", "It failed.");
    }
  });
  const done = name === "retry" ? "will be tried again" : "was discarded";
  expect(await queue(name, "2", "1")).toEqual({ code: 0, out: `1 ${done}\n2 ${done}\n`, err: "" });
  const left = await store(async (tx) => tx.queue.ofMessage("m1" as MessageId));
  expect(left.map(({ state }) => state)).toEqual(name === "retry" ? ["waiting", "waiting"] : []);
});
