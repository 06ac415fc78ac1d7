/** Four months of a busy line, on a real file: it must not grow for ever, nor keep a text that should be gone. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { textsOf, type Chats } from "../../src/bridge.js";
import { createIntake } from "../../src/intake.js";
import { createLinks } from "../../src/links.js";
import type { Conversation, Party, PostId, ThreadId } from "../../src/message.js";
import { createMessageIds } from "../../src/message-id.js";
import type { Batch } from "../../src/queue/port.js";
import { openSpace } from "../../src/store/keyv-space.js";
import { createKeyvStore } from "../../src/store/keyv-store.js";
import { openSqliteFile, type SqliteFile } from "../../src/store/sqlite.js";
import { conversationWith, LINE, SALES } from "../fixtures/conversations.js";
import { temporaryFolder } from "../fixtures/folder.js";
import { storeOn } from "../fixtures/store-on.js";

const HOUR = 3_600_000;
const DAYS = 120;
/** How many texts come at once, and how often a day; a third of the contacts comes back, the others never. */
const BURST = 60;
const BURSTS = 4;
/** All texts hold it. */
const MARK = "every text says so";
const TABLES = ["conversations", "ledger", "deliveries", "lanes", "seen", "links"];
const RETENTION = { asideDays: 5, ledgerDays: 10, linkDays: 15, seenDays: 3 };
const KEEP_TEXT_MS = 5 * HOUR;

const chats: Chats = {
  textLimit: () => 1000,
  pace: ({ platform }) => ({ target: `${platform}:x`, concurrency: 1, rates: [] }),
};

function company(path: string) {
  const clock = { now: 1_800_000_000_000 };
  const now = (): number => clock.now;
  const file = openSqliteFile(path);
  // The bytes are the same in the end; waiting for the disk at every step would take an hour.
  file.sql.all("pragma synchronous = off");
  const store = storeOn(file, { owner: "one", clock, gone: new Set(), retention: RETENTION });
  const space = <T>(name: string) => openSpace<T>(createKeyvStore(file, now), name, () => {});
  const links = createLinks(space, { keepDays: RETENTION.linkDays, now });
  let made = 0;
  const newMessageId = createMessageIds(now, (bytes) => {
    const random = Buffer.alloc(bytes);
    random.writeUInt32BE((made += 1), 4);
    return random;
  });
  const lineFor = (extension: number) => (extension === LINE.extension ? LINE : undefined);
  const intake = createIntake({ store, chats, now, newMessageId, lineFor, ownNumber: () => undefined });

  /** As the worker does it, but all lanes at once. */
  const work = async (batch: Batch): Promise<void> => {
    const [{ work: first, message }] = batch;
    if (!(await store.commit((tx) => tx.queue.begin(batch, clock.now)))) throw new Error("a lane was not free");
    if (first.kind === "post") {
      const { conversation, place } = first;
      const known = await links.thread(conversation, place);
      if (known === undefined)
        await links.linkThread(conversation, place, { thread: `thread${(made += 1)}` as ThreadId });
      await links.linkPost(place, `post${(made += 1)}` as PostId, { conversation, ...(message ? { message } : {}) });
    }
    await store.commit((tx) => tx.queue.finish(batch, first.kind === "text" ? clock.now + KEEP_TEXT_MS : undefined));
  };

  const workAll = async (): Promise<void> => {
    for (;;) {
      const busy = new Set<string>();
      const batches: Batch[] = [];
      for (const { target } of store.queue.targets())
        for (let next: Batch | undefined; (next = store.queue.next(target, clock.now, busy, () => 1));) {
          busy.add(next[0].lane);
          batches.push(next);
        }
      if (batches.length === 0) return;
      await Promise.all(batches.map(work));
    }
  };

  const answer = (conversation: Conversation, text: string, held: boolean): Promise<void> =>
    store.commit(async (tx) => {
      const reply = { conversation, message: newMessageId(), author: "Eve", text, copyTo: [], dueAt: clock.now };
      const rules = { notePrefix: "//", undoSeconds: 0, askAfterMinutes: 60, maxTextLength: 1600 };
      for (const each of textsOf(reply, "pbx:7", rules)) {
        if (held) await tx.queue.addAside(each, "held", "It looks like a command.");
        else await tx.queue.add(each);
        const about = { message: reply.message, conversation: conversation.id, direction: "out", digest: "d" } as const;
        await tx.ledger.add({ id: each.key, ...about, at: clock.now, status: "queued", echoed: false });
      }
    });

  return { clock, file, store, intake, workAll, answer };
}

function contactOf(day: number, turn: number, index: number): Party {
  const number =
    index % 3 === 0 ? `+120155510${String(index).padStart(2, "0")}` : `+1202${day * 1000 + turn * 100 + index}`;
  return { number, wire: number };
}

async function burst({ intake, workAll, answer, store }: ReturnType<typeof company>, day: number, turn: number) {
  const text = (what: string, index: number): string =>
    `${MARK}: ${what} ${day}, ${turn}.${index} ${"x".repeat(index * 9)}`;
  const all = Array.from({ length: BURST }, (_, index) => ({ index, contact: contactOf(day, turn, index) }));
  await Promise.all([
    ...all.map(({ index, contact }) =>
      intake.pbx({ kind: "text-in", extension: index === 50 ? 9 : 7, did: SALES, contact, text: text("in", index) }),
    ),
    ...all.map(({ index }) => store.commit((tx) => tx.firstTime(`slack ${day} ${turn} ${index}`))),
  ]);
  await workAll();
  const answered = all.filter(({ index }) => index % 5 === 0 && index !== 50);
  await Promise.all(
    answered.map(({ index, contact }) => answer(conversationWith(contact), text("out", index), index === 20)),
  );
  await workAll();
}

function sizeOf(path: string, { sql }: SqliteFile) {
  const count = (table: string): number => Number(sql.get(`select count(*) as n from ${table}`)?.["n"]);
  const rows = Object.fromEntries(TABLES.map((table) => [table, count(table)]));
  return { file: statSync(path).size, log: statSync(`${path}-wal`).size, rows };
}

/** How many days ago each text came that can be read in these files, tables or not. */
function agesIn(paths: readonly string[], what: string, today: number): number[] {
  const pattern = new RegExp(`${MARK}: ${what} (\\d+)`, "g");
  const days = paths.flatMap((path) =>
    [...readFileSync(path).toString("latin1").matchAll(pattern)].map(([, day]) => day),
  );
  return [...new Set(days)].map((day) => today - Number(day));
}

describe("four months with some hundreds of texts a day", () => {
  it(
    "make a file that stops growing, with a bounded log, and hold no text after its time",
    { timeout: 300_000 },
    async () => {
      const path = join(temporaryFolder(), "bridge.db");
      const here = company(path);
      onTestFinished(() => here.file.close());
      const sizes: ReturnType<typeof sizeOf>[] = [];
      let longestLog = 0;
      for (let day = 0; day < DAYS; day += 1) {
        for (let turn = 0; turn < BURSTS; turn += 1) {
          await burst(here, day, turn);
          longestLog = Math.max(longestLog, statSync(`${path}-wal`).size);
          here.clock.now += (24 / BURSTS) * HOUR;
          await here.store.sweep();
        }
        sizes.push(sizeOf(path, here.file));
      }
      const [early, late] = [sizes[39], sizes.at(-1)];
      if (early === undefined || late === undefined) throw new Error("the time was too short");
      expect(late.file).toBeLessThan(early.file * 1.1);
      for (const table of TABLES) expect(late.rows[table], table).toBeLessThanOrEqual((early.rows[table] ?? 0) * 1.05);
      expect(late.rows["ledger"]).toBeGreaterThan(1000);
      expect(longestLog).toBeLessThan(8_000_000);
      expect(late.log).toBe(0);

      // Of what came in only texts that no line lists are still there, of what went out only held ones: for their days, no more.
      for (const what of ["in", "out"]) {
        const ages = agesIn([path, `${path}-wal`], what, DAYS);
        expect(ages.length).toBeGreaterThan(0);
        expect(Math.max(...ages)).toBeLessThanOrEqual(RETENTION.asideDays);
      }
      for (const { key } of here.store.queue.aside()) await here.store.commit((tx) => tx.queue.withdraw(key));
      await here.store.sweep();
      expect(readFileSync(path).includes(MARK)).toBe(false);
    },
  );
});
