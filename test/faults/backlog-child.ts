/** Run as a process of its own: works with a backlog, and prints what that took. Arguments: the file, and how many deliveries wait. */
import { createLimits } from "../../src/limits.js";
import { realClock } from "../../src/clock.js";
import { createWorker } from "../../src/queue/worker.js";
import { openSqliteFile } from "../../src/store/sqlite.js";
import { storeOn } from "../fixtures/store-on.js";
import { delivery, DONE } from "../fixtures/working.js";

const [path = "", given = "0"] = process.argv.slice(2);
const waiting = Number(given);
const DO = 300;

/** Of this process alone, in ms: how long the machine had it wait does not count. */
function worked(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function fill(): void {
  const file = openSqliteFile(path);
  const { sql } = file;
  const { work } = delivery("k", "l");
  const now = Date.now();
  sql.run("begin");
  // Half of all wait in one lane, as of a contact that texts without end; the others are of many contacts.
  sql.run(
    `with recursive n (i) as (select 1 union all select i + 1 from n where i < ?)
     insert into deliveries (id, key, lane, target, urgency, kind, body, state, due_at, created_at)
     select i, 'key' || i, iif(i > 50 and i % 2, 'long', 'lane' || (i % ?)), 't', 1, 'heard', ?, 'waiting', ?, ? from n`,
    [waiting, Math.ceil(waiting / 4), JSON.stringify({ ...work, pad: "x".repeat(300) }), now, now],
  );
  sql.run(
    `insert into lanes (lane, target, urgency, head, due_at)
     select lane, 't', 1, min(id), min(due_at) from deliveries group by lane`,
  );
  // As in an outage: the oldest lanes wait for their next attempt, and stand before all others.
  sql.run("update lanes set due_at = due_at + 3600000 where head <= 50");
  sql.run("update deliveries set due_at = due_at + 3600000 where id <= 50");
  sql.run("commit");
  void file.close();
}

async function measure(): Promise<object> {
  const startedAt = worked();
  const store = storeOn(openSqliteFile(path), { owner: "child", clock: { now: Date.now() + 1000 }, gone: new Set() });
  const before = process.memoryUsage.rss();
  let mostRss = before;
  let done = 0;
  let firstMs = 0;
  let otherAddedAt = Number.NaN;
  let otherMs = Number.NaN;
  let finished: () => void = () => {};
  const all = new Promise<void>((resolve) => (finished = resolve));
  const worker = createWorker({
    ...{ store, clock: realClock, random: Math.random, limits: createLimits(realClock), join: () => 1 },
    logger: {
      debug() {},
      info() {},
      warn() {},
      error: (fields) => process.stderr.write(`${JSON.stringify(fields)}\n`),
    },
    paceOf: ({ target }) => ({ target, concurrency: 2, rates: [] }),
    doerOf: ({ target }) => ({
      attempt: async () => {
        if (target === "other") otherMs = worked() - otherAddedAt;
        if (done === 0) firstMs = worked() - startedAt;
        done += 1;
        mostRss = Math.max(mostRss, process.memoryUsage.rss());
        if (done === DO) finished();
        return DONE;
      },
    }),
  });
  await worker.start();
  while (done < DO / 2) await new Promise((resolve) => setImmediate(resolve));
  otherAddedAt = worked();
  const other = delivery("other", "other", { target: "other", dueAt: 0 });
  await store.commit(async (tx) => void (await tx.queue.add(other)));
  await all;
  const eachMs = (worked() - startedAt - firstMs) / DO;
  const counted = worked();
  store.queue.counts();
  const countMs = worked() - counted;
  // As a worker that has nothing due asks, each time it is woken.
  const restedAt = worked();
  for (let time = 0; time < 100; time += 1) store.queue.nextDue("t", new Set(["long"]));
  const restMs = worked() - restedAt;
  await worker.stop(1000);
  await store.close();
  return { firstMs, eachMs, otherMs, countMs, restMs, grownMb: (mostRss - before) / 2 ** 20 };
}

fill();
process.stdout.write(JSON.stringify(await measure()));
process.exit(0);
