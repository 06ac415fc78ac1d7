/** Who works a target now: a row that runs out unless its owner renews it. */
import type { Sql } from "../store/sql.js";
import { text } from "./sqlite-rows.js";

export interface Lease {
  readonly owner: string;
  readonly ms: number;
  /** Whether another owner surely no longer runs, so that its leases need not be waited for. */
  gone(owner: string): boolean;
}

/** false: somebody else works the target. */
export function holdLease(sql: Sql, lease: Lease, target: string, now: number): boolean {
  const row = sql.get("select owner, until from leases where target = ?", [target]);
  const owner = text(row, "owner");
  const foreign = owner !== undefined && owner !== lease.owner;
  const until = Number(row?.["until"]);
  if (foreign && until > now && !lease.gone(owner)) {
    // By a clock that was ahead. It ends as soon as one that is taken now, unless its owner lives and renews it.
    if (until > now + lease.ms) sql.run("update leases set until = ? where target = ?", [now + lease.ms, target]);
    return false;
  }
  sql.run(
    "insert into leases (target, owner, until) values (?, ?, ?) on conflict (target) do update set owner = excluded.owner, until = excluded.until",
    [target, lease.owner, now + lease.ms],
  );
  return true;
}
