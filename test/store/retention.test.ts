/** How long things are kept: each time as the config says, from its text to the file. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../../src/config.js";
import type { MessageId, PostId, ThreadId } from "../../src/message.js";
import { openStorage } from "../../src/storage.js";
import { smallest } from "../config/given.js";
import { ANNA, conversationWith, SLACK } from "../fixtures/conversations.js";
import { temporaryFolder } from "../fixtures/folder.js";
import { delivery } from "../fixtures/working.js";

const DAY = 24 * 3_600_000;
const anna = conversationWith(ANNA);

/** What is left so many days after one thing of each kind was written. */
async function leftAfter(days: number): Promise<readonly string[]> {
  const clock = { now: 1_800_000_000_000 };
  const retention = "retention: { seenDays: 2, asideDays: 4, ledgerDays: 6, linkDays: 8 }";
  const config = loadConfig(`${smallest}storage: sqlite:${join(temporaryFolder(), "bridge.db")}\n${retention}\n`, {});
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const storage = await openStorage(config, { logger, now: () => clock.now, secret: () => "secret" });
  const { store, links } = storage;
  const message = "m1" as MessageId;
  const words = { conversation: anna.id, direction: "in", digest: "d" } as const;
  const entry = { id: "m1.000", message, ...words, at: clock.now, status: "taken", echoed: true } as const;
  await store.commit(async (tx) => {
    await tx.firstTime("slack e1");
    await tx.queue.addAside(delivery("a1", "a"), "set-aside", "no such number");
    await tx.ledger.add(entry);
  });
  await links.linkThread(anna.id, SLACK, { thread: "t1" as ThreadId, recap: false });
  await links.linkPost(SLACK, "p1" as PostId, { conversation: anna.id });
  clock.now += days * DAY;
  await store.sweep();
  const left = {
    seen: store.wasTaken("slack e1"),
    aside: store.queue.aside().length > 0,
    ledger: store.conversationsSince(0).length > 0,
    thread: (await links.thread(anna.id, SLACK)) !== undefined,
    post: (await links.post("slack", "p1" as PostId)) !== undefined,
  };
  await storage.close();
  return Object.entries(left).flatMap(([what, isLeft]) => (isLeft ? [what] : []));
}

test("keeps events, what was set aside, the ledger and links as long as retention says, and no longer", async () => {
  const all = ["seen", "aside", "ledger", "thread", "post"];
  expect(await leftAfter(1.9)).toEqual(all);
  expect(await leftAfter(2.1)).toEqual(all.slice(1));
  expect(await leftAfter(4.1)).toEqual(all.slice(2));
  expect(await leftAfter(6.1)).toEqual(all.slice(3));
  expect(await leftAfter(8.1)).toEqual([]);
});
