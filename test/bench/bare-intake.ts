/**
 * What the bridge's intake is measured against: node:http and nothing else, the events of one turn of the event loop in one
 * transaction that is on disk before they are answered. `rows`: each event's bytes as one row of a table without an index, or the
 * same rows in the same tables as the bridge makes of it.
 */
import Database from "libsql";
import { SCHEMA } from "../../src/store/schema.js";
import { givenOptions } from "./child.js";
import { bodyOf, listen } from "./listen.js";
import { CHANNEL } from "./setting.js";

export type Rows = "one" | "same";

const { file, rows } = givenOptions() as { file: string; rows: Rows };
const database = new Database(file);
database.pragma("journal_mode = wal");
database.pragma("synchronous = full");
const store = { one: oneRow, same: sameRows }[rows]();
const begin = database.prepare("begin immediate");
const commit = database.prepare("commit");

let waiting: { readonly body: string; answer(): void }[] = [];

function flush(): void {
  const batch = waiting;
  waiting = [];
  begin.run();
  for (const { body } of batch) store(body, Date.now());
  commit.run();
  for (const { answer } of batch) answer();
}

listen((request, response) =>
  bodyOf(request, (body) => {
    if (waiting.length === 0) setImmediate(flush);
    waiting.push({ body, answer: () => response.end("ok") });
  }),
);

type StoreEvent = (body: string, now: number) => void;

function oneRow(): StoreEvent {
  database.exec("create table events (id integer primary key, at integer not null, body text not null)");
  const insert = database.prepare("insert into events (at, body) values (?, ?)");
  return (body, now) => void insert.run([now, body]);
}

/** Nothing is read, decided or looked up: contacts take turns as in the load, and the body stands for what would be made of it. */
function sameRows(): StoreEvent {
  database.pragma("secure_delete = on");
  database.exec(SCHEMA);
  const entry = database.prepare(
    "insert into ledger (id, conversation, direction, digest, at, status, echoed) values (?, ?, ?, ?, ?, ?, ?)",
  );
  const delivery = database.prepare(
    `insert into deliveries (key, lane, target, urgency, kind, message, body, state, due_at, created_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const lane = database.prepare(
    `insert into lanes (lane, target, urgency, head, due_at) values (?, ?, ?, last_insert_rowid(), ?)
     on conflict (lane) do nothing`,
  );
  const target = `slack:${CHANNEL}`;
  let serial = 0;
  return (body, now) => {
    serial += 1;
    const message = `m${now.toString(32)}${String(serial).padStart(11, "0")}`;
    const conversation = `1234/+12015550100/+1${2_025_550_000 + (serial % 200)}`;
    const laneName = `${conversation}>${target}`;
    entry.run([`${message}.000`, conversation, "in", message, now, "taken", 1]);
    delivery.run([`${message}.0>${target}`, laneName, target, 1, "post", message, body + body, "waiting", now, now]);
    lane.run([laneName, target, 1, now]);
  };
}
