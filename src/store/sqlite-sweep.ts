/**
 * Removes what has passed its time, a few rows with each commit: what comes in meanwhile shares those commits and waits for none
 * that is long. The room that becomes free is used again, and given back to the disk where there is much of it.
 */
import type { RetentionConfig } from "../config.js";
import { faultPoint } from "../fault-point.js";
import type { Swept } from "./port.js";
import { emptyLog } from "./sqlite-log.js";
import type { SqliteFile } from "./sqlite.js";

const DAY_MS = 24 * 3_600_000;
/** A commit with so many deletions takes about a millisecond beside its fsync. */
const STEP_ROWS = 50;
const STEP_PAGES = 16;
/** Free pages that are left for what comes next: 2 MB. */
const SPARE_PAGES = 512;
/** A post may wait so long for its platform, and needs its conversation then. */
const LONGEST_WAIT_MS = 8 * DAY_MS;

const STEPS: Readonly<Record<keyof Swept, string>> = {
  texts: `delete from deliveries where id in (
    select id from deliveries where state = 'done' and keep_until <= ? limit ${STEP_ROWS})`,
  // The oldest come first, so a look at these few tells whether there is anything to do. They were set aside when they were last due.
  aside: `delete from deliveries where id in (
    select id from (
      select id, max(created_at, due_at) as aside_at from deliveries where state in ('set-aside', 'held') order by id limit ${STEP_ROWS}
    ) where aside_at <= ?)`,
  // The keys of a message's deliveries begin with its id: an entry stays while one of them may still be worked or retried.
  ledger: `delete from ledger where id in (
    select id from ledger as entry where at <= ? and not exists (
      select 1 from deliveries
      where key > substr(entry.id, 1, instr(entry.id, '.')) and key < substr(entry.id, 1, instr(entry.id, '.') - 1) || '/')
    order by at limit ${STEP_ROWS})`,
  conversations: `delete from conversations where id in (
    select id from conversations as one where at <= ?
      and not exists (select 1 from ledger where conversation = one.id and direction = 'out')
      and not exists (select 1 from lanes where lane > one.id || '>' and lane < one.id || '?')
    order by at limit ${STEP_ROWS})`,
  links: `delete from links where (namespace, key) in (
    select namespace, key from links where expires_at <= ? limit ${STEP_ROWS})`,
  seen: `delete from seen where key in (select key from seen where at <= ? limit ${STEP_ROWS})`,
};

/** `now`: epoch ms. Ends early, between two steps, once `signal` is aborted. Rejects with `StoreUnavailable`. */
export async function sweep(
  file: SqliteFile,
  { asideDays, ledgerDays, linkDays, seenDays }: RetentionConfig,
  now: number,
  signal?: AbortSignal,
): Promise<Swept> {
  const remove = async (what: keyof Swept, before: number): Promise<number> => {
    for (let removed = 0; ;) {
      if (signal?.aborted === true) return removed;
      const step = await file.commit((within) => within.run(STEPS[what], [before]));
      removed += step;
      faultPoint("sweep");
      if (step < STEP_ROWS) return removed;
    }
  };
  const swept = {
    texts: await remove("texts", now),
    aside: await remove("aside", now - asideDays * DAY_MS),
    ledger: await remove("ledger", now - ledgerDays * DAY_MS),
    conversations: await remove("conversations", now - linkDays * DAY_MS - LONGEST_WAIT_MS),
    links: await remove("links", now),
    seen: await remove("seen", now - seenDays * DAY_MS),
  };
  await giveBack(file, signal);
  emptyLog(file.sql);
  return swept;
}

async function giveBack(file: SqliteFile, signal?: AbortSignal): Promise<void> {
  const free = (): number => Number(file.sql.get("pragma freelist_count")?.["freelist_count"] ?? 0);
  for (let left = free(); left > SPARE_PAGES && signal?.aborted !== true;) {
    await file.commit((within) => void within.all(`pragma incremental_vacuum(${STEP_PAGES})`));
    const now = free();
    if (now >= left) return;
    left = now;
  }
}
