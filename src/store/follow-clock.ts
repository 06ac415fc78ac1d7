/**
 * The wall clock of the machine may be put right, or wrong, by hours or years. Stored times follow it, so that nothing waits, ends or
 * is forgotten because of that. Where it cannot be known how a time is meant, it is moved so that more is tried, kept and looked for.
 * Doing this twice, as two processes on one file may, errs to the same side.
 */
import type { Sql } from "./sql.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** `now`: by the clock as it is since it jumped by `jumpedMs`. `leaseMs`: as leases last. */
export function followClock(sql: Sql, now: number, jumpedMs: number, leaseMs: number): void {
  if (jumpedMs < 0) back(sql, now, -jumpedMs, leaseMs);
  if (jumpedMs > 0) forth(sql, now, jumpedMs);
}

function back(sql: Sql, now: number, ms: number, leaseMs: number): void {
  // What was due soon would else be due only when the clock gets there again.
  sql.run("update deliveries set due_at = max(?, due_at - ?) where state = 'waiting' and due_at > ?", [now, ms, now]);
  sql.run("update lanes set due_at = max(?, due_at - ?) where due_at > ?", [now, ms, now]);
  // Since when an attempt of unknown outcome is looked for: rather too early than too late, or it would be repeated.
  sql.run("update deliveries set first_attempt_at = first_attempt_at - ? where first_attempt_at is not null", [
    ms + DAY_MS,
  ]);
  sql.run("update deliveries set created_at = created_at - ?, keep_until = keep_until - ? where created_at > ?", [
    ...[ms, ms, now],
  ]);
  // No lease lasts longer; a second process that follows, too, takes nothing more off.
  sql.run("update leases set until = min(until, ?)", [now + leaseMs]);
  sql.run("update ledger set at = at - ? where at > ?", [ms, now]);
  sql.run("update seen set at = at - ? where at > ?", [ms, now]);
}

/** What is due early does no harm. But nothing may be given up or forgotten because it looks old all at once. */
function forth(sql: Sql, now: number, ms: number): void {
  const before = now - ms;
  sql.run("update deliveries set created_at = created_at + ?, keep_until = keep_until + ? where created_at <= ?", [
    ...[ms, ms, before],
  ]);
  sql.run("update leases set until = until + ? where until > ?", [ms, before]);
  if (ms < HOUR_MS) return;
  for (const table of ["ledger", "seen", "conversations"])
    sql.run(`update ${table} set at = at + ? where at <= ?`, [ms, before]);
  sql.run("update links set expires_at = expires_at + ? where expires_at > ?", [ms, before]);
}

/** How far the clock is behind the latest time that was ever stored; 0 unless it is more than a minute. `leaseMs`: as leases last. */
export function clockBehind(sql: Sql, now: number, leaseMs: number): number {
  const latest = sql.get(
    `select max((select coalesce(max(at), 0) from seen), (select coalesce(max(until), 0) - ? from leases),
     (select coalesce(max(created_at), 0) from deliveries where id = (select max(id) from deliveries))) as at`,
    [leaseMs],
  );
  const behind = Number(latest?.["at"]) - now;
  return behind > 60_000 ? behind : 0;
}
