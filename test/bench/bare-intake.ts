/**
 * What the bridge's intake is measured against: node:http and nothing else, each event's bytes one row, those of one turn of the
 * event loop in one transaction that is on disk before they are answered.
 */
import Database from "libsql";
import { bodyOf, listen } from "./listen.js";
import { givenOptions } from "./child.js";

const { file } = givenOptions() as { file: string };
const database = new Database(file);
database.pragma("journal_mode = wal");
database.pragma("synchronous = full");
database.exec("create table events (id integer primary key, at integer not null, body text not null)");
const begin = database.prepare("begin immediate");
const insert = database.prepare("insert into events (at, body) values (?, ?)");
const commit = database.prepare("commit");

let waiting: { readonly body: string; answer(): void }[] = [];

function flush(): void {
  const batch = waiting;
  waiting = [];
  begin.run();
  for (const { body } of batch) insert.run([Date.now(), body]);
  commit.run();
  for (const { answer } of batch) answer();
}

listen((request, response) =>
  bodyOf(request, (body) => {
    if (waiting.length === 0) setImmediate(flush);
    waiting.push({ body, answer: () => response.end("ok") });
  }),
);
