/** The queue's reading side on SQLite. */
import type { Sql } from "../store/sql.js";
import type { QueueReader } from "./port.js";
import { asideState, batchOf, inLane, LOOK_AHEAD, text, toDelivery, waitingIn } from "./sqlite-rows.js";
import type { Kind } from "./work.js";

export function sqliteQueueReader(sql: Sql): QueueReader {
  return {
    next(target, now, busy, join) {
      const lanes = sql.all("select lane from lanes where target = ? and due_at <= ? order by urgency, head limit ?", [
        target,
        now,
        busy.size + 1,
      ]);
      const lane = lanes.map((row) => String(row["lane"])).find((name) => !busy.has(name));
      return lane === undefined ? undefined : batchOf(waitingIn(sql, lane, LOOK_AHEAD), now, join);
    },
    nextDue(target, busy) {
      const rows = sql.all("select lane, due_at from lanes where target = ? order by due_at limit ?", [
        target,
        busy.size + 1,
      ]);
      const row = rows.find((each) => !busy.has(String(each["lane"])));
      return row === undefined ? undefined : Number(row["due_at"]);
    },
    targets: () =>
      sql
        .all("select target, min(head) as head from lanes group by target")
        .flatMap((row) => sql.all("select * from deliveries where id = ?", [row["head"] ?? null]))
        .map(toDelivery)
        .map((sample) => ({ target: sample.target, sample })),
    begun: (target) =>
      sql
        .all(
          `select deliveries.* from lanes join deliveries on deliveries.id = lanes.head
           where lanes.target = ? and deliveries.attempt is not null`,
          [target],
        )
        .map(toDelivery),
    inLane: (lane, after) => inLane(sql, lane, after),
    aside: (limit = 1000) =>
      sql
        .all("select * from deliveries where state in ('set-aside', 'held') order by id limit ?", [limit])
        .map((row) => ({ ...toDelivery(row), state: asideState(row), reason: text(row, "reason") ?? "" })),
    counts() {
      const waiting = sql
        .all("select target, kind, count(*) as n from deliveries where state = 'waiting' group by target, kind")
        .map((row) => ({ target: String(row["target"]), kind: String(row["kind"]) as Kind, count: Number(row["n"]) }));
      const aside = sql.get("select count(*) as n from deliveries where state in ('set-aside', 'held')");
      return { waiting, aside: Number(aside?.["n"] ?? 0) };
    },
    held: () => Number(sql.get("select count(*) as n from deliveries where state = 'held'")?.["n"] ?? 0),
  };
}
