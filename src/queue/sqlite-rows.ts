/** The queue's rows: read as deliveries, and those of a lane in their order. */
import type { MessageId } from "../message.js";
import type { Row, Sql } from "../store/sql.js";
import type { Aside, Batch, Delivery, Join, NewDelivery } from "./port.js";
import { readWork } from "./work.js";

/** How many waiting deliveries of a lane are looked at for joining. */
export const LOOK_AHEAD = 50;

/**
 * The oldest waiting deliveries of a lane, span by span of the index from its head on, so in their order. A span is as wide as in the
 * schema: there it keeps what is added now together on the disk.
 */
const WAITING = `
  with recursive spans (span) as (
    select max(head, cast(? as integer)) / 1024 from lanes where lane = ?
    union all select span + 1 from spans where span < (select max(id) / 1024 from deliveries)
  )
  select deliveries.* from spans cross join deliveries
  where id / 1024 = span and deliveries.lane = ? and id > ? and state = 'waiting' limit ?`;

/** `after`: only what has a greater id. */
export function waitingIn(sql: Sql, lane: string, limit: number, after = 0): Row[] {
  return sql.all(WAITING, [after, lane, lane, after, limit]);
}

/** As a limit of rows. */
export const EVERY = -1;

/** What of the lane waits or is held, oldest first. The held ones are told apart within what `deliveries_aside_by_lane` holds. */
export function inLane(sql: Sql, lane: string, after = 0): Delivery[] {
  const held = `select * from deliveries
    where lane = ? and state in ('set-aside', 'held') and state = 'held' and id > ?`;
  return [...waitingIn(sql, lane, EVERY, after), ...sql.all(held, [lane, after])]
    .map(toDelivery)
    .toSorted((a, b) => a.id - b.id);
}

export function batchOf(rows: readonly Row[], now: number, join: Join): Batch | undefined {
  const [first, ...rest] = leading(rows, (row) => Number(row["due_at"]) <= now).map(toDelivery);
  if (first === undefined) return undefined;
  // What was attempted together is repeated together, or a lookup of the attempt would not mean the same texts.
  const together = [first, ...leading(rest, ({ attempt }) => attempt === first.attempt)];
  const count = first.attempt === undefined ? Math.max(1, join(together)) : together.length;
  return [first, ...together.slice(1, count)];
}

/** Up to the first that does not fit: nothing may be overtaken. */
export function leading<T>(items: readonly T[], fits: (item: T) => boolean): T[] {
  const end = items.findIndex((item) => !fits(item));
  return end === -1 ? [...items] : items.slice(0, end);
}

export function toDelivery(row: Row): Delivery {
  return {
    id: Number(row["id"]),
    number: Number(row["number"] ?? row["id"]),
    key: String(row["key"]),
    lane: String(row["lane"]),
    target: String(row["target"]),
    message: text(row, "message") as MessageId | undefined,
    work: readWork(String(row["body"])),
    createdAt: Number(row["created_at"]),
    attempts: Number(row["attempts"]),
    firstAttemptAt: row["first_attempt_at"] === null ? undefined : Number(row["first_attempt_at"]),
    attempt: text(row, "attempt"),
    uncertain: row["uncertain"] === 1,
  };
}

export function text(row: Row | undefined, column: string): string | undefined {
  const value = row?.[column];
  return typeof value === "string" ? value : undefined;
}

export function asideState(row: Row): Aside["state"] {
  return row["state"] === "held" ? "held" : "set-aside";
}

export function urgencyOf(row: Row): NewDelivery["urgency"] {
  return row["urgency"] === 0 ? 0 : row["urgency"] === 1 ? 1 : 2;
}
