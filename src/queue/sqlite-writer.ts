/** The queue's writing side on SQLite. See `store/schema.ts` for the tables. */
import type { Row, Sql } from "../store/sql.js";
import type { Delivery, NewDelivery, QueueWriter, State } from "./port.js";
import { holdLease, type Lease } from "./sqlite-lease.js";
import { EVERY, inLane, leading, LOOK_AHEAD, text, toDelivery, urgencyOf, waitingIn } from "./sqlite-rows.js";
import { writeWork } from "./work.js";

export interface WriterDeps {
  /** Epoch ms. */
  now(): number;
  readonly lease: Lease;
  /** Is told every target that has something new to do. */
  touch(target: string): void;
  /** As of the file. */
  generation(): number;
}

export function sqliteQueueWriter(sql: Sql, { now, lease, touch, generation }: WriterDeps): QueueWriter {
  const idle = createIdle(generation, (target) => !has(sql, "select 1 from lanes where target = ? limit 1", target));
  const insert = (delivery: NewDelivery, dueAt: number, state: State, reason: string | null): boolean => {
    const { key, lane, target, urgency, message, work } = delivery;
    const added = sql.run(
      `insert into deliveries (key, lane, target, urgency, kind, message, body, state, due_at, created_at, reason)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (key) do nothing`,
      [key, lane, target, urgency, work.kind, message ?? null, writeWork(work), state, dueAt, now(), reason],
    );
    return added > 0;
  };
  const enter = (lane: string, target: string, urgency: number, dueAt: number): void => {
    idle.forget(target);
    sql.run(
      `insert into lanes (lane, target, urgency, head, due_at) values (?, ?, ?, last_insert_rowid(), ?)
       on conflict (lane) do nothing`,
      [lane, target, urgency, dueAt],
    );
    touch(target);
  };
  const add = (delivery: NewDelivery): boolean => {
    const { lane, target, urgency, dueAt = now() } = delivery;
    if (!insert(delivery, dueAt, "waiting", null)) return false;
    enter(lane, target, urgency, dueAt);
    return true;
  };
  /** Makes the lane's oldest waiting delivery its head. Gives its target; undefined: nothing waits, the lane is gone. */
  const settle = (lane: string): string | undefined => {
    const [head] = waitingIn(sql, lane, 1);
    if (head === undefined) sql.run("delete from lanes where lane = ?", [lane]);
    else
      sql.run("update lanes set head = ?, due_at = ? where lane = ?", [
        head["id"] ?? null,
        head["due_at"] ?? null,
        lane,
      ]);
    return text(head, "target");
  };
  const leave = (lane: string): void => {
    const target = settle(lane);
    if (target !== undefined) touch(target);
  };
  const find = (key: string): Row | undefined => sql.get("select * from deliveries where key = ?", [key]);
  const remove = (row: Row): void => {
    sql.run("delete from deliveries where id = ?", [row["id"] ?? null]);
    if (row["state"] === "waiting") leave(String(row["lane"]));
  };
  const isAside = (row: Row | undefined): row is Row => row?.["state"] === "set-aside" || row?.["state"] === "held";
  const gaveUp = (row: Row): boolean => row["state"] === "set-aside";
  const isFresh = (row: Row | undefined): row is Row => row?.["state"] === "waiting" && row["attempt"] === null;
  const isAsRead = ({ id, attempts, work }: Delivery): boolean =>
    sql.get("select id from deliveries where id = ? and state = 'waiting' and attempts = ? and body = ?", [
      id,
      attempts,
      writeWork(work),
    ]) !== undefined;

  return {
    add: async (delivery) => add(delivery),
    async replace(delivery) {
      const aside = sql.all("select * from deliveries where lane = ? and state in ('set-aside', 'held')", [
        delivery.lane,
      ]);
      const stale = [...waitingIn(sql, delivery.lane, EVERY).filter(isFresh), ...aside.filter(gaveUp)];
      for (const row of stale) remove(row);
      add(delivery);
    },
    addAside: async (delivery, state, reason) => insert(delivery, delivery.dueAt ?? now(), state, reason),
    async begin(batch, at) {
      const [first] = batch;
      // Whoever worked it since it was read knows more of it than this batch tells.
      if (!batch.every(isAsRead) || !holdLease(sql, lease, first.target, at)) return false;
      for (const { id } of batch)
        sql.run(
          `update deliveries set attempts = attempts + 1, attempt = ?, uncertain = 1,
           first_attempt_at = coalesce(first_attempt_at, ?) where id = ?`,
          [first.attempt ?? first.key, at, id],
        );
      return true;
    },
    async putOff(batch, dueAt) {
      if (!batch.every(isAsRead)) return;
      for (const { id } of batch) sql.run("update deliveries set due_at = ? where id = ?", [dueAt, id]);
      settle(batch[0].lane);
    },
    async finish(batch, keepUntil) {
      for (const { id } of batch) {
        // What was set aside while it was under way stays aside.
        if (keepUntil === undefined) sql.run("delete from deliveries where id = ? and state = 'waiting'", [id]);
        else
          sql.run(
            "update deliveries set state = 'done', uncertain = 0, keep_until = ? where id = ? and state = 'waiting'",
            [keepUntil, id],
          );
      }
      leave(batch[0].lane);
    },
    async postpone(batch, dueAt, uncertain) {
      const unknown = uncertain ? 1 : 0;
      for (const { id } of batch)
        sql.run(
          `update deliveries set due_at = ?, uncertain = ?, attempt = iif(?, attempt, null)
           where id = ? and state = 'waiting'`,
          [dueAt, unknown, unknown, id],
        );
      settle(batch[0].lane);
    },
    isErased: async (batch) =>
      batch.every(({ id }) => sql.get("select 1 from deliveries where id = ?", [id]) === undefined),
    async hasten(lane, at) {
      // All that was attempted together, so that it is repeated together.
      const tried = leading(waitingIn(sql, lane, LOOK_AHEAD), (row) => Number(row["attempts"]) > 0);
      for (const row of tried)
        sql.run("update deliveries set due_at = ? where id = ? and due_at > ?", [at, row["id"] ?? null, at]);
      if (tried.length > 0) leave(lane);
    },
    async setAside(key, reason, uncertain = false) {
      const row = find(key);
      if (row === undefined) return false;
      // What surely did not leave can be taken back and changed like what was never tried. What is done did leave.
      const untried = !uncertain && row["state"] === "waiting";
      sql.run(
        `update deliveries set state = 'set-aside', reason = ?, keep_until = null, uncertain = ?, attempt = iif(?, null, attempt)
         where id = ?`,
        [reason, uncertain ? 1 : 0, untried ? 1 : 0, row["id"] ?? null],
      );
      if (row["state"] === "waiting") leave(String(row["lane"]));
      return true;
    },
    async revive(key, at) {
      const row = find(key);
      if (!isAside(row)) return false;
      const { id, number, lane, target, message, work, uncertain, attempt, firstAttemptAt } = toDelivery(row);
      sql.run("delete from deliveries where id = ?", [id]);
      const about = message === undefined ? {} : { message };
      add({ key, lane, target, urgency: urgencyOf(row), ...about, work, dueAt: at });
      sql.run("update deliveries set number = ? where key = ?", [number, key]);
      if (uncertain)
        sql.run("update deliveries set uncertain = 1, attempt = ?, first_attempt_at = ? where key = ?", [
          attempt ?? null,
          firstAttemptAt ?? null,
          key,
        ]);
      return true;
    },
    async withdraw(key) {
      const row = find(key);
      if (!isAside(row) && !isFresh(row)) return false;
      remove(row);
      return true;
    },
    async erase(key) {
      const row = find(key);
      if (row !== undefined) remove(row);
      return row !== undefined;
    },
    async revise(key, work) {
      const row = find(key);
      if (!isFresh(row)) return false;
      sql.run("update deliveries set body = ? where id = ?", [writeWork(work), row["id"] ?? null]);
      return true;
    },
    async behind(key) {
      const row = find(key);
      if (row?.["state"] !== "waiting") return [];
      const waiting = waitingIn(sql, String(row["lane"]), EVERY).map((each) => String(each["key"]));
      return waiting.slice(waiting.indexOf(key) + 1);
    },
    isStill: async ({ id, state }) =>
      sql.get("select 1 from deliveries where id = ? and state = ?", [id, state]) !== undefined,
    async putLast(key) {
      const row = find(key);
      if (!isFresh(row)) return;
      // As an insert would, so that no later one gets the same id.
      sql.run("update sqlite_sequence set seq = seq + 1 where name = 'deliveries'");
      sql.run(
        `update deliveries set number = coalesce(number, id), id = (select seq from sqlite_sequence where name = 'deliveries')
         where id = ?`,
        [row["id"] ?? null],
      );
      leave(String(row["lane"]));
    },
    ofMessage: async (message) =>
      sql
        .all("select * from deliveries where key > ? and key < ? order by id", [`${message}.`, `${message}/`])
        .map((row) => ({ ...toDelivery(row), state: String(row["state"]) as State, reason: text(row, "reason") })),
    waits: async (lane, target) => !idle.has(target) && has(sql, "select 1 from lanes where lane = ?", lane),
    inLane: async (lane) => inLane(sql, lane),
    async release() {
      sql.run("delete from leases where owner = ?", [lease.owner]);
    },
  };
}

function has(sql: Sql, select: string, value: string): boolean {
  return sql.get(select, [value]) !== undefined;
}

/** Targets for which nothing waits, so that it is asked once in a transaction and not with every text. */
function createIdle(generation: () => number, isIdle: (target: string) => boolean) {
  const idle = new Set<string>();
  let known = generation();
  return {
    has(target: string): boolean {
      if (known !== generation()) idle.clear();
      known = generation();
      if (!idle.has(target) && isIdle(target)) idle.add(target);
      return idle.has(target);
    },
    forget: (target: string) => void idle.delete(target),
  };
}
